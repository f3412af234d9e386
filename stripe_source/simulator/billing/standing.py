"""What paid and unpaid invoices do to a subscription and its customer.

Source: https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses
"""

from __future__ import annotations

from stripe_source.simulator.shapes import part
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.types import Json

RECOVERS = {"incomplete", "past_due", "unpaid"}


def invoice_paid(account: Account, subscription: Json, invoice: Json) -> None:
    """The newest invoice is paid: the subscription is active again."""
    newest = subscription["latest_invoice"] == invoice["id"]
    if subscription["status"] in RECOVERS and newest:
        account.modify(subscription, {"status": "active"})


def invoice_failed(account: Account, subscription: Json, invoice: Json, *, final: bool) -> None:
    """Past due at the first failure; after the last attempt as the subscription's setting says.

    Stripe has one setting for the account; here each subscription has its own, so that all three
    ends occur: ``cancel``, ``unpaid`` and ``past_due``.
    """
    if subscription["status"] == "active":
        account.modify(subscription, {"status": "past_due"})
    if subscription["status"] != "past_due" or not final:
        return
    row = account.home("subscription").by_id[subscription["id"]]
    wanted = (row.hidden or {}).get("after_dunning", "cancel")
    if wanted == "cancel":
        end_subscription(account, subscription, reason="payment_failed")
    elif wanted == "unpaid":
        account.modify(subscription, {"status": "unpaid"})


def end_subscription(
    account: Account, subscription: Json, *, reason: str | None, details: Json | None = None
) -> None:
    """Canceled at once; the event is ``customer.subscription.deleted``."""
    now = account.clock.now
    given = part("subscription", "cancellation_details", reason=reason) | (details or {})
    changes = {
        "status": "canceled",
        "canceled_at": subscription["canceled_at"] or now,
        "ended_at": now,
        "cancellation_details": given,
    }
    account.modify(subscription, changes, event="deleted")


def refresh_customer(account: Account, customer_id: str, *, paid: bool) -> None:
    """Delinquent from a failed payment until a paid invoice."""
    customer = account.find("customer", customer_id)
    if customer:
        account.modify(customer, {"delinquent": not paid})
