"""Invoices of a subscription that are finalized and charged at once."""

from __future__ import annotations

from stripe_source.simulator.billing import invoices, payments, pending
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.types import Json


def bill(
    account: Account, subscription: Json, lines: list[Json], reason: str, *,
    event: str = "updated", charged: bool = True,
) -> Json:  # fmt: skip
    """An invoice for a subscription, finalized and, unless it is to wait, charged at once.

    The subscription's event tells of its latest invoice.
    """
    customer = account.get("customer", subscription["customer"])
    invoice = invoices.draft(account, customer, lines, subscription=subscription, reason=reason)
    pending.claim(account, invoice)
    account.modify(subscription, {"latest_invoice": invoice["id"]}, event=event)
    invoices.finalize(account, invoice)
    if charged:
        invoices.advance(account, invoice)
    elif invoice["status"] == "open":
        payments.default_payment(account, invoice)
    return invoice


def last_bill(account: Account, subscription: Json, lines: list[Json]) -> None:
    """A final invoice, where there is something to bill."""
    if lines and subscription["status"] in ("active", "past_due"):
        bill(account, subscription, lines, "subscription_cycle")
