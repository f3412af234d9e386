"""Products: a product with any price, even an inactive one, cannot be deleted."""

from __future__ import annotations

from stripe_source.simulator.api.errors import ApiError
from stripe_source.simulator.api.filters import among
from stripe_source.simulator.api.registry import Special
from stripe_source.simulator.resources import prices
from stripe_source.simulator.resources.described_product import new_product
from stripe_source.simulator.resources.fields import changed_fields, differs
from stripe_source.simulator.resources.lookup import existing, referenced
from stripe_source.simulator.search.fields import METADATA, STRING, TOKEN
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.types import Json

LISTS = ("images", "marketing_features")
"""Never null: unset, they are empty."""


def create(account: Account, given: Json) -> Json:
    """A product, with its default price where one is described."""
    given = dict(given)
    described = given.pop("default_price_data", None)
    made = new_product(account, given)
    price = described and prices.new_price(account, described | {"product": made["id"]})
    account.add(made)
    if price:
        prices.store(account, price, made)
        account.modify(made, {"default_price": price["id"]})
    return made


def update(account: Account, given: Json, identifier: str) -> Json:
    """Only a change moves ``updated``."""
    product = existing(account, "product", identifier)
    if given.get("default_price"):
        check_default(account, product, given["default_price"])
    emptied: Json = {name: [] for name in LISTS if given.get(name, ...) is None}
    changes = changed_fields(product, given | emptied)
    if differs(product, changes):
        account.modify(product, changes | {"updated": account.clock.now})
    return product


def check_default(account: Account, product: Json, price_id: str) -> None:
    """A default price is one of the product's own, and active."""
    price = referenced(account, "price", price_id, "default_price")
    if price["product"] != product["id"] or not price["active"]:
        raise ApiError(
            400,
            f"The price `{price_id}` cannot be set as the default price because it does not belong "
            f"to the product `{product['id']}` or is inactive.",
            param="default_price",
        )


def delete(account: Account, given: Json, identifier: str) -> Json:
    """One with a price stays (rule 3.4a of the tests)."""
    product = existing(account, "product", identifier)
    if account.where("price", "product", identifier):
        raise ApiError(
            400, "This product cannot be deleted because it has one or more user-created prices."
        )
    return account.remove(product)


SPECIALS = [Special("/v1/products", filters={"ids": among("id")})]
OPERATIONS = {
    "POST /v1/products": create,
    "POST /v1/products/{}": update,
    "DELETE /v1/products/{}": delete,
}
SEARCH = {
    "product": {
        "active": TOKEN,
        "description": STRING,
        "metadata": METADATA,
        "name": STRING,
        "shippable": TOKEN,
        "url": STRING,
    },
}
"""https://docs.stripe.com/search#query-fields-for-products"""
