"""Customers: what is shown only when expanded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stripe_source.simulator.resources.nesting import by_parent
from stripe_source.simulator.search.fields import METADATA, NUMERIC, STRING
from stripe_source.simulator.types import Json

if TYPE_CHECKING:
    from stripe_source.simulator.store.account import Account


def sources(account: Account, customer: Json) -> Json:
    """``customer.sources``."""
    url = f"/v1/customers/{customer['id']}/sources"
    return by_parent(account, "#card", "customer", customer, url)


def tax_ids(account: Account, customer: Json) -> Json:
    """``customer.tax_ids``."""
    url = f"/v1/customers/{customer['id']}/tax_ids"
    return by_parent(account, "/v1/tax_ids", "customer", customer, url)


def subscriptions(account: Account, customer: Json) -> Json:
    """``customer.subscriptions``: the current ones."""
    url = f"/v1/customers/{customer['id']}/subscriptions"
    found = by_parent(account, "/v1/subscriptions", "customer", customer, url)
    found["data"] = [s for s in found["data"] if s["status"] != "canceled"]
    return found


INCLUDES = {"customer": {"sources": sources, "subscriptions": subscriptions, "tax_ids": tax_ids}}
SEARCH = {
    "customer": {
        "created": NUMERIC,
        "email": STRING,
        "metadata": METADATA,
        "name": STRING,
        "phone": STRING,
    }
}
"""https://docs.stripe.com/search#query-fields-for-customers"""
