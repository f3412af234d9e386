"""Invoice items between their making and an invoice: who takes which, and what gives them back."""

from __future__ import annotations

from collections.abc import Collection

from stripe_source.simulator.billing.lines import invoice_item_line
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.types import Json


def take(
    account: Account, customer_id: str, of: Collection[str | None] | None = None
) -> list[Json]:
    """The lines of what waits for the customer's next invoice, newest first; they wait no more.

    ``of`` are the subscriptions whose items go in, None those of no subscription; by default all.
    Source: https://docs.stripe.com/api/invoiceitems/create#create_invoiceitem-subscription
    """
    waiting = account.ledger.pending_items.pop(customer_id, [])
    taken: list[Json] = []
    left: list[Json] = []
    for item in (account.get("invoiceitem", identifier) for identifier in waiting):
        (taken if of is None or subscription_of(item) in of else left).append(item)
    if left:
        account.ledger.pending_items[customer_id] = [item["id"] for item in left]
    return [invoice_item_line(account, item) for item in reversed(taken)]


def take_for(account: Account, subscription: Json) -> list[Json]:
    """What waits for a subscription's next invoice, and not for another subscription's."""
    return take(account, subscription["customer"], (None, subscription["id"]))


def subscription_of(item: Json) -> str | None:
    """Whose invoices an invoice item waits for."""
    details = (item["parent"] or {}).get("subscription_details") or {}
    return details.get("subscription")


def claim(account: Account, invoice: Json) -> None:
    """Invoice items now belong to this invoice; Stripe has no event for that."""
    for row in invoice["lines"]["data"]:
        details = row["parent"][row["parent"]["type"]]
        if details["invoice_item"]:
            account.get("invoiceitem", details["invoice_item"])["invoice"] = invoice["id"]


def release(account: Account, invoice: Json) -> None:
    """The items of a draft that goes wait again."""
    for row in invoice["lines"]["data"]:
        details = row["parent"][row["parent"]["type"]]
        item = account.find("invoiceitem", details["invoice_item"])
        if item is not None:
            item["invoice"] = None
            account.ledger.pending_items.setdefault(item["customer"], []).append(item["id"])
