"""Payment intents: created, confirmed, captured, canceled.

Source: https://docs.stripe.com/payments/paymentintents/lifecycle
"""

from __future__ import annotations

from stripe_source.simulator.api.errors import ApiError, declined, missing_parameter
from stripe_source.simulator.billing import charges, payments
from stripe_source.simulator.resources.currencies import currency
from stripe_source.simulator.resources.fields import changed_fields, new_fields
from stripe_source.simulator.resources.lookup import at_least_one, existing, referenced
from stripe_source.simulator.resources.payment_methods import usable
from stripe_source.simulator.search.fields import METADATA, NUMERIC, TOKEN
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.types import Json

PLAIN = ("capture_method", "description", "metadata", "receipt_email", "setup_future_usage",
         "shipping", "statement_descriptor", "statement_descriptor_suffix",
         "transfer_group")  # fmt: skip
WAITING = {"requires_payment_method", "requires_confirmation", "requires_action"}


def create(account: Account, given: Json) -> Json:
    """An intent; confirmed at once where asked.

    How it is captured where that is not said:
    https://docs.stripe.com/changelog/2024-04-10/automatic-sync-default-paymentintents
    """
    at_least_one(given["amount"])
    if given.get("customer"):
        referenced(account, "customer", given["customer"], "customer")
    method = usable(account, given.get("payment_method"))
    if given.get("confirm") and method is None:
        raise missing_parameter("payment_method")
    fields = new_fields("payment_intent", {k: given[k] for k in PLAIN if k in given})
    fields.setdefault("capture_method", "automatic_async")
    fields |= {
        "payment_method": method,
        "status": "requires_confirmation" if method else "requires_payment_method",
    }
    intent = charges.new_intent(account, given["amount"], currency("currency", given["currency"]),
                                given.get("customer"), **fields)  # fmt: skip
    return confirm(account, {}, intent["id"]) if given.get("confirm") else intent


def update(account: Account, given: Json, identifier: str) -> Json:
    """Amount, method and the like, until it has succeeded; there is no event for it."""
    intent = existing(account, "payment_intent", identifier)
    changes = changed_fields(intent, {k: given[k] for k in PLAIN if k in given})
    if intent["status"] not in WAITING and set(given) - {"metadata", "description"}:
        raise unexpected(intent, "updated")
    if set(given) & {"amount", "currency", "customer", "capture_method"}:
        must_be_free(account, identifier, "updated in this way")
    if "amount" in given:
        at_least_one(given["amount"])
        changes["amount"] = given["amount"]
    if "currency" in given:
        changes["currency"] = currency("currency", given["currency"])
    if given.get("customer"):
        referenced(account, "customer", given["customer"], "customer")
        changes["customer"] = given["customer"]
    if given.get("payment_method"):
        changes["payment_method"] = usable(account, given["payment_method"])
        changes["status"] = "requires_confirmation"
    return account.modify(intent, changes)


def confirm(account: Account, given: Json, identifier: str) -> Json:
    """Try to charge; a declined card is a 402, and the intent waits for another."""
    intent = existing(account, "payment_intent", identifier)
    if intent["status"] not in WAITING:
        raise unexpected(intent, "confirmed")
    method = usable(account, given.get("payment_method")) or intent["payment_method"]
    if method is None:
        raise ApiError(400, "You cannot confirm this PaymentIntent because it's missing a payment "
                       "method.", code="payment_intent_unexpected_state")  # fmt: skip
    customer = account.find("customer", intent["customer"])
    if not charges.attempt(account, intent, customer, method):
        raise declined(intent)
    if intent["status"] == "succeeded":
        payments.intent_paid(account, intent)
    return intent


def capture(account: Account, given: Json, identifier: str) -> Json:
    """Take what was authorized."""
    intent = existing(account, "payment_intent", identifier)
    if intent["status"] != "requires_capture":
        raise unexpected(intent, "captured")
    charge = account.get("charge", intent["latest_charge"])
    held: int = intent["amount_capturable"]
    amount: int = given.get("amount_to_capture", held)
    at_least_one(amount, "amount_to_capture")
    if amount > held:
        raise ApiError(400, "You cannot capture more than the authorized amount.",
                       code="amount_too_large", param="amount_to_capture")  # fmt: skip
    charges.capture_charge(account, intent, charge, amount)
    payments.intent_paid(account, intent)
    return intent


def cancel(account: Account, given: Json, identifier: str) -> Json:
    """End what has not succeeded."""
    intent = existing(account, "payment_intent", identifier)
    if intent["status"] not in WAITING | {"requires_capture", "processing"}:
        raise unexpected(intent, "canceled")
    must_be_free(account, identifier, "canceled; void the invoice instead")
    charges.cancel_intent(account, intent, given.get("cancellation_reason"))
    return intent


def must_be_free(account: Account, identifier: str, what: str) -> None:
    """An invoice's intent follows its invoice (inferred)."""
    if identifier in account.ledger.invoice_of:
        raise ApiError(400, f"A PaymentIntent that an invoice made can't be {what}.",
                       code="payment_intent_unexpected_state")  # fmt: skip


def unexpected(intent: Json, what: str) -> ApiError:
    """The status does not allow it."""
    return ApiError(
        400,
        f"This PaymentIntent's status is {intent['status']}, so it could not be {what}.",
        code="payment_intent_unexpected_state",
    )


OPERATIONS = {
    "POST /v1/payment_intents": create,
    "POST /v1/payment_intents/{}": update,
    "POST /v1/payment_intents/{}/confirm": confirm,
    "POST /v1/payment_intents/{}/capture": capture,
    "POST /v1/payment_intents/{}/cancel": cancel,
}
CONNECT = frozenset({"application_fee_amount", "transfer_data", "on_behalf_of"})
UNDONE = {
    "POST /v1/payment_intents": CONNECT,
    "POST /v1/payment_intents/{}": CONNECT,
    "POST /v1/payment_intents/{}/capture": CONNECT,
}
SEARCH = {
    "payment_intent": {
        "amount": NUMERIC,
        "created": NUMERIC,
        "currency": TOKEN,
        "customer": TOKEN,
        "metadata": METADATA,
        "status": TOKEN,
    },
}
"""https://docs.stripe.com/search#query-fields-for-payment-intents"""
