"""Objects of which an account has one, each at a path of its own."""

from __future__ import annotations

from stripe_source.simulator.shapes import blank
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.types import Json

SINGLETONS = {
    "/v1/account": "account",
    "/v1/balance": "balance",
    "/v1/balance_settings": "balance_settings",
    "/v1/tax/settings": "tax.settings",
}


def singleton(account: Account, path: str) -> Json:
    """The object at the path; the account itself is also in its own store."""
    name = SINGLETONS[path]
    if name == "account":
        return account.find("account", account.id) or blank("account", id=account.id)
    return account.find(name, name) or blank(name)
