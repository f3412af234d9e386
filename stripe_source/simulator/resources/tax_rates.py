"""Tax rates: never deleted, and a percentage never changes."""

from __future__ import annotations

from stripe_source.simulator.api.errors import ApiError
from stripe_source.simulator.billing.making import new
from stripe_source.simulator.resources.fields import changed_fields, new_fields
from stripe_source.simulator.resources.lookup import existing
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.types import Json


def create(account: Account, given: Json) -> Json:
    """A rate between 0 and 100 percent."""
    if not 0 <= given["percentage"] <= 100:
        text = "Invalid percentage: must be between 0 and 100."
        raise ApiError(400, text, param="percentage")
    values = {
        "active": True,
        "effective_percentage": given["percentage"],
        "rate_type": "percentage",
    }
    return account.add(new(account, "tax_rate", "txr") | values | new_fields("tax_rate", given))


def update(account: Account, given: Json, identifier: str) -> Json:
    """Everything but the percentage and whether it is included."""
    rate = existing(account, "tax_rate", identifier)
    return account.modify(rate, changed_fields(rate, given))


OPERATIONS = {"POST /v1/tax_rates": create, "POST /v1/tax_rates/{}": update}
