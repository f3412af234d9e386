"""The plan beside a recurring price: one id, and what older clients read of it."""

from __future__ import annotations

from stripe_source.simulator.billing.making import new
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.types import Json


def plan_of(account: Account, price: Json) -> Json:
    """The plan that a recurring price is for older clients."""
    recurring = price["recurring"]
    rounds = price["transform_quantity"]
    return new(
        account, "plan", "plan", id=price["id"], amount=price["unit_amount"],
        amount_decimal=price["unit_amount_decimal"], transform_usage=rounds and dict(rounds),
        metadata=dict(price["metadata"]), **recurring,
        **{name: price[name] for name in ("active", "billing_scheme", "currency", "nickname",
                                          "product", "tiers", "tiers_mode")},
    )  # fmt: skip
