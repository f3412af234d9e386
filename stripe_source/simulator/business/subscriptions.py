"""Subscriptions: their items, periods, trials, upgrades and how they end."""

from __future__ import annotations

from dataclasses import dataclass, field

from stripe_source.simulator.business.books import DAY, Books, plus
from stripe_source.simulator.business.customers import make_discount
from stripe_source.simulator.business.invoices import Line, bill, item_lines, proration
from stripe_source.simulator.shapes import part
from stripe_source.simulator.types import Json

ENDINGS = {"active": 58, "canceled": 20, "trialing": 5, "past_due": 4, "unpaid": 2, "incomplete": 2,
           "incomplete_expired": 2, "paused": 2, "canceling": 5}  # fmt: skip


@dataclass
class Course:
    """One subscription on its way to its ending."""

    books: Books
    customer: Json
    subscription: Json
    ending: str
    end_at: int
    upgrade_at: int | None = None
    pending: list[Line] = field(default_factory=list)

    @property
    def items(self) -> list[Json]:
        """The subscription's items."""
        rows: list[Json] = self.subscription["items"]["data"]
        return rows


def subscribe(books: Books, customer: Json, prices: list[Json], ending: str, at: int) -> Json:
    """A subscription from ``at`` to the ending that it is to have now."""
    trial = 14 * DAY if ending == "trialing" or books.rng.random() < 0.2 else 0
    if ending == "trialing":
        at = books.between(books.now - 13 * DAY, books.now - 3600)
    if ending.startswith("incomplete"):
        trial, at = 0, books.between(books.now - 20 * 3600, books.now - 3600)
        at -= 3 * DAY if ending == "incomplete_expired" else 0
    subscription = open_subscription(books, customer, prices, at, trial)
    end_at = books.between(at + 20 * DAY, books.now) if ending == "canceled" else books.now
    course = Course(books, customer, subscription, ending, min(end_at, books.now))
    if ending == "active" and books.rng.random() < 0.3:
        course.upgrade_at = books.between(at + trial + 5 * DAY, books.now)
    run(course, at, trial)
    finish(course)
    return subscription


def open_subscription(
    books: Books, customer: Json, prices: list[Json], at: int, trial: int
) -> Json:
    """The new subscription with its items."""
    first_end = at + trial if trial else period_end(prices[0], at)
    subscription = books.new(
        "subscription", "sub", at, customer=customer["id"], currency=prices[0]["currency"],
        start_date=at, billing_cycle_anchor=at + trial, status="trialing" if trial else "active",
        collection_method="charge_automatically", metadata={"source": "simulator"},
        default_payment_method=customer["invoice_settings"]["default_payment_method"],
        trial_start=at if trial else None, trial_end=at + trial if trial else None,
        billing_mode=part("subscription", "billing_mode", type="flexible"),
        payment_settings=part("subscription", "payment_settings",
                              save_default_payment_method="off"),
        trial_settings=part("subscription", "trial_settings"), default_tax_rates=[],
        cancellation_details=part("subscription", "cancellation_details"),
    )  # fmt: skip
    if customer["tax_exempt"] == "none" and books.rng.random() < 0.3:
        subscription["default_tax_rates"] = [books.tax_rate]
    subscription["items"] = {
        "object": "list",
        "data": [make_item(books, subscription, p, at, first_end) for p in prices],
        "has_more": False,
        "url": f"/v1/subscription_items?subscription={subscription['id']}",
    }
    if books.rng.random() < 0.15:
        coupon = books.rng.choice(books.coupons[:3])
        discount = make_discount(books, coupon, customer, at, subscription=subscription["id"])
        subscription["discounts"] = [discount["id"]]
    return books.keep(subscription, at)


def make_item(books: Books, subscription: Json, price: Json, at: int, end: int) -> Json:
    """One item; price and plan are the catalog's own, so that a change shows everywhere."""
    metered = price["recurring"]["usage_type"] == "metered"
    return books.new(
        "subscription_item", "si", at, id=books.account.ids.new("si", 14), price=price,
        plan=books.account.find("plan", price["id"]), subscription=subscription["id"], metadata={},
        quantity=None if metered else books.rng.choice((1, 1, 1, 2, 5)), tax_rates=[],
        current_period_start=at, current_period_end=end,
    )  # fmt: skip


def period_end(price: Json, at: int) -> int:
    """When the period that starts at ``at`` ends."""
    recurring = price["recurring"]
    return plus(at, recurring["interval"], recurring["interval_count"])


def run(course: Course, at: int, trial: int) -> None:
    """Bill period after period until the end."""
    start, reason = at, "subscription_create"
    if trial:
        bill(course.books, course.customer, [], at, subscription=course.subscription, reason=reason)
        start, reason = at + trial, "subscription_cycle"
        if start > course.end_at:
            return
        course.subscription["status"] = "active"
        course.books.tell("updated", course.subscription, start, {"status": "trialing"})
    while start <= course.end_at:
        end = period_end(course.items[0]["price"], start)
        renew(course, start, end, reason)
        start, reason = end, "subscription_cycle"


def renew(course: Course, start: int, end: int, reason: str) -> None:
    """One period: its invoice, and an upgrade where one falls into it."""
    books, subscription = course.books, course.subscription
    before = [{"current_period_start": i["current_period_start"]} for i in course.items]
    for item in course.items:
        item["current_period_start"], item["current_period_end"] = start, end
    if reason == "subscription_cycle":
        books.tell("updated", subscription, start, {"items": {"data": before}})
    last = end > course.end_at
    lines = [*course.pending, *item_lines(books, course.items, start, end)]
    course.pending = []
    invoice = bill(books, course.customer, lines, start, subscription=subscription, reason=reason,
                   outcome=outcome_of(course.ending) if last else "paid")  # fmt: skip
    subscription["latest_invoice"] = invoice["id"]
    if course.upgrade_at and start < course.upgrade_at < min(end, course.end_at):
        upgrade(course, course.upgrade_at, start, end)


def outcome_of(ending: str) -> str:
    """What becomes of the last invoice."""
    return {"past_due": "open", "unpaid": "open", "incomplete": "open",
            "incomplete_expired": "void"}.get(ending, "paid")  # fmt: skip


def upgrade(course: Course, at: int, start: int, end: int) -> None:
    """A dearer price of the same currency and interval; the rest of the period is prorated."""
    books, item = course.books, course.items[0]
    old = item["price"]
    same = [
        p for p in books.prices
        if p["currency"] == old["currency"] and p["recurring"] == old["recurring"] and p["active"]
        and (p["unit_amount"] or 0) > (old["unit_amount"] or 0)
    ]  # fmt: skip
    if not same or old["unit_amount"] is None:
        return
    new = min(same, key=lambda p: int(p["unit_amount"]))
    left = (end - at) / (end - start)
    course.pending = proration(books, course.customer, item, new, at, end, left)
    item["price"], item["plan"] = new, books.account.find("plan", new["id"])
    books.tell("updated", course.subscription, at, {"items": {"data": [{"price": old["id"]}]}})


def finish(course: Course) -> None:
    """Bring the subscription into its last state."""
    books, subscription, ending = course.books, course.subscription, course.ending
    before = subscription["status"]
    at = course.end_at
    if before == "trialing" and not ending.startswith("cancel"):
        return
    if ending == "canceled":
        details = part("subscription", "cancellation_details", reason="cancellation_requested",
                       feedback=books.rng.choice(("unused", "too_expensive", None)))  # fmt: skip
        subscription.update(status="canceled", canceled_at=at, ended_at=at,
                            cancellation_details=details)  # fmt: skip
        books.tell("deleted", subscription, at)
        return
    if ending == "canceling":
        asked = books.between(course.items[0]["current_period_start"], books.now)
        subscription.update(cancel_at_period_end=True, canceled_at=asked,
                            cancel_at=course.items[0]["current_period_end"])  # fmt: skip
        books.tell("updated", subscription, asked, {"cancel_at_period_end": False})
    elif ending in ("past_due", "unpaid", "incomplete", "incomplete_expired", "paused"):
        subscription["status"] = ending
        at = min(course.items[0]["current_period_start"] + 3600, books.now)
        if ending == "incomplete_expired":
            subscription["ended_at"] = at = min(subscription["created"] + 82800, books.now)
        books.tell("updated", subscription, at, {"status": before})
    if ending == "past_due":
        course.customer["delinquent"] = True
