"""A customer's credit balance: every movement of it leaves an entry; no event tells of entries.

Negative is a credit to the customer (https://docs.stripe.com/billing/customer/balance).
"""

from __future__ import annotations

from typing import Any

from stripe_source.simulator.billing.making import new
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.types import Json

DEFAULT_CURRENCY = "usd"
"""Of the account, for a customer that has had no bill yet."""


def balance_entry(
    account: Account, customer: Json, amount: int, *, kind: str, **values: Any
) -> Json:
    """An entry about a movement; the customer shows the balance after it, or ``values`` do."""
    entry = new(
        account, "customer_balance_transaction", "cbtxn", amount=amount, type=kind, metadata={},
        currency=customer["currency"] or DEFAULT_CURRENCY, customer=customer["id"],
        ending_balance=customer["balance"],
    ) | values  # fmt: skip
    return account.add(entry, event=None)


def move_balance(
    account: Account, customer: Json, amount: int, *, kind: str, **values: Any
) -> Json:  # fmt: skip
    """Move the balance, with its entry."""
    after = customer["balance"] + amount
    entry = balance_entry(account, customer, amount, kind=kind, ending_balance=after, **values)
    account.modify(customer, {"balance": after})
    return entry
