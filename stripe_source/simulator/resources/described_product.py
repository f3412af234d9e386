"""A product that a request describes: its own, a price's or a plan's."""

from __future__ import annotations

from stripe_source.simulator.billing.making import new
from stripe_source.simulator.resources.fields import new_fields
from stripe_source.simulator.resources.lookup import exclusive, must_be_free, referenced
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.types import Json


def new_product(account: Account, given: Json) -> Json:
    """A product as it is before it is stored."""
    if "id" in given:
        must_be_free(account, "product", given["id"])
    values = {"active": True, "type": "service", "updated": account.clock.now}
    return new(account, "product", "prod") | values | new_fields("product", given)


def named_or_new(account: Account, named: str | None, described: Json | None) -> Json | None:
    """The product that is named, or the one that is described, not stored yet."""
    exclusive({"product": named, "product_data": described}, "product", "product_data")
    if described:
        return new_product(account, described)
    return referenced(account, "product", named, "product") if named else None
