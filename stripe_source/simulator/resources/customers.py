"""Customers: what is shown only when expanded, and their life.

A deleted one leaves a stub that can be read and not changed; its subscriptions are canceled first
(rules 3.3a to 3.3d of the tests).
"""

from __future__ import annotations

import re

from stripe_source.simulator.api.errors import ApiError, resource_missing
from stripe_source.simulator.billing import discounts, subscriptions
from stripe_source.simulator.billing.customer_balance import DEFAULT_CURRENCY, balance_entry
from stripe_source.simulator.billing.making import new
from stripe_source.simulator.resources import payment_methods, tax_ids
from stripe_source.simulator.resources.codes import random_code
from stripe_source.simulator.resources.fields import changed_fields, complete, new_fields
from stripe_source.simulator.resources.lookup import existing, referenced
from stripe_source.simulator.resources.nesting import by_parent
from stripe_source.simulator.search.fields import METADATA, NUMERIC, STRING
from stripe_source.simulator.shapes import part
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.types import Json

DEFAULT = "invoice_settings[default_payment_method]"
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
PREFIX = re.compile(r"[A-Z0-9]{3,12}")
APART = ("cash_balance", "payment_method", "tax", "tax_id_data", "validate")
"""Parameters that are not fields of the customer in the same form."""


def create(account: Account, given: Json) -> Json:
    """A customer, and what it is to have: a payment method, tax ids, a balance."""
    check(account, given)
    for each in given.get("tax_id_data", []):
        tax_ids.check(each)
    made = new_customer(account, given)
    named, settings = given.get("payment_method"), made["invoice_settings"]
    if settings["default_payment_method"] not in (None, named):
        raise not_attached(settings["default_payment_method"])
    method = payment_methods.attachable(account, named, "payment_method") if named else None
    if method and settings["default_payment_method"]:
        settings["default_payment_method"] = method["id"]
    account.add(made)
    if made["balance"]:
        balance_entry(account, made, made["balance"], kind="initial")
    for each in given.get("tax_id_data", []):
        tax_ids.add(account, each, customer=made["id"])
    if method:
        account.modify(method, {"customer": made["id"]}, event="attached")
    return made


def new_customer(account: Account, given: Json) -> Json:
    """The customer as it is before it is stored."""
    values = {"balance": 0, "delinquent": False, "invoice_credit_balance": {},
              "invoice_prefix": random_code(account), "next_invoice_sequence": 1,
              "invoice_settings": part("customer", "invoice_settings"), "preferred_locales": [],
              "tax_exempt": "none"}  # fmt: skip
    identifier = account.ids.new("cus", 14)
    fields = {k: v for k, v in given.items() if k not in APART}
    made = new(account, "customer", "cus", id=identifier) | values | new_fields("customer", fields)
    made["tax_exempt"] = made["tax_exempt"] or "none"
    if "tax" in given:
        made["tax"] = tax(given["tax"])
    if made["balance"]:
        made["currency"] = DEFAULT_CURRENCY
    return made


def check(account: Account, given: Json) -> None:
    """What a create and an update refuse alike."""
    email, prefix = given.get("email"), given.get("invoice_prefix")
    if email and not EMAIL.fullmatch(email):
        text = f"Invalid email address: {email}"
        raise ApiError(400, text, code="email_invalid", param="email")
    if prefix and not PREFIX.fullmatch(prefix):
        text = "Invalid invoice_prefix: must be 3 to 12 capital letters or digits."
        raise ApiError(400, text, param="invoice_prefix")
    for name, kind in (("source", "token"), ("default_source", "source")):
        if given.get(name):
            raise resource_missing(kind, given[name], param=name, status=400)
    if given.get("test_clock"):
        referenced(account, "test_helpers.test_clock", given["test_clock"], "test_clock")


def tax(given: Json) -> Json:
    """What Stripe Tax knows: not the place, for no address on the internet tells it here."""
    known = {"automatic_tax": "unrecognized_location", "provider": "stripe"}
    address = {"ip_address": given.get("ip_address")}
    whole: Json = complete("customer", "tax", known | address)
    return whole


def update(account: Account, given: Json, identifier: str) -> Json:
    """Named fields only; a new balance leaves an entry of the difference."""
    customer = existing(account, "customer", identifier)
    check(account, given)
    wanted = (given.get("invoice_settings") or {}).get("default_payment_method")
    if wanted and (account.find("payment_method", wanted) or {}).get("customer") != identifier:
        raise not_attached(wanted)
    changes = changed_fields(customer, {k: v for k, v in given.items() if k not in APART})
    if "tax" in given:
        changes["tax"] = tax(given["tax"])
    if changes.get("tax_exempt", "none") is None:
        changes["tax_exempt"] = "none"
    moved = given.get("balance", customer["balance"]) - customer["balance"]
    if moved:
        changes["currency"] = customer["currency"] or DEFAULT_CURRENCY
    account.modify(customer, changes)
    if moved:
        balance_entry(account, customer, moved, kind="adjustment")
    return customer


def not_attached(method: str) -> ApiError:
    """A default payment method that is not the customer's."""
    return ApiError(
        400,
        f"The customer does not have a payment method with the ID {method}. "
        "The payment method must be attached to the customer.",
        code="resource_missing",
        param=DEFAULT,
    )


def delete(account: Account, given: Json, identifier: str) -> Json:
    """Subscriptions end first, each with its event."""
    customer = existing(account, "customer", identifier)
    subscriptions.cancel_running(account, "customer", identifier)
    return account.remove(customer)


def delete_discount(account: Account, given: Json, identifier: str) -> Json:
    """The discount, marked as deleted."""
    customer = existing(account, "customer", identifier, param="customer")
    if not customer["discount"]:
        text = f"No active discount for customer: {identifier}"
        raise ApiError(404, text, code="resource_missing", param="customer")
    discount = account.get("discount", customer["discount"])
    discounts.end(account, discount["id"])
    return discount | {"deleted": True}


def sources(account: Account, customer: Json) -> Json:
    """``customer.sources``."""
    url = f"/v1/customers/{customer['id']}/sources"
    return by_parent(account, "#card", "customer", customer, url)


def tax_ids_of(account: Account, customer: Json) -> Json:
    """``customer.tax_ids``."""
    url = f"/v1/customers/{customer['id']}/tax_ids"
    return by_parent(account, "/v1/tax_ids", "customer", customer, url)


def current_subscriptions(account: Account, customer: Json) -> Json:
    """``customer.subscriptions``: the current ones."""
    url = f"/v1/customers/{customer['id']}/subscriptions"
    found = by_parent(account, "/v1/subscriptions", "customer", customer, url)
    found["data"] = [s for s in found["data"] if s["status"] != "canceled"]
    return found


INCLUDES = {
    "customer": {
        "sources": sources,
        "subscriptions": current_subscriptions,
        "tax_ids": tax_ids_of,
    }
}
OPERATIONS = {
    "POST /v1/customers": create,
    "POST /v1/customers/{}": update,
    "DELETE /v1/customers/{}": delete,
    "DELETE /v1/customers/{}/discount": delete_discount,
}
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
