"""Coupons at work: discounts come, take something off, and end.

Percent and amount, forever, once or for months, for all products or some; of a customer, a
subscription or one of its items, several at once. Items' discounts come before the invoice's, each
off what the one before has left. Source: https://docs.stripe.com/billing/subscriptions/coupons
"""

from __future__ import annotations

from decimal import Decimal

from stripe_source.simulator.billing import coupons
from stripe_source.simulator.billing.amounts import plus, rounded
from stripe_source.simulator.billing.making import new
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.store.timeline import task
from stripe_source.simulator.types import Json

TERMS = ("percent_off", "amount_off", "duration", "duration_in_months")


def redeem(
    account: Account, coupon: Json, customer: str, *, promotion_code: str | None = None,
    **owner: str | None,
) -> Json:  # fmt: skip
    """A discount; no list has it, and it is more than an id only where it comes expanded."""
    now, months = account.clock.now, coupon["duration_in_months"]
    discount = new(
        account, "discount", "di", customer=customer, start=now, promotion_code=promotion_code,
        end=plus(now, "month", months) if coupon["duration"] == "repeating" else None,
        source={"coupon": coupon["id"], "type": "coupon"},
    ) | owner  # fmt: skip
    terms = {name: coupon[name] for name in TERMS} | {"applies_to": coupon.get("applies_to")}
    account.add(discount, at=now, hidden={"terms": terms})
    coupons.count(account, coupon, promotion_code)
    if discount["end"]:
        account.plan(discount["end"], end, discount["id"])
    return discount


@task
def end(account: Account, discount_id: str) -> None:
    """Take a discount from what has it; invoices keep naming it."""
    discount = account.find("discount", discount_id)
    if discount is None:
        return
    customer = account.find("customer", discount["customer"])
    subscription = account.find("subscription", discount["subscription"])
    ended = False
    if customer is not None and customer["discount"] == discount_id:
        account.modify(customer, {"discount": None})
        ended = True
    if subscription is not None:
        ended = remove_from(account, subscription, discount_id) or ended
    if ended:
        account.emit("deleted", discount)


def remove_from(account: Account, subscription: Json, discount_id: str) -> bool:
    """Take a discount out of a subscription and its items; whether it was there."""
    items = subscription["items"]["data"]
    before = subscription["discounts"]
    changes: Json = {
        "discounts": [each for each in before if each != discount_id],
        "items": {"data": [without(item, discount_id) for item in items]},
    }
    there: bool = changes["discounts"] != before or changes["items"]["data"] != items
    account.modify(subscription, changes)
    return there


def without(item: Json, discount_id: str) -> Json:
    """An item without a discount."""
    return item | {"discounts": [d for d in item["discounts"] if d != discount_id]}


def terms_of(account: Account, discount_id: str) -> Json:
    """What the coupon said when it was redeemed; deleting a coupon ends no discount."""
    hidden = account.home("discount").by_id[discount_id].hidden or {}
    terms: Json = hidden["terms"]
    return terms


def apply(account: Account, lines: list[Json], discounts: list[str]) -> None:
    """Write what each discount takes off into the lines' ``discount_amounts``."""
    left = [max(line["amount"], 0) if line["discountable"] else 0 for line in lines]
    for line in lines:
        line["discount_amounts"] = []
    for index, line in enumerate(lines):
        for discount_id in line["discounts"]:
            if discount_id not in discounts:
                share(account, [line], left, [index], discount_id)
    for discount_id in discounts:
        share(account, lines, left, list(range(len(lines))), discount_id)


def share(
    account: Account, lines: list[Json], left: list[int], indexes: list[int], discount_id: str
) -> None:
    """One discount over the lines that it is for: by percent, or an amount by their share."""
    terms = terms_of(account, discount_id)
    only = (terms["applies_to"] or {}).get("products")
    chosen = [(line, i) for line, i in zip(lines, indexes, strict=True)
              if left[i] > 0 and (only is None or product_of(line) in only)]  # fmt: skip
    total = sum(left[i] for _, i in chosen)
    rest = min(terms["amount_off"] or 0, total)
    for number, (line, i) in enumerate(chosen):
        if terms["percent_off"] is not None:
            off = rounded(Decimal(left[i]) * Decimal(str(terms["percent_off"])) / 100)
        else:
            last = number == len(chosen) - 1
            part = rounded(Decimal(terms["amount_off"]) * left[i] / total)
            off = min(rest if last else part, rest, left[i])
            rest -= off
        if off:
            left[i] -= off
            line["discount_amounts"].append({"amount": off, "discount": discount_id})


def product_of(line: Json) -> str | None:
    """The product that a line charges for."""
    details = (line["pricing"] or {}).get("price_details") or {}
    product: str | None = details.get("product")
    return product


def use_up(account: Account, subscription: Json, invoice: Json) -> None:
    """A ``once`` coupon ends with the first invoice that it took something off."""
    used = [each["discount"] for each in invoice["total_discount_amounts"] if each["amount"]]
    for discount_id in used:
        if terms_of(account, discount_id)["duration"] == "once":
            end(account, discount_id)
