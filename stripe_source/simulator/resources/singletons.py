"""Objects of which an account has one, each at a path of its own."""

from __future__ import annotations

from stripe_source.simulator.billing.balance import balance
from stripe_source.simulator.shapes import blank
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.types import Json


def own_account(account: Account) -> Json:
    """The account's own object."""
    return account.find("account", account.id) or blank("account", id=account.id)


def balance_settings(account: Account) -> Json:
    """How payouts are made."""
    return account.find("balance_settings", "balance_settings") or blank("balance_settings")


def tax_settings(account: Account) -> Json:
    """Stripe Tax, not set up."""
    return account.find("tax.settings", "tax.settings") or blank("tax.settings")


SINGLETONS = {
    "/v1/account": own_account,
    "/v1/balance": balance,
    "/v1/balance_settings": balance_settings,
    "/v1/tax/settings": tax_settings,
}
