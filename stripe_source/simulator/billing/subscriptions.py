"""The life of a subscription: opened, renewed, changed, paused, canceled.

Source: https://docs.stripe.com/billing/subscriptions/overview
"""

from __future__ import annotations

from dataclasses import dataclass, field

from stripe_source.simulator.billing import invoices, pending, standing
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
from stripe_source.simulator.shapes import part
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.store.timeline import task
from stripe_source.simulator.types import Json

INCOMPLETE_FOR = 23 * 3600
"""A first invoice must be paid within 23 hours."""
ENDED = {"canceled", "incomplete_expired"}
UPCOMING = 7 * DAY
"""How long before a renewal ``invoice.upcoming`` tells of it."""


@dataclass
class Terms:
    """What a new subscription is to be: (price, quantity) pairs and what departs from the plain."""

    items: list[tuple[str, int | None]]
    trial_end: int | None = None
    after_dunning: str = "cancel"
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
    first_invoice(account, customer, subscription)
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


def first_invoice(account: Account, customer: Json, subscription: Json) -> None:
    """The invoice of the first period, or of a trial's nothing; finalized at once."""
    start, end = account.clock.now, current_end(subscription)
    lines = pending.take_for(account, subscription)
    if not subscription["trial_end"]:
        lines += period_lines(account, subscription, start, end, before=None)
    bill(account, subscription, lines, "subscription_create", event="created")


def bill(
    account: Account, subscription: Json, lines: list[Json], reason: str, *, event: str = "updated"
) -> Json:
    """An invoice for a subscription, finalized and charged at once.

    The subscription's event tells of its latest invoice.
    """
    customer = account.get("customer", subscription["customer"])
    invoice = invoices.draft(account, customer, lines, subscription=subscription, reason=reason)
    pending.claim(account, invoice)
    account.modify(subscription, {"latest_invoice": invoice["id"]}, event=event)
    invoices.finalize(account, invoice)
    invoices.advance(account, invoice)
    return invoice


def renews_at(account: Account, subscription: Json) -> None:
    """Plan the next renewal, and word of it a week ahead where somebody may still read it."""
    end = current_end(subscription)
    account.plan(end, renew, subscription["id"], end)
    if end - UPCOMING > max(account.clock.now, account.journal.since):
        account.plan(end - UPCOMING, upcoming, subscription["id"], end)


@task
def renew(account: Account, subscription_id: str, planned: int) -> None:
    """The period is over: end, or begin and bill the next one."""
    subscription = account.find("subscription", subscription_id)
    if subscription is None or subscription["status"] in ENDED:
        return
    if current_end(subscription) != planned:
        return
    if subscription["cancel_at_period_end"]:
        end_of_period(account, subscription)
        return
    if subscription["status"] == "trialing" and not end_trial(account, subscription):
        return
    if subscription["status"] not in ("paused", "incomplete"):
        next_period(account, subscription)


def next_period(account: Account, subscription: Json) -> None:
    """Move every item on by one period and draft its invoice."""
    start = current_end(subscription)
    before = items_of(subscription)[0]["current_period_start"]
    anchor = subscription["billing_cycle_anchor"]
    end = period_end(account, items_of(subscription)[0], start, anchor)
    moved = [item | {"current_period_start": start, "current_period_end": end}
             for item in items_of(subscription)]  # fmt: skip
    customer = account.get("customer", subscription["customer"])
    subscription["items"]["data"], old = moved, subscription["items"]["data"]
    trial_over = subscription["trial_end"] == start
    lines = pending.take_for(account, subscription)
    lines += period_lines(account, subscription, start, end, before=None if trial_over else before)
    collected = subscription["status"] != "unpaid" and subscription["pause_collection"] is None
    invoice = invoices.draft(account, customer, lines, subscription=subscription,
                             reason="subscription_cycle", auto_advance=collected)  # fmt: skip
    pending.claim(account, invoice)
    previous = {"items": {"data": old}, "latest_invoice": subscription["latest_invoice"]}
    subscription["latest_invoice"] = invoice["id"]
    account.emit("updated", subscription, previous)
    if collected:
        account.plan(start + invoices.FINALIZED_AFTER, invoices.finalize_due, invoice["id"])
    elif subscription["pause_collection"]:
        pause_behavior(account, subscription, invoice)
    renews_at(account, subscription)


def pause_behavior(account: Account, subscription: Json, invoice: Json) -> None:
    """While collection is paused an invoice stays a draft, or is voided or given up."""
    behavior = subscription["pause_collection"]["behavior"]
    if behavior != "keep_as_draft":
        invoices.finalize(account, invoice)
    if invoice["status"] == "open":
        (invoices.void if behavior == "void" else invoices.give_up)(account, invoice)


def end_trial(account: Account, subscription: Json) -> bool:
    """Active from now on; without a card paused or canceled, where the trial was to end so."""
    customer = account.get("customer", subscription["customer"])
    card = (
        subscription["default_payment_method"]
        or (customer["invoice_settings"]["default_payment_method"])
    )
    behavior = (subscription["trial_settings"] or {}).get("end_behavior") or {}
    wanted = behavior.get("missing_payment_method", "create_invoice")
    if card or wanted not in ("pause", "cancel"):
        account.modify(subscription, {"status": "active"})
        return True
    if wanted == "pause":
        account.modify(subscription, {"status": "paused"})
        account.emit("paused", subscription)
    else:
        standing.end_subscription(account, subscription, reason="cancellation_requested")
    return False


@task
def trial_will_end(account: Account, subscription_id: str) -> None:
    """Three days before a trial ends."""
    subscription = account.find("subscription", subscription_id)
    if subscription and subscription["status"] == "trialing":
        account.emit("trial_will_end", subscription)


@task
def upcoming(account: Account, subscription_id: str, planned: int) -> None:
    """``invoice.upcoming`` carries an invoice that does not exist yet: it has no id."""
    subscription = account.find("subscription", subscription_id)
    if subscription is None or subscription["status"] not in ("active", "trialing"):
        return
    if current_end(subscription) != planned or subscription["cancel_at_period_end"]:
        return
    customer = account.get("customer", subscription["customer"])
    end = period_end(account, items_of(subscription)[0], planned,
                     subscription["billing_cycle_anchor"])  # fmt: skip
    lines = period_lines(account, subscription, planned, end, before=None)
    preview = invoices.draft(account, customer, lines, subscription=subscription,
                             reason="upcoming", event=None)  # fmt: skip
    del preview["id"]
    account.emit("upcoming", preview)


@task
def expire_incomplete(account: Account, subscription_id: str) -> None:
    """The first invoice was not paid in time: it is void and the subscription over."""
    subscription = account.find("subscription", subscription_id)
    if subscription is None or subscription["status"] != "incomplete":
        return
    invoice = account.find("invoice", subscription["latest_invoice"])
    if invoice and invoice["status"] == "open":
        invoices.void(account, invoice)
    changes = {"status": "incomplete_expired", "ended_at": account.clock.now}
    account.modify(subscription, changes)


@task
def cancel_due(account: Account, subscription_id: str) -> None:
    """``cancel_at`` has come."""
    subscription = account.find("subscription", subscription_id)
    if subscription and subscription["status"] not in ENDED:
        at = subscription["cancel_at"]
        if at is not None and at <= account.clock.now:
            end_of_period(account, subscription)


def end_of_period(account: Account, subscription: Json) -> None:
    """Canceled as was asked for before; usage is still billed."""
    last_bill(
        account,
        subscription,
        usage_lines(account, subscription, items_of(subscription)[0]["current_period_start"]),
    )
    details = subscription["cancellation_details"] or {}
    standing.end_subscription(account, subscription, details=details,
                              reason=details.get("reason") or "cancellation_requested")  # fmt: skip


def last_bill(account: Account, subscription: Json, lines: list[Json]) -> None:
    """A final invoice, where there is something to bill."""
    if lines and subscription["status"] in ("active", "past_due"):
        bill(account, subscription, lines, "subscription_cycle")


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
        last_bill(account, subscription, lines)
    standing.end_subscription(account, subscription, reason=reason, details=details)
    return subscription


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
    bill(account, subscription, lines, "subscription_cycle")
    renews_at(account, subscription)
