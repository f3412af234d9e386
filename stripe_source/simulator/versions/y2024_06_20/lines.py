"""Lines of an invoice: ``pricing``, ``parent`` and ``taxes`` were many fields of the line itself.

https://docs.stripe.com/changelog/basil/2025-03-31/adds-new-parent-field-to-invoicing-objects
and .../invoice-pricing-configurations.
"""

from __future__ import annotations

from stripe_source.simulator.types import Json
from stripe_source.simulator.versions.lookup import Lookup
from stripe_source.simulator.versions.y2024_06_20.catalog import price_and_plan
from stripe_source.simulator.versions.y2024_06_20.taxes import (
    excluding_tax,
    tax_amounts,
    tax_rates,
)


def line_item(obj: Json, lookup: Lookup) -> Json:
    """All that basil took from a line."""
    taxes = obj.get("taxes")
    return {
        **price_and_plan(obj, lookup),
        **source(obj),
        **excluding_tax(obj),
        "tax_amounts": tax_amounts(taxes),
        "tax_rates": tax_rates(taxes, lookup),
    }


def source(obj: Json) -> Json:
    """What the line came from; with an invoice item behind it, it was of the type ``invoiceitem``.

    So a proration of a subscription was one too, and named its subscription item as well.
    """
    origin = obj.get("parent") or {}
    details = origin.get("subscription_item_details") or origin.get("invoice_item_details") or {}
    item = details.get("invoice_item")
    return {
        "invoice_item": item,
        "proration": bool(details.get("proration")),
        "proration_details": details.get("proration_details") or {"credited_items": None},
        "subscription": details.get("subscription") or obj.get("subscription"),
        "subscription_item": details.get("subscription_item"),
        "type": "subscription" if origin.get("subscription_item_details") and not item
        else "invoiceitem",
    }  # fmt: skip


CHANGES = {"line_item": line_item}
