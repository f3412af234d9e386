"""Tax ids: the account's own unless ``owner`` names another."""

from __future__ import annotations

import re
from collections.abc import Callable

from stripe_source.simulator.api.errors import ApiError, missing_parameter, resource_missing
from stripe_source.simulator.api.filters import Filter
from stripe_source.simulator.api.registry import Special
from stripe_source.simulator.billing.making import new
from stripe_source.simulator.resources.lookup import existing, referenced
from stripe_source.simulator.shapes import part
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.store.row import Row
from stripe_source.simulator.types import Json

FORMS = {
    "au_abn": r"\d{11}",
    "ch_vat": r"CHE-?\d{3}\.?\d{3}\.?\d{3} ?(MWST|TVA|IVA)",
    "eu_vat": r"[A-Z]{2}[0-9A-Z+*]{2,12}",
    "gb_vat": r"(GB|XI)(\d{9}|\d{12})",
    "us_ein": r"\d{2}-?\d{7}",
}
"""https://docs.stripe.com/billing/customer/tax-ids; what is not here takes any text."""
CHECKED = ("au_abn", "eu_vat", "gb_vat")
"""Types that Stripe looks up with a government."""


def check(given: Json) -> None:
    """The value has the form of its type."""
    if not re.fullmatch(FORMS.get(given["type"], r".+"), given["value"]):
        text = f"Invalid value for {given['type']}."
        raise ApiError(400, text, code="tax_id_invalid", param="value")


def add(account: Account, given: Json, *, customer: str | None = None) -> Json:
    """A tax id of a customer, or of the account itself. Only a customer's has events."""
    check(given)
    kind, value = given["type"], given["value"]
    owner = part("tax_id", "owner", type="customer" if customer else "self", customer=customer)
    status = "pending" if kind in CHECKED else "unavailable"
    country = value[:2] if kind == "eu_vat" else kind[:2].upper()
    made = new(account, "tax_id", "txi", country=country, customer=customer, owner=owner, type=kind,
               value=value, verification=part("tax_id", "verification", status=status))  # fmt: skip
    return account.add(made, event="created" if customer else None)


def create(account: Account, given: Json) -> Json:
    """A tax id of the account, or of the customer who is its owner."""
    owner = given.get("owner") or {"type": "self"}
    if owner["type"] not in ("customer", "self"):
        text = "Invalid owner[type]: must be one of customer or self"
        raise ApiError(400, text, param="owner[type]")
    if owner["type"] == "self":
        return add(account, given)
    if not owner.get("customer"):
        raise missing_parameter("owner[customer]")
    customer = referenced(account, "customer", owner["customer"], "owner[customer]")
    return add(account, given, customer=customer["id"])


def create_for(account: Account, given: Json, customer: str) -> Json:
    """A tax id of the customer in the path."""
    existing(account, "customer", customer, param="customer")
    return add(account, given, customer=customer)


def delete(account: Account, given: Json, identifier: str) -> Json:
    """Whoever owns it."""
    found = existing(account, "tax_id", identifier)
    return account.remove(found, event="deleted" if found["customer"] else None)


def delete_of(account: Account, given: Json, customer: str, identifier: str) -> Json:
    """Only if it is the customer's."""
    existing(account, "customer", customer, param="customer")
    found = existing(account, "tax_id", identifier)
    if found["customer"] != customer:
        raise resource_missing("tax_id", identifier)
    return account.remove(found)


def owned_by(row: Row, wanted: Json) -> bool:
    """``owner[type]=customer&owner[customer]=cus_1``."""
    owner = row.data.get("owner") or {"type": "self"}
    return all(owner.get(key) == value for key, value in wanted.items())


def own(account: Account, values: Json) -> Callable[[Row], bool] | None:
    """Without ``owner`` the list is of the account itself."""
    return None if "owner" in values else lambda row: owned_by(row, {"type": "self"})


SPECIALS = [Special("/v1/tax_ids", filters={"owner": Filter(owned_by)}, condition=own)]
OPERATIONS = {
    "POST /v1/tax_ids": create,
    "DELETE /v1/tax_ids/{}": delete,
    "POST /v1/customers/{}/tax_ids": create_for,
    "DELETE /v1/customers/{}/tax_ids/{}": delete_of,
}
