"""Items of a subscription: listed by it, and added, changed and taken out with prorations.

Source: https://docs.stripe.com/api/subscription_items; no event tells of an item, only of its
subscription.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stripe_source.simulator.api.errors import (
    ApiError,
    missing_parameter,
    not_simulated,
    resource_missing,
)
from stripe_source.simulator.api.filters import ANY
from stripe_source.simulator.api.metadata import merged
from stripe_source.simulator.api.registry import Special
from stripe_source.simulator.billing import bills, pending
from stripe_source.simulator.billing.prorations import add_item, change_item, drop_item
from stripe_source.simulator.billing.renewals import ENDED
from stripe_source.simulator.resources.lookup import existing, referenced
from stripe_source.simulator.resources.nesting import embedded
from stripe_source.simulator.types import Json

if TYPE_CHECKING:
    from stripe_source.simulator.store.account import Account
    from stripe_source.simulator.store.ordered import Ordered


@dataclass(frozen=True)
class Wanted:
    """One element of an ``items`` parameter: a price to add, or an item to change or drop."""

    price: str
    quantity: int | None
    item: str | None = None
    deleted: bool = False
    metadata: Json | None = None


def items_of(account: Account, values: Json) -> Ordered:
    """The items of the mandatory ``subscription``, or of that which has the item to read."""
    if "subscription" not in values:
        return embedded(owner_of(account, values["id"])["items"]["data"])
    found = account.find("subscription", values["subscription"])
    if found is None:
        raise resource_missing("subscription", values["subscription"], param="subscription")
    return embedded(found["items"]["data"])


def wanted(
    account: Account,
    given: list[Json],
    subscription: Json | None = None,
    *,
    path: str = "items[{number}][{name}]",
) -> list[Wanted]:
    """The elements, refused before anything is written; ``path`` names a parameter in errors."""
    if subscription and given and subscription["status"] in ENDED:
        raise ApiError(400, "The items of a canceled subscription can't be changed.",
                       code="invalid_canceled_subscription_fields")  # fmt: skip
    found = []
    there = {i["id"]: i for i in subscription["items"]["data"]} if subscription else {}
    left = set(there)
    currency = subscription["currency"] if subscription else None
    for number, each in enumerate(given):
        if each.get("price_data"):
            raise not_simulated(path.format(number=number, name="price_data"))
        item = each.get("id")
        if item is not None and item not in left:
            where = path.format(number=number, name="id")
            raise resource_missing("subscription_item", item, param=where, status=400)
        name = "plan" if each.get("plan") and not each.get("price") else "price"
        price, where = each.get(name), path.format(number=number, name=name)
        if price:
            check_price(account, name, price, where, currency)
        elif item is None:
            raise missing_parameter(where)
        if each.get("deleted"):
            left.discard(item)
        found.append(Wanted(price or there[item]["price"], each.get("quantity"), item,
                            bool(each.get("deleted")), each.get("metadata")))  # fmt: skip
    if there and not left and all(each.item for each in found):
        raise ApiError(400, "A subscription must have at least one active plan.")
    return found


def check_price(
    account: Account, name: str, price_id: str, param: str, currency: str | None
) -> None:
    """A subscription takes active, recurring prices of its currency; each has a plan of its id."""
    referenced(account, name, price_id, param)
    price = account.get("price", price_id)
    if price["recurring"] is None:
        raise ApiError(
            400, "The price specified is set to `type=one_time` but this field only accepts "
            "prices with `type=recurring`.", param=param,
        )  # fmt: skip
    if currency and price["currency"] != currency:
        raise ApiError(400, "All prices on a subscription must have the same currency.",
                       param=param)  # fmt: skip
    if not price["active"]:
        raise ApiError(400, "The price specified is inactive. This field only accepts active "
                       "prices.", param=param)  # fmt: skip


def change(account: Account, subscription: Json, given: list[Wanted], how: Json) -> None:
    """Apply the elements, with prorations unless told otherwise, billed at once where asked."""
    behavior = how.get("proration_behavior", "create_prorations")
    for each in sorted(given, key=lambda each: each.deleted):  # so that one is always left
        if each.item is None:
            add_item(account, subscription, each.price, each.quantity, prorate=behavior != "none")
        elif each.deleted:
            drop_item(account, subscription, each.item, prorate=behavior != "none")
        else:
            change_item(account, subscription, each.item, price_id=each.price,
                        quantity=each.quantity, prorate=behavior != "none")  # fmt: skip
            if each.metadata is not None:
                describe(account, subscription, each.item, each.metadata)
    if given and behavior == "always_invoice":
        lines = pending.take_for(account, subscription)
        if lines:
            bills.bill(account, subscription, lines, "subscription_update")


def describe(account: Account, subscription: Json, item_id: str, metadata: Json) -> None:
    """Change an item's metadata."""
    rows = [
        row | {"metadata": merged(row["metadata"], metadata)} if row["id"] == item_id else row
        for row in subscription["items"]["data"]
    ]
    account.modify(subscription, {"items": {"data": rows}})


def owner_of(account: Account, identifier: str) -> Json:
    """The subscription that has an item."""
    for row in account.home("subscription").ordered:
        if identifier.encode() in (row.stored or b""):
            subscription = account.get("subscription", row.id)
            if any(item["id"] == identifier for item in subscription["items"]["data"]):
                return subscription
    raise resource_missing("subscription_item", identifier)


def shown(subscription: Json, identifier: str) -> Json:
    """The item as it is now."""
    item: Json = next(i for i in subscription["items"]["data"] if i["id"] == identifier)
    return item


def create(account: Account, given: Json) -> Json:
    """Add a price to a subscription."""
    subscription = existing(account, "subscription", given["subscription"], param="subscription")
    before = {item["id"] for item in subscription["items"]["data"]}
    change(account, subscription, wanted(account, [given], subscription, path="{name}"), given)
    made = next(i for i in subscription["items"]["data"] if i["id"] not in before)
    return shown(subscription, made["id"])


def update(account: Account, given: Json, identifier: str) -> Json:
    """Another price, quantity or metadata."""
    subscription = owner_of(account, identifier)
    element = given | {"id": identifier}
    elements = wanted(account, [element], subscription, path="{name}")
    change(account, subscription, elements, given)
    return shown(subscription, identifier)


def delete(account: Account, given: Json, identifier: str) -> Json:
    """Take an item out; the last one stays."""
    subscription = owner_of(account, identifier)
    element = {"id": identifier, "deleted": True}
    change(account, subscription, wanted(account, [element], subscription), given)
    return {"id": identifier, "object": "subscription_item", "deleted": True}


SPECIALS = [
    Special("/v1/subscription_items", filters={"subscription": ANY}, rows=items_of),
]
OPERATIONS = {
    "POST /v1/subscription_items": create,
    "POST /v1/subscription_items/{}": update,
    "DELETE /v1/subscription_items/{}": delete,
}
