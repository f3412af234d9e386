"""Setup intents: a card kept for later. Changes between creation and success have no event.

Source: https://docs.stripe.com/payments/setupintents/lifecycle
"""

from __future__ import annotations

from stripe_source.simulator.api.errors import ApiError
from stripe_source.simulator.billing.making import new
from stripe_source.simulator.resources.fields import new_fields
from stripe_source.simulator.resources.lookup import existing, referenced
from stripe_source.simulator.resources.payment_methods import usable
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.types import Json

WAITING = {"requires_payment_method", "requires_confirmation", "requires_action"}


def create(account: Account, given: Json) -> Json:
    """An intent; confirmed at once where asked."""
    if given.get("customer"):
        referenced(account, "customer", given["customer"], "customer")
    method = usable(account, given.get("payment_method"))
    fields = new_fields("setup_intent", {k: given[k] for k in ("description", "metadata")
                                         if k in given})  # fmt: skip
    made = new(
        account, "setup_intent", "seti", customer=given.get("customer"), payment_method=method,
        payment_method_types=given.get("payment_method_types") or ["card"],
        status="requires_confirmation" if method else "requires_payment_method",
        usage=given.get("usage", "off_session"),
    ) | fields  # fmt: skip
    made["client_secret"] = f"{made['id']}_secret_{made['id'][-8:]}"
    account.add(made)
    return confirm(account, {}, made["id"]) if given.get("confirm") else made


def confirm(account: Account, given: Json, identifier: str) -> Json:
    """Keep the payment method."""
    intent = existing(account, "setup_intent", identifier)
    if intent["status"] not in WAITING:
        raise unexpected(intent, "confirmed")
    method = usable(account, given.get("payment_method")) or intent["payment_method"]
    if method is None:
        raise unexpected(intent, "confirmed")
    changes = {"status": "succeeded", "payment_method": method}
    return account.modify(intent, changes, event="succeeded")


def cancel(account: Account, given: Json, identifier: str) -> Json:
    """End what has not succeeded."""
    intent = existing(account, "setup_intent", identifier)
    if intent["status"] not in WAITING:
        raise unexpected(intent, "canceled")
    changes = {"status": "canceled", "cancellation_reason": given.get("cancellation_reason")}
    return account.modify(intent, changes, event="canceled")


def unexpected(intent: Json, what: str) -> ApiError:
    """The status does not allow it."""
    return ApiError(
        400,
        f"This SetupIntent's status is {intent['status']}, so it could not be {what}.",
        code="setup_intent_unexpected_state",
    )


OPERATIONS = {
    "POST /v1/setup_intents": create,
    "POST /v1/setup_intents/{}/confirm": confirm,
    "POST /v1/setup_intents/{}/cancel": cancel,
}
