"""Refunds of a charge, in whole or in part.

Source: https://docs.stripe.com/api/refunds
"""

from __future__ import annotations

from stripe_source.simulator.api.errors import ApiError, missing_parameter
from stripe_source.simulator.billing import aftermath
from stripe_source.simulator.resources.fields import changed_fields
from stripe_source.simulator.resources.lookup import at_least_one, exclusive, existing, referenced
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.types import Json


def create(account: Account, given: Json) -> Json:
    """Give back what is left of a charge, or an amount of it."""
    exclusive(given, "charge", "payment_intent")
    charge = charge_of(account, given)
    if not charge["paid"]:
        raise ApiError(400, f"Charge {charge['id']} has not been paid.")
    left = charge["amount_captured"] - charge["amount_refunded"]
    if charge["disputed"]:
        raise ApiError(400, f"Charge {charge['id']} has been charged back; cannot issue a refund.",
                       code="charge_disputed")  # fmt: skip
    if left == 0:
        raise ApiError(400, f"Charge {charge['id']} has already been refunded.",
                       code="charge_already_refunded")  # fmt: skip
    amount = given.get("amount", left)
    at_least_one(amount)
    if amount > left:
        raise ApiError(400, f"Refund amount ({amount}) is greater than unrefunded amount on charge "
                       f"({left})", param="amount")  # fmt: skip
    return aftermath.refund(account, charge, amount, reason=given.get("reason"),
                            metadata=given.get("metadata"))  # fmt: skip


def charge_of(account: Account, given: Json) -> Json:
    """The charge that is named, or the one of the payment intent."""
    if given.get("charge"):
        return referenced(account, "charge", given["charge"], "charge")
    if not given.get("payment_intent"):
        raise missing_parameter("payment_intent")
    intent = referenced(account, "payment_intent", given["payment_intent"], "payment_intent")
    if intent["status"] != "succeeded":
        raise ApiError(400, "This PaymentIntent does not have a successful charge to refund.",
                       code="payment_intent_unexpected_state", param="payment_intent")  # fmt: skip
    return account.get("charge", intent["latest_charge"])


def update(account: Account, given: Json, identifier: str) -> Json:
    """Metadata only."""
    refund = existing(account, "refund", identifier)
    fields = {k: v for k, v in given.items() if k == "metadata"}
    return account.modify(refund, changed_fields(refund, fields))


def cancel(account: Account, given: Json, identifier: str) -> Json:
    """Only what still waits for action can be canceled."""
    existing(account, "refund", identifier)
    raise ApiError(400, "You cannot cancel this refund because it is not in a cancelable state.")


OPERATIONS = {
    "POST /v1/refunds": create,
    "POST /v1/refunds/{}": update,
    "POST /v1/refunds/{}/cancel": cancel,
}
