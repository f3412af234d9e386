"""Invoice items: ``pricing`` and ``parent`` were fields of the item itself."""

from __future__ import annotations

from decimal import Decimal

from stripe_source.simulator.types import Json
from stripe_source.simulator.versions.lookup import Lookup, inner
from stripe_source.simulator.versions.y2024_06_20.catalog import price_and_plan
from stripe_source.simulator.versions.y2024_06_20.taxes import decimal_text


def invoiceitem(obj: Json, lookup: Lookup) -> Json:
    """All that basil took from an invoice item."""
    origin = inner(obj, "parent", "subscription_details")
    return {
        **price_and_plan(obj, lookup),
        **unit_amount(obj),
        "subscription": inner(origin, "subscription"),
        "subscription_item": inner(origin, "subscription_item"),
    }


def unit_amount(obj: Json) -> Json:
    """The price's amount for one; an item without a price has its own amount.

    ``unit_amount`` is null where it is no whole number of minor units, as a price's is.
    """
    text = inner(obj, "pricing", "unit_amount_decimal")
    quantity = obj.get("quantity")
    if text is None and obj.get("pricing") is None and quantity:
        text = decimal_text(Decimal(obj["amount"]) / quantity)
    whole = text is not None and Decimal(text) % 1 == 0
    return {"unit_amount": int(Decimal(text)) if whole else None, "unit_amount_decimal": text}


CHANGES = {"invoiceitem": invoiceitem}
