"""Invoices: filters, search, and draft, finalize, send, pay, void, give up.

Source: https://docs.stripe.com/api/invoices and https://docs.stripe.com/invoicing/overview
"""

from __future__ import annotations

from stripe_source.simulator.api.errors import ApiError, declined, missing_parameter
from stripe_source.simulator.api.filters import equal
from stripe_source.simulator.api.registry import Special
from stripe_source.simulator.billing import invoices, payments, pending
from stripe_source.simulator.billing.amounts import DAY
from stripe_source.simulator.resources.fields import changed_fields, new_fields
from stripe_source.simulator.resources.lookup import existing, referenced, tax_rates_exist
from stripe_source.simulator.resources.nesting import by_parent
from stripe_source.simulator.resources.redeeming import redeemable, redeemed
from stripe_source.simulator.resources.test_clocks import hide_test_clocks
from stripe_source.simulator.search.fields import METADATA, NUMERIC, STRING, TOKEN
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.types import Json

PLAIN = ("metadata", "description", "auto_advance", "collection_method", "default_tax_rates",
         "default_payment_method", "footer", "due_date", "custom_fields", "statement_descriptor",
         "number", "effective_at", "currency")  # fmt: skip
"""Parameters that are fields of the invoice."""


def create(account: Account, given: Json) -> Json:
    """A draft; pending items go in where asked."""
    if not given.get("customer"):
        raise missing_parameter("customer")
    customer = referenced(account, "customer", given["customer"], "customer")
    subscription = None
    if given.get("subscription"):
        subscription = referenced(account, "subscription", given["subscription"], "subscription")
    found = redeemable(account, given.get("discounts"))
    values = new_fields("invoice", {k: given[k] for k in PLAIN if k in given})
    values.setdefault("auto_advance", False)
    tax_rates_exist(account, given, "default_tax_rates")
    if given.get("days_until_due") is not None:
        values["due_date"] = account.clock.now + given["days_until_due"] * DAY
    if values.get("collection_method") == "send_invoice" and not values.get("due_date"):
        raise ApiError(400, "If invoice collection method is 'send_invoice', you must specify "
                       "'due_date' or 'days_until_due'.", param="due_date")  # fmt: skip
    if found:
        values["discounts"] = redeemed(account, found, customer["id"])
    lines = []
    if given.get("pending_invoice_items_behavior") == "include":
        of = (subscription["id"],) if subscription else None
        lines = pending.take(account, customer["id"], of)
    reason = "manual" if subscription is None else "subscription_update"
    invoice = invoices.draft(account, customer, lines, subscription=subscription, reason=reason,
                             **values)  # fmt: skip
    pending.claim(account, invoice)
    if invoice["auto_advance"]:
        later = account.clock.now + invoices.FINALIZED_AFTER
        account.plan(later, invoices.finalize_due, invoice["id"])
    return invoice


def update(account: Account, given: Json, identifier: str) -> Json:
    """A draft's fields; of what is finalized hardly more than metadata."""
    invoice = existing(account, "invoice", identifier)
    tax_rates_exist(account, given, "default_tax_rates")
    changes = changed_fields(invoice, {k: given[k] for k in PLAIN if k in given})
    if invoice["status"] != "draft":
        fixed = set(changes) - {"metadata", "description", "auto_advance", "footer",
                                "default_payment_method", "due_date"}  # fmt: skip
        if fixed:
            raise ApiError(400, "Finalized invoices can't be updated in this way",
                           code="invoice_not_editable", param=min(fixed))  # fmt: skip
    found = redeemable(account, given.get("discounts"))
    if "discounts" in given:
        changes["discounts"] = redeemed(account, found, invoice["customer"])
    account.modify(invoice, changes, event=None)
    if invoice["status"] == "draft":
        invoices.work_out(account, invoice)
    account.emit("updated", invoice, {})
    return invoice


def delete(account: Account, given: Json, identifier: str) -> Json:
    """Only a draft that no subscription made can be deleted; its items wait again."""
    invoice = existing(account, "invoice", identifier)
    must_be(invoice, "draft", "You can only delete draft invoices")
    if invoice["billing_reason"] != "manual":
        raise ApiError(400, "You can't delete invoices created by subscriptions.")
    pending.release(account, invoice)
    return account.remove(invoice)


def finalize(account: Account, given: Json, identifier: str) -> Json:
    """From draft to open."""
    invoice = existing(account, "invoice", identifier)
    must_be(invoice, "draft", "This invoice is already finalized, you can't re-finalize a "
            "non-draft invoice.")  # fmt: skip
    must_have_customer(account, invoice)
    if "auto_advance" in given:
        account.modify(invoice, {"auto_advance": given["auto_advance"]}, event=None)
    invoices.finalize(account, invoice)
    return invoice


def pay(account: Account, given: Json, identifier: str) -> Json:
    """Charge what is open, or note that it was paid elsewhere."""
    invoice = existing(account, "invoice", identifier)
    if invoice["status"] == "paid":
        raise ApiError(400, "Invoice is already paid", code="invoice_already_paid")
    if invoice["status"] == "draft" or not given.get("paid_out_of_band"):
        must_have_customer(account, invoice)
    if invoice["status"] == "draft":
        invoices.finalize(account, invoice)
    if invoice["status"] not in ("open", "uncollectible", "paid"):
        raise not_open()
    if given.get("payment_method"):
        referenced(account, "payment_method", given["payment_method"], "payment_method")
        account.modify(invoice, {"default_payment_method": given["payment_method"]}, event=None)
    if invoice["status"] != "paid":
        if given.get("paid_out_of_band"):
            payments.pay_out_of_band(account, invoice)
        elif not payments.collect(account, invoice):
            payment = payments.default_payment(account, invoice)
            intent = account.get("payment_intent", payment["payment"]["payment_intent"])
            raise declined(intent)
    return invoice


def send(account: Account, given: Json, identifier: str) -> Json:
    """Send it to the customer."""
    invoice = existing(account, "invoice", identifier)
    must_have_customer(account, invoice)
    if invoice["status"] == "draft":
        invoices.finalize(account, invoice)
    if invoice["status"] == "open":
        invoices.send(account, invoice)
    return invoice


def void(account: Account, given: Json, identifier: str) -> Json:
    """An open or uncollectible invoice counts as never issued."""
    invoice = existing(account, "invoice", identifier)
    if invoice["status"] not in ("open", "uncollectible"):
        raise not_open()
    invoices.void(account, invoice)
    return invoice


def mark_uncollectible(account: Account, given: Json, identifier: str) -> Json:
    """Nobody expects the money any more."""
    invoice = existing(account, "invoice", identifier)
    if invoice["status"] != "open":
        raise not_open()
    invoices.give_up(account, invoice)
    return invoice


def must_have_customer(account: Account, invoice: Json) -> None:
    """A deleted customer owes nothing new and cannot be charged; void and delete go on."""
    referenced(account, "customer", invoice["customer"], "customer")


def must_be(invoice: Json, status: str, otherwise: str) -> None:
    """A 400 where the invoice has another status."""
    if invoice["status"] != status:
        raise ApiError(400, otherwise)


def not_open() -> ApiError:
    """The status does not allow it."""
    return ApiError(400, "You can only pass in open invoices. This invoice isn't open.")


def payments_of(account: Account, invoice: Json) -> Json:
    """``invoice.payments``."""
    url = f"/v1/invoice_payments?invoice={invoice['id']}"
    return by_parent(account, "/v1/invoice_payments", "invoice", invoice, url)


INCLUDES = {"invoice": {"payments": payments_of}}
SPECIALS = [
    Special(
        "/v1/invoices",
        filters={"subscription": equal("parent.subscription_details.subscription")},
        condition=hide_test_clocks,
    ),
]
OPERATIONS = {
    "POST /v1/invoices": create,
    "POST /v1/invoices/{}": update,
    "DELETE /v1/invoices/{}": delete,
    "POST /v1/invoices/{}/finalize": finalize,
    "POST /v1/invoices/{}/pay": pay,
    "POST /v1/invoices/{}/send": send,
    "POST /v1/invoices/{}/void": void,
    "POST /v1/invoices/{}/mark_uncollectible": mark_uncollectible,
}
SEARCH = {
    "invoice": {
        "created": NUMERIC,
        "currency": TOKEN,
        "customer": TOKEN,
        "last_finalization_error_code": TOKEN.at("last_finalization_error.code"),
        "last_finalization_error_type": TOKEN.at("last_finalization_error.type"),
        "metadata": METADATA,
        "number": STRING,
        "receipt_number": STRING,
        "status": STRING,
        "subscription": STRING.at("parent.subscription_details.subscription"),
        "total": NUMERIC,
    },
}
"""https://docs.stripe.com/search#query-fields-for-invoices"""
