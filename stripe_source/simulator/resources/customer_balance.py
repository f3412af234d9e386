"""A customer's credit balance: every change of it is an entry; no event tells of entries.

Negative is credit that reduces the next invoice (https://docs.stripe.com/billing/customer/balance).
"""

from __future__ import annotations

from stripe_source.simulator.api.errors import ApiError
from stripe_source.simulator.billing.customer_balance import balance_entry
from stripe_source.simulator.resources.currencies import currency
from stripe_source.simulator.resources.fields import changed_fields, new_fields
from stripe_source.simulator.resources.lookup import existing
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.types import Json


def create(account: Account, given: Json, identifier: str) -> Json:
    """Move the balance, in the customer's currency if it has one."""
    customer = existing(account, "customer", identifier, param="customer")
    code = currency("currency", given["currency"])
    if customer["currency"] not in (None, code):
        raise ApiError(
            400,
            f"The currency of the balance transaction ({code}) must match the currency of the "
            f"customer ({customer['currency']}).",
            param="currency",
        )
    moved = customer["balance"] + given["amount"]
    account.modify(customer, {"balance": moved, "currency": code})
    told = new_fields("customer_balance_transaction", given)
    rest = {name: told[name] for name in ("description", "metadata") if name in told}
    return balance_entry(account, customer, given["amount"], kind="adjustment", **rest)


def update(account: Account, given: Json, identifier: str, entry_id: str) -> Json:
    """Only what is written on it."""
    existing(account, "customer", identifier, param="customer")
    entry = existing(account, "customer_balance_transaction", entry_id)
    return account.modify(entry, changed_fields(entry, given))


OPERATIONS = {
    "POST /v1/customers/{}/balance_transactions": create,
    "POST /v1/customers/{}/balance_transactions/{}": update,
}
