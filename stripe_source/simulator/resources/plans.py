"""Plans: the older form of a recurring price. The two have one id and come and go together."""

from __future__ import annotations

from stripe_source.simulator.api.errors import missing_parameter
from stripe_source.simulator.resources import prices
from stripe_source.simulator.resources.described_product import named_or_new
from stripe_source.simulator.resources.fields import changed_fields
from stripe_source.simulator.resources.lookup import existing, must_be_free, referenced
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.types import Json

RECURRING = ("interval", "interval_count", "meter", "trial_period_days", "usage_type")
RENAMED = {
    "amount": "unit_amount",
    "amount_decimal": "unit_amount_decimal",
    "transform_usage": "transform_quantity",
}
"""A plan's names for a price's fields."""


def create(account: Account, given: Json) -> Json:
    """A plan is a recurring price under another name."""
    if "id" in given:
        must_be_free(account, "plan", given["id"])
    named = given.get("product")
    described = named if isinstance(named, dict) else None
    product = named_or_new(account, None if described else named, described)
    if product is None:
        raise missing_parameter("product")
    price = prices.new_price(account, as_price(given | {"product": product["id"]}))
    prices.store(account, price, product)
    return account.get("plan", price["id"])


def as_price(given: Json) -> Json:
    """A plan's parameters as a price's."""
    made = {RENAMED.get(k, k): v for k, v in given.items() if k not in RECURRING}
    terms = {k: given[k] for k in RECURRING if k in given}
    return made | ({"recurring": terms} if terms else {})


def update(account: Account, given: Json, identifier: str) -> Json:
    """The price shows what the plan does."""
    plan = existing(account, "plan", identifier)
    if given.get("product"):
        referenced(account, "product", given["product"], "product")
    account.modify(plan, changed_fields(plan, given))
    price = account.find("price", identifier)
    if price:
        account.modify(price, changed_fields(price, as_price(given)))
    return plan


def delete(account: Account, given: Json, identifier: str) -> Json:
    """The one way for a price to be deleted; subscriptions keep it."""
    plan = existing(account, "plan", identifier)
    price = account.find("price", identifier)
    stub = account.remove(plan)
    if price:
        account.remove(price)
    return stub


INCLUDES = {"plan": {"tiers": None}}
OPERATIONS = {
    "POST /v1/plans": create,
    "POST /v1/plans/{}": update,
    "DELETE /v1/plans/{}": delete,
}
