"""What falls due in the life of a subscription: renewals, the ends of trials, and its own end.

Source: https://docs.stripe.com/billing/subscriptions/overview
"""

from __future__ import annotations

from stripe_source.simulator.billing import bills, invoices, pending, standing
from stripe_source.simulator.billing.amounts import DAY
from stripe_source.simulator.billing.periods import (
    current_end,
    items_of,
    period_end,
    period_lines,
    usage_lines,
)
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.store.timeline import task
from stripe_source.simulator.types import Json

ENDED = {"canceled", "incomplete_expired"}
UPCOMING = 7 * DAY
"""How long before a renewal ``invoice.upcoming`` tells of it."""


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
    bills.last_bill(
        account,
        subscription,
        usage_lines(account, subscription, items_of(subscription)[0]["current_period_start"]),
    )
    details = subscription["cancellation_details"] or {}
    standing.end_subscription(account, subscription, details=details,
                              reason=details.get("reason") or "cancellation_requested")  # fmt: skip
