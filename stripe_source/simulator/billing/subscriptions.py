"""The life of a subscription: opened, renewed, changed, paused, canceled.

Source: https://docs.stripe.com/billing/subscriptions/overview
"""

from __future__ import annotations

from dataclasses import dataclass, field

from stripe_source.simulator.billing import bills, pending, standing
from stripe_source.simulator.billing.amounts import DAY
from stripe_source.simulator.billing.making import new, stripe_list
from stripe_source.simulator.billing.periods import (
    current_end,
    items_of,
    period_end,
    period_lines,
    usage_lines,
)
from stripe_source.simulator.billing.prorations import credit_unused, make_item
from stripe_source.simulator.billing.renewals import (
    ENDED,
    cancel_due,
    expire_incomplete,
    renews_at,
    trial_will_end,
)
from stripe_source.simulator.shapes import part
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.types import Json

INCOMPLETE_FOR = 23 * 3600
"""A first invoice must be paid within 23 hours."""


@dataclass
class Terms:
    """What a new subscription is to be: (price, quantity) pairs and what departs from the plain.

    ``charged`` False leaves the first invoice for the client to pay.
    """

    items: list[tuple[str, int | None]]
    trial_end: int | None = None
    after_dunning: str = "cancel"
    charged: bool = True
    values: Json = field(default_factory=dict)


def open_subscription(account: Account, customer: Json, terms: Terms) -> Json:
    """A new subscription with its first invoice, paid if the card lets it."""
    now, trial_end = account.clock.now, terms.trial_end
    subscription = new(
        account, "subscription", "sub", customer=customer["id"], start_date=now,
        billing_cycle_anchor=trial_end or now, status="trialing" if trial_end else "incomplete",
        collection_method="charge_automatically", metadata={}, default_tax_rates=[], discounts=[],
        trial_start=now if trial_end else None, trial_end=trial_end,
        billing_mode=part("subscription", "billing_mode", type="flexible"),
        payment_settings=part("subscription", "payment_settings",
                              save_default_payment_method="off"),
        trial_settings=part("subscription", "trial_settings"),
        cancellation_details=part("subscription", "cancellation_details"),
        invoice_settings=part("subscription", "invoice_settings"),
        currency=account.get("price", terms.items[0][0])["currency"],
        test_clock=customer["test_clock"],
    ) | terms.values  # fmt: skip
    add_items(account, subscription, terms)
    if subscription["collection_method"] == "send_invoice" and not trial_end:
        subscription["status"] = "active"
    account.add(subscription, hidden={"after_dunning": terms.after_dunning}, event=None)
    first_invoice(account, subscription, charged=terms.charged)
    renews_at(account, subscription)
    if trial_end:
        account.plan(trial_end - 3 * DAY, trial_will_end, subscription["id"])
    elif subscription["status"] == "incomplete":
        account.plan(now + INCOMPLETE_FOR, expire_incomplete, subscription["id"])
    if subscription["cancel_at"]:
        account.plan(subscription["cancel_at"], cancel_due, subscription["id"])
    return subscription


def add_items(account: Account, subscription: Json, terms: Terms) -> None:
    """The items with their first period."""
    url = f"/v1/subscription_items?subscription={subscription['id']}"
    rows = [make_item(account, subscription["id"], price, quantity)
            for price, quantity in terms.items]  # fmt: skip
    subscription["items"] = stripe_list(rows, url)
    now = account.clock.now
    end = terms.trial_end or period_end(account, rows[0], now, now)
    for item in rows:
        item["current_period_start"], item["current_period_end"] = now, end


def first_invoice(account: Account, subscription: Json, *, charged: bool) -> None:
    """The invoice of the first period, or of a trial's nothing; finalized at once."""
    start, end = account.clock.now, current_end(subscription)
    lines = pending.take_for(account, subscription)
    if not subscription["trial_end"]:
        lines += period_lines(account, subscription, start, end, before=None)
    bills.bill(account, subscription, lines, "subscription_create", event="created",
               charged=charged)  # fmt: skip


def cancel(
    account: Account, subscription: Json, *, invoice_now: bool = False, prorate: bool = False,
    details: Json | None = None, reason: str = "cancellation_requested",
) -> Json:  # fmt: skip
    """Cancel at once, with a credit for the rest of the period and a last invoice where asked."""
    if prorate:
        credit_unused(account, subscription)
    if invoice_now:
        since = items_of(subscription)[0]["current_period_start"]
        lines = usage_lines(account, subscription, since)
        lines += pending.take_for(account, subscription)
        bills.last_bill(account, subscription, lines)
    standing.end_subscription(account, subscription, reason=reason, details=details)
    return subscription


def cancel_running(account: Account, field: str, value: str) -> None:
    """Cancel every subscription whose ``field`` is the value and that has not ended."""
    for subscription in account.where("subscription", field, value):
        if subscription["status"] not in ENDED:
            cancel(account, subscription)


def cancel_later(
    account: Account, subscription: Json, *, at: int | None = None, details: Json | None = None
) -> None:
    """Ask for the end at the end of the period, or at a time."""
    changes: Json = {
        "cancel_at": at or current_end(subscription),
        "cancel_at_period_end": at is None,
        "canceled_at": account.clock.now,
        "cancellation_details": {"reason": "cancellation_requested"} | (details or {}),
    }
    account.modify(subscription, changes)
    if at is not None:
        account.plan(at, cancel_due, subscription["id"])


def keep(account: Account, subscription: Json) -> None:
    """Take a cancellation back."""
    account.modify(subscription, {"cancel_at": None, "cancel_at_period_end": False,
                                  "canceled_at": None,
                                  "cancellation_details": {"reason": None}})  # fmt: skip


def resume(account: Account, subscription: Json) -> None:
    """A paused subscription goes on with a period from now."""
    now = account.clock.now
    end = period_end(account, items_of(subscription)[0], now, now)
    rows = [item | {"current_period_start": now, "current_period_end": end}
            for item in items_of(subscription)]  # fmt: skip
    changes: Json = {"status": "active", "billing_cycle_anchor": now, "items": {"data": rows}}
    account.modify(subscription, changes)
    account.emit("resumed", subscription)
    lines = period_lines(account, subscription, now, end, before=None)
    bills.bill(account, subscription, lines, "subscription_cycle")
    renews_at(account, subscription)
