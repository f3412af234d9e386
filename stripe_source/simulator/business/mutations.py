"""Random, plausible changes: what other people do in an account while a client reads it."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TypeAlias

from stripe_source.simulator.billing import (
    discounts,
    invoices,
    payments,
    pending,
    subscriptions,
)
from stripe_source.simulator.billing.aftermath import refund
from stripe_source.simulator.billing.prorations import change_item, make_invoice_item
from stripe_source.simulator.business.customers import make_customer
from stripe_source.simulator.business.people import subscribe
from stripe_source.simulator.business.state import business_of
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.types import Json

Change: TypeAlias = Callable[[Account, random.Random], None]


def mutate(account: Account, count: int) -> None:
    """Make ``count`` changes now; which ones is seeded by the account and what happened before.

    Raises ValueError for an account that was made without customers.
    """
    if account.business is None:
        raise ValueError("an account without customers has nobody who would change it")
    with account.lock:
        rng = business_of(account).rng
        for _ in range(count):
            rng.choices(list(CHANGES), list(CHANGES.values()))[0](account, rng)
        account.catch_up()
        account.settle()


def some(account: Account, rng: random.Random, name: str) -> Json | None:
    """One of the newest 200 objects of a name, or any of them now and then."""
    rows = account.home(name).ordered.rows
    if not rows:
        return None
    recent = rows if rng.random() < 0.3 else rows[-200:]
    return account.get(name, rng.choice(recent).id)


def new_customer(account: Account, rng: random.Random) -> None:
    """Somebody joins and subscribes at once."""
    business = business_of(account)
    business.joined += 1
    customer = make_customer(account, business, account.config.customers + business.joined)
    subscribe(account, customer["id"])


def rename_customer(account: Account, rng: random.Random) -> None:
    """A name and a metadata key change."""
    customer = some(account, rng, "customer")
    if customer is not None:
        number = str(rng.randrange(10**6))
        metadata = dict(customer["metadata"]) | {"changed": number}
        account.modify(customer, {"name": f"Renamed {number}", "metadata": metadata})


def delete_customer(account: Account, rng: random.Random) -> None:
    """A customer goes, its subscriptions first."""
    customer = some(account, rng, "customer")
    if customer is not None:
        subscriptions.cancel_running(account, "customer", customer["id"])
        account.remove(customer)


def requantify(account: Account, rng: random.Random) -> None:
    """A subscription gets more seats."""
    subscription = some(account, rng, "subscription")
    if subscription and subscription["status"] in ("active", "past_due", "trialing"):
        item = rng.choice(subscription["items"]["data"])
        if item["quantity"]:
            change_item(account, subscription, item["id"], quantity=item["quantity"] + 1)


def cancel_one(account: Account, rng: random.Random) -> None:
    """A subscription ends, at once or later."""
    subscription = some(account, rng, "subscription")
    if subscription and subscription["status"] in ("active", "past_due", "trialing"):
        if rng.random() < 0.5:
            subscriptions.cancel(account, subscription)
        else:
            subscriptions.cancel_later(account, subscription)


def refund_one(account: Account, rng: random.Random) -> None:
    """A charge is refunded, whole or in part."""
    charge = some(account, rng, "charge")
    if charge and charge["paid"] and charge["amount_refunded"] < charge["amount"]:
        left = charge["amount"] - charge["amount_refunded"]
        refund(account, charge, left if rng.random() < 0.5 else max(left // 2, 1))


def invoice_one(account: Account, rng: random.Random) -> None:
    """A manual invoice, finalized, and paid if the card lets it."""
    customer = some(account, rng, "customer")
    if customer is not None:
        currency = customer["currency"] or "usd"
        make_invoice_item(account, customer["id"], rng.randrange(100, 9000), currency,
                          description="By hand")  # fmt: skip
        lines = pending.take(account, customer["id"])
        invoice = invoices.draft(account, customer, lines)
        pending.claim(account, invoice)
        invoices.finalize(account, invoice)
        if invoice["status"] == "open" and rng.random() < 0.7:
            payments.collect(account, invoice)


def touch_product(account: Account, rng: random.Random) -> None:
    """A product's description and its ``updated`` change."""
    product = some(account, rng, "product")
    if product is not None:
        text = f"Edition {rng.randrange(10**6)}"
        account.modify(product, {"description": text, "updated": account.clock.now})


def edit_item(account: Account, rng: random.Random) -> None:
    """An invoice item's text changes, for which there is no event."""
    item = some(account, rng, "invoiceitem")
    if item is not None:
        account.modify(item, {"description": f"Edited {rng.randrange(10**6)}"})


def discount_one(account: Account, rng: random.Random) -> None:
    """A customer gets a discount, or loses the one that it has."""
    customer = some(account, rng, "customer")
    if customer is None:
        return
    if customer["discount"]:
        discounts.end(account, customer["discount"])
    else:
        coupon = account.find("coupon", business_of(account).coupons[0])
        if coupon is not None:
            made = discounts.redeem(account, coupon, customer["id"])
            account.modify(customer, {"discount": made["id"]})


CHANGES: dict[Change, int] = {
    new_customer: 4, rename_customer: 8, delete_customer: 1, requantify: 4, cancel_one: 2,
    refund_one: 3, invoice_one: 4, touch_product: 2, edit_item: 2, discount_one: 1,
}  # fmt: skip
"""How often each happens beside the others."""
