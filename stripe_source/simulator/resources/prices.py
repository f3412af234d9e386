"""Prices: never deleted, only made inactive. A recurring one has a plan with the same id."""

from __future__ import annotations

from stripe_source.simulator.api.errors import ApiError
from stripe_source.simulator.api.filters import among
from stripe_source.simulator.api.registry import Special
from stripe_source.simulator.billing.making import new
from stripe_source.simulator.billing.plans import plan_of
from stripe_source.simulator.resources import pricing
from stripe_source.simulator.resources.currencies import currency
from stripe_source.simulator.resources.described_product import named_or_new
from stripe_source.simulator.resources.fields import changed_fields, complete, new_fields
from stripe_source.simulator.resources.lookup import existing, referenced
from stripe_source.simulator.search.fields import METADATA, STRING, TOKEN
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.types import Json

AMOUNTS = ("unit_amount", "unit_amount_decimal", "custom_unit_amount", "tiers")
MIRRORED = ("active", "metadata", "nickname")
"""What a plan shows of its price."""


def create(account: Account, given: Json) -> Json:
    """A price for a product that is there or is described."""
    given = dict(given)
    product = product_of(account, given)
    key, transfer = given.get("lookup_key"), given.pop("transfer_lookup_key", False)
    made = new_price(account, given)
    if key:
        take_key(account, key, made["id"], transfer=transfer)
    return store(account, made, product)


def product_of(account: Account, given: Json) -> Json:
    """The product, not stored yet where it comes as ``product_data``."""
    found = named_or_new(account, given.get("product"), given.pop("product_data", None))
    if found is None:
        raise ApiError(
            400, "You must specify either `product` or `product_data` when creating a price.",
            code="parameter_missing", param="product",
        )  # fmt: skip
    return found


def new_price(account: Account, given: Json) -> Json:
    """The price as it is before it is stored, of no product yet."""
    pricing.check_scheme(given)
    if all(given.get(name) is None for name in AMOUNTS):
        raise ApiError(
            400, "Prices require an `unit_amount` or `unit_amount_decimal` parameter to be set.",
            code="parameter_missing", param="unit_amount",
        )  # fmt: skip
    recurring = given.get("recurring")
    values = {
        "active": True,
        "billing_scheme": "per_unit",
        "tax_behavior": "unspecified",
        "type": "recurring" if recurring else "one_time",
    }
    made = new(account, "price", "price") | values | new_fields("price", given)
    made |= pricing.amounts(given) | {"currency": currency("currency", given["currency"])}
    if recurring:
        made["recurring"] = terms(account, recurring)
    made["currency_options"] = options(made, given.get("currency_options") or {})
    return made


def terms(account: Account, given: Json) -> Json:
    """How often, and by use or not."""
    made: Json = {"interval_count": 1, "usage_type": "licensed"} | given
    pricing.check_interval(made["interval"], made["interval_count"], "recurring[interval_count]")
    if made.get("meter"):
        referenced(account, "billing.meter", made["meter"], "recurring[meter]")
    whole: Json = complete("price", "recurring", made)
    return whole


def options(price: Json, given: Json) -> Json:
    """The price in its own currency and in others."""
    own = {name: price[name] for name in (*AMOUNTS, "tax_behavior")}
    made = {price["currency"]: own}
    for code, option in given.items():
        within = f"currency_options[{code}]"
        behavior = option.get("tax_behavior", price["tax_behavior"])
        made[currency(within, code)] = pricing.amounts(option, within) | {"tax_behavior": behavior}
    return made


def store(account: Account, made: Json, product: Json) -> Json:
    """Keep the price, its plan, and its product where that is new."""
    if account.find("product", product["id"]) is None:
        account.add(product)
    made["product"] = product["id"]
    account.add(made)
    if made["recurring"]:
        account.add(plan_of(account, made))
    return made


def take_key(account: Account, key: str, price_id: str, *, transfer: bool) -> None:
    """A lookup key is one price's; it can be taken from another only on purpose."""
    for other in account.where("price", "lookup_key", key):
        if other["id"] == price_id:
            continue
        if not transfer:
            raise ApiError(
                400, f"A price (`{other['id']}`) already uses that lookup key.", param="lookup_key"
            )
        account.modify(other, {"lookup_key": None})


def update(account: Account, given: Json, identifier: str) -> Json:
    """Amounts stay as they are; the plan follows."""
    price = existing(account, "price", identifier)
    given = dict(given)
    transfer = given.pop("transfer_lookup_key", False)
    if given.get("active") is False:
        check_default(account, price)
    if given.get("tax_behavior", price["tax_behavior"]) != price["tax_behavior"]:
        check_behavior(price)
    if "currency_options" in given:
        given["currency_options"] = changed_options(account, price, given["currency_options"])
    changes = changed_fields(price, given)
    if given.get("lookup_key"):
        take_key(account, given["lookup_key"], identifier, transfer=transfer)
    account.modify(price, changes)
    plan = account.find("plan", identifier)
    if plan:
        account.modify(plan, changed_fields(plan, {k: given[k] for k in MIRRORED if k in given}))
    return price


def changed_options(account: Account, price: Json, given: Json | None) -> Json:
    """The named currencies are replaced; None drops all but the price's own."""
    if given is None:
        account.modify(price, {"currency_options": None}, event=None)
    return options(price, given or {})


def check_default(account: Account, price: Json) -> None:
    """A product's default price stays active."""
    product = account.find("product", price["product"])
    if product and product.get("default_price") == price["id"]:
        raise ApiError(
            400, "This price cannot be archived because it is the default price of its product."
        )


def check_behavior(price: Json) -> None:
    """Once inclusive or exclusive, always so."""
    if price["tax_behavior"] != "unspecified":
        raise ApiError(
            400, "You cannot change `tax_behavior` once it is `inclusive` or `exclusive`.",
            param="tax_behavior",
        )  # fmt: skip


INCLUDES = {"price": {"tiers": None, "currency_options": None}}
SPECIALS = [Special("/v1/prices", filters={"lookup_keys": among("lookup_key")})]
OPERATIONS = {"POST /v1/prices": create, "POST /v1/prices/{}": update}
SEARCH = {
    "price": {
        "active": TOKEN,
        "currency": TOKEN,
        "lookup_key": STRING,
        "metadata": METADATA,
        "product": STRING,
        "type": TOKEN,
    },
}
"""https://docs.stripe.com/search#query-fields-for-prices"""
