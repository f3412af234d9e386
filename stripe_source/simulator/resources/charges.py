"""Charges: what is shown when expanded, search, and the little that can be changed.

Source: https://docs.stripe.com/api/charges
"""

from __future__ import annotations

from stripe_source.simulator.api.errors import ApiError
from stripe_source.simulator.billing.charges import capture_charge
from stripe_source.simulator.resources.fields import changed_fields
from stripe_source.simulator.resources.lookup import existing, referenced
from stripe_source.simulator.resources.nesting import by_parent
from stripe_source.simulator.search.fields import METADATA, NUMERIC, TOKEN
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.types import Json

PLAIN = ("customer", "description", "fraud_details", "metadata", "receipt_email", "shipping",
         "transfer_group")  # fmt: skip


def refunds(account: Account, charge: Json) -> Json:
    """``charge.refunds``."""
    url = f"/v1/charges/{charge['id']}/refunds"
    return by_parent(account, "/v1/refunds", "charge", charge, url)


def refund_token(charge: Json) -> bool | None:
    """``refunded`` as search sees it: null where there is nothing that could be refunded."""
    return bool(charge["refunded"]) if charge["paid"] else None


def update(account: Account, given: Json, identifier: str) -> Json:
    """Description, metadata and the like."""
    charge = existing(account, "charge", identifier)
    if given.get("customer"):
        referenced(account, "customer", given["customer"], "customer")
    changes = changed_fields(charge, {k: given[k] for k in PLAIN if k in given})
    return account.modify(charge, changes)


def capture(account: Account, given: Json, identifier: str) -> Json:
    """Take what was only authorized, or less of it."""
    charge = existing(account, "charge", identifier)
    if charge["captured"]:
        raise ApiError(400, f"Charge {identifier} has already been captured.",
                       code="charge_already_captured")  # fmt: skip
    amount = given.get("amount") or charge["amount"]
    if not 0 < amount <= charge["amount"]:
        raise ApiError(400, "You cannot capture more than the authorized amount.",
                       code="amount_too_large", param="amount")  # fmt: skip
    intent = account.get("payment_intent", charge["payment_intent"])
    if intent["status"] != "requires_capture" or intent["latest_charge"] != identifier:
        raise ApiError(400, f"Charge {identifier} can't be captured: it failed or was canceled.")
    capture_charge(account, intent, charge, amount)
    return charge


INCLUDES = {"charge": {"refunds": refunds}}
OPERATIONS = {"POST /v1/charges/{}": update, "POST /v1/charges/{}/capture": capture}
CARDS = ("card", "card_present", "interac_present")
CARD_FIELDS = ("last4", "exp_month", "exp_year", "brand", "fingerprint", "reader", "location")
SEARCH = {
    "charge": {
        "amount": NUMERIC,
        "billing_details.address.postal_code": TOKEN,
        "created": NUMERIC,
        "currency": TOKEN,
        "customer": TOKEN,
        "disputed": TOKEN,
        "metadata": METADATA,
        "refunded": TOKEN.by(refund_token),
        "status": TOKEN,
        **{
            f"payment_method_details.{card}.{name}": TOKEN for card in CARDS for name in CARD_FIELDS
        },
    },
}
"""https://docs.stripe.com/search#query-fields-for-charges"""
