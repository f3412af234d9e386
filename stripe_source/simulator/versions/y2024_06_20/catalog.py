"""Prices and plans: ``aggregate_usage``.

Basil took it away with usage that is reported without a meter
(https://docs.stripe.com/changelog/basil/2025-03-31/deprecate-legacy-usage-based-billing).
"""

from __future__ import annotations

from stripe_source.simulator.types import Json
from stripe_source.simulator.versions.lookup import Lookup, inner, resolved

PLAN_FIELDS = ("id", "active", "billing_scheme", "created", "currency", "livemode", "metadata",
               "nickname", "product", "tiers_mode")  # fmt: skip
"""What a plan has in common with its price."""


def aggregate_usage(terms: Json) -> str | None:
    """How usage was summed up; the present shape lacks it, so it is Stripe's default, ``sum``.

    With a meter, the meter says it, and the field was null; so it was for licensed prices.
    """
    legacy = terms.get("usage_type") == "metered" and not terms.get("meter")
    return "sum" if legacy else None


def price(obj: Json, _: Lookup) -> Json:
    """``recurring.aggregate_usage``."""
    terms = obj.get("recurring")
    return {"recurring": terms and terms | {"aggregate_usage": aggregate_usage(terms)}}


def plan(obj: Json, _: Lookup) -> Json:
    """``aggregate_usage``."""
    return {"aggregate_usage": aggregate_usage(obj)}


def price_and_plan(obj: Json, lookup: Lookup) -> Json:
    """The whole price behind ``pricing``, and the plan beside it where the price recurs."""
    found = resolved(inner(obj, "pricing", "price_details", "price"), "price", lookup)
    return {"price": found, "plan": found and plan_of(found, lookup)}


def plan_of(found: Json, lookup: Lookup) -> Json | None:
    """A recurring price as a plan: they have the same id."""
    terms = found.get("recurring")
    if not terms:
        return None
    return lookup.find(["plan"], found["id"]) or {
        "object": "plan",
        **{name: found.get(name) for name in PLAN_FIELDS},
        **terms,
        "amount": found.get("unit_amount"),
        "amount_decimal": found.get("unit_amount_decimal"),
        "transform_usage": found.get("transform_quantity"),
    }


CHANGES = {"price": price, "plan": plan}
