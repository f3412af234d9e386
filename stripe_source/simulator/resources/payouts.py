"""Payouts by hand, beside the weekly ones.

Source: https://docs.stripe.com/api/payouts
"""

from __future__ import annotations

from stripe_source.simulator.api.errors import ApiError
from stripe_source.simulator.billing import balance
from stripe_source.simulator.resources.fields import changed_fields
from stripe_source.simulator.resources.lookup import at_least_one, existing
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.types import Json


def create(account: Account, given: Json) -> Json:
    """Pay an amount of what is available out. No entries are tied to a payout by hand."""
    at_least_one(given["amount"])
    currency = given["currency"].lower()
    entries = account.ledger.available.get(currency, [])
    available = sum(account.get("balance_transaction", each)["net"] for each in entries)
    if given["amount"] > available:
        raise ApiError(
            400, "You have insufficient funds in your Stripe account for this transfer. Your card "
            "balance is too low.", code="balance_insufficient",
        )  # fmt: skip
    return balance.make_payout(
        account, given["amount"], currency, [], automatic=False,
        reconciliation_status="not_applicable", metadata=given.get("metadata") or {},
        description=given.get("description"), method=given.get("method", "standard"),
    )  # fmt: skip


def update(account: Account, given: Json, identifier: str) -> Json:
    """Metadata only."""
    payout = existing(account, "payout", identifier)
    fields = {k: v for k, v in given.items() if k == "metadata"}
    return account.modify(payout, changed_fields(payout, fields))


def cancel(account: Account, given: Json, identifier: str) -> Json:
    """The money comes back."""
    payout = existing(account, "payout", identifier)
    if payout["status"] != "pending":
        raise ApiError(400, "Payouts can only be canceled while they are pending.",
                       code="payouts_not_allowed")  # fmt: skip
    balance.cancel_payout(account, payout)
    return payout


OPERATIONS = {
    "POST /v1/payouts": create,
    "POST /v1/payouts/{}": update,
    "POST /v1/payouts/{}/cancel": cancel,
}
