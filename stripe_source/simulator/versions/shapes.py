"""What may be expanded in an older version: its shapes, as far as they lead to other objects."""

from __future__ import annotations

from functools import cache
from typing import Any

from stripe_source.simulator.shapes import fields_of, shape
from stripe_source.simulator.types import Json
from stripe_source.simulator.versions.added import added_since
from stripe_source.simulator.versions.releases import VERSIONS

PRICED: Json = {"price?": {"embed": ["price"]}, "plan?": {"embed": ["plan"]}}
TAXES: Json = {"array": {"object": {"tax_rate": {"id": ["tax_rate"]}}}}
DISCOUNT: Json = {"embed": ["discount"]}
REFERENCES: dict[str, dict[str, Json]] = {
    "2025-03-31.basil": {
        "discount": {"coupon": {"embed": ["coupon"]}},
        "promotion_code": {"coupon": {"embed": ["coupon"]}},
    },
    "2024-06-20": {
        "charge": {"invoice?": {"id": ["invoice"]}},
        "credit_note": {"refund?": {"id": ["refund"]}, "tax_amounts": TAXES},
        "credit_note_line_item": {"tax_amounts": TAXES},
        "invoice": {
            "charge?": {"id": ["charge"]},
            "discount?": DISCOUNT,
            "payment_intent?": {"id": ["payment_intent"]},
            "quote?": {"id": ["quote"]},
            "subscription?": {"id": ["subscription"]},
            "total_tax_amounts": TAXES,
            "transfer_data?": {"object": {"destination": {"id": ["account"]}}},
        },
        "invoiceitem": PRICED | {"subscription?": {"id": ["subscription"]}},
        "line_item": PRICED
        | {
            "invoice_item?": {"id": ["invoiceitem"]},
            "subscription_item?": {"id": ["subscription_item"]},
            "tax_amounts": TAXES,
            "tax_rates": {"array": {"embed": ["tax_rate"]}},
        },
        "payment_intent": {"invoice?": {"id": ["invoice"]}},
        "subscription": {"discount?": DISCOUNT},
    },
}
"""What each version had and the next newer one of ours has not, in the notation of shapes.json."""


@cache
def shape_at(name: str, version: str) -> dict[str, tuple[Any, bool]]:
    """Field to (type, may be null) of one object in a version.

    Fields without a reference in them that a newer version took away are left out: nothing asks
    for them here.
    """
    fields = dict(shape(name))
    for step in VERSIONS[1 : VERSIONS.index(version) + 1]:
        for field, inside in added_since(step).get(name, {}).items():
            if inside is None:
                fields.pop(field, None)
        fields |= fields_of(REFERENCES[step].get(name, {}))
    return fields
