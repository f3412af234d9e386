"""Changes in mid-period: what is unused is credited, what remains is charged.

Both wait as invoice items for the next invoice, unless they are to be billed at once. Source:
https://docs.stripe.com/billing/subscriptions/prorations (by the second)
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from stripe_source.simulator.billing.amounts import charge_for, rounded
from stripe_source.simulator.billing.lines import pricing
from stripe_source.simulator.billing.making import new
from stripe_source.simulator.billing.periods import is_metered, items_of
from stripe_source.simulator.shapes import part
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.types import Json

BILLED = {"active", "past_due"}
"""A trial or a pause has nothing to prorate."""


def make_item(account: Account, subscription_id: str, price_id: str, quantity: int | None) -> Json:
    """One item; its price and plan are stored as ids and shown whole."""
    price = account.get("price", price_id)
    metered = price["recurring"]["usage_type"] == "metered"
    return new(
        account, "subscription_item", "si", id=account.ids.new("si", 14), price=price_id,
        plan=price_id, subscription=subscription_id, metadata={}, tax_rates=[], discounts=[],
        quantity=None if metered else (1 if quantity is None else quantity),
    )  # fmt: skip


def make_invoice_item(
    account: Account, customer_id: str, amount: int, currency: str, **values: Any
) -> Json:
    """An invoice item that waits for the customer's next invoice."""
    now = account.clock.now
    item = new(
        account, "invoiceitem", "ii", amount=amount, net_amount=amount, date=now, currency=currency,
        customer=customer_id, discountable=True, metadata={}, period={"start": now, "end": now},
        proration=False, quantity=1, discounts=[], tax_rates=[], invoicing_rules=[],
        test_clock=account.get("customer", customer_id)["test_clock"],
    ) | values  # fmt: skip
    item["quantity_decimal"] = str(item["quantity"])
    account.add(item, at=now)
    account.ledger.pending_items.setdefault(customer_id, []).append(item["id"])
    return item


def proration(
    account: Account, subscription: Json, item: Json, price_id: str, quantity: int, *, sign: int
) -> Json | None:
    """The rest of the period at a price: credited (-1) or charged (+1)."""
    now, price = account.clock.now, account.get("price", price_id)
    start, end = item["current_period_start"], item["current_period_end"]
    left = Decimal(max(end - now, 0)) / Decimal(max(end - start, 1))
    amount = sign * rounded(charge_for(price, quantity) * left)
    if not amount:
        return None
    details = part("invoiceitem", "parent.subscription_details",
                   subscription=subscription["id"], subscription_item=item["id"])  # fmt: skip
    word = "Unused" if sign < 0 else "Remaining"
    return make_invoice_item(
        account, subscription["customer"], amount, subscription["currency"], discountable=False,
        description=f"{word} time on {quantity} x {price['nickname'] or 'unit'}", proration=True,
        parent={"subscription_details": details, "type": "subscription_details"},
        period={"start": now, "end": end}, pricing=pricing("invoiceitem", price),
        quantity=quantity,
    )  # fmt: skip


def change_item(
    account: Account, subscription: Json, item_id: str, *, price_id: str | None = None,
    quantity: int | None = None, prorate: bool = True,
) -> None:  # fmt: skip
    """Another price of the same interval or another quantity, from now on."""
    rows = items_of(subscription)
    item = next(row for row in rows if row["id"] == item_id)
    price_id = price_id or item["price"]
    changed = item | {"price": price_id, "plan": price_id}
    metered = is_metered(account, changed)
    given = (each for each in (quantity, item["quantity"], 1) if each is not None)
    changed["quantity"] = None if metered else next(given)
    same = changed["price"] == item["price"] and changed["quantity"] == item["quantity"]
    if prorate and not same and subscription["status"] in BILLED:
        if not is_metered(account, item):
            proration(account, subscription, item, item["price"], item["quantity"], sign=-1)
        if not metered:
            proration(account, subscription, changed, price_id, changed["quantity"], sign=1)
    replaced = [changed if row["id"] == item_id else row for row in rows]
    account.modify(subscription, {"items": {"data": replaced}})


def add_item(
    account: Account, subscription: Json, price_id: str, quantity: int | None, *, prorate: bool
) -> Json:
    """One more item, for the rest of the period."""
    item = make_item(account, subscription["id"], price_id, quantity)
    first = items_of(subscription)[0]
    item["current_period_start"] = first["current_period_start"]
    item["current_period_end"] = first["current_period_end"]
    if prorate and subscription["status"] in BILLED and not is_metered(account, item):
        proration(account, subscription, item, price_id, item["quantity"], sign=1)
    rows = [*items_of(subscription), item]
    account.modify(subscription, {"items": {"data": rows}})
    return item


def drop_item(account: Account, subscription: Json, item_id: str, *, prorate: bool) -> None:
    """One item less, with a credit for the rest of the period."""
    rows = items_of(subscription)
    item = next(row for row in rows if row["id"] == item_id)
    if prorate and subscription["status"] in BILLED and not is_metered(account, item):
        proration(account, subscription, item, item["price"], item["quantity"], sign=-1)
    left = [row for row in rows if row["id"] != item_id]
    account.modify(subscription, {"items": {"data": left}})


def credit_unused(account: Account, subscription: Json) -> None:
    """What is left of the period, as credits."""
    for item in items_of(subscription):
        if not is_metered(account, item):
            proration(account, subscription, item, item["price"], item["quantity"], sign=-1)
