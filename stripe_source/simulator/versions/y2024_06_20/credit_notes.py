"""Credit notes: one refund, and taxes under their old names."""

from __future__ import annotations

from stripe_source.simulator.types import Json
from stripe_source.simulator.versions.lookup import Lookup
from stripe_source.simulator.versions.y2024_06_20.taxes import excluding_tax, tax_amounts


def credit_note(obj: Json, _: Lookup) -> Json:
    """``refund`` and ``tax_amounts``; the type ``mixed`` was not known.

    A note that is both is told as ``post_payment``: it has a refund. With several refunds the
    first is told; Stripe says nothing of either.
    """
    refunds = obj.get("refunds") or ()
    kind = obj.get("type")
    return {
        "refund": refunds[0].get("refund") if refunds else None,
        "tax_amounts": tax_amounts(obj.get("total_taxes")),
        "type": "post_payment" if kind == "mixed" else kind,
    }


def credit_note_line_item(obj: Json, _: Lookup) -> Json:
    """``tax_amounts`` and the amounts without tax."""
    return {**excluding_tax(obj), "tax_amounts": tax_amounts(obj.get("taxes"))}


CHANGES = {"credit_note": credit_note, "credit_note_line_item": credit_note_line_item}
