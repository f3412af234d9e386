"""Payment intents and the charges that try them.

A card of the simulator knows how many of its next charges it declines: ``declines`` in what is
hidden behind the payment method, -1 for all of them.
"""

from __future__ import annotations

from typing import Any

from stripe_source.simulator.billing.amounts import settled
from stripe_source.simulator.billing.balance import enter
from stripe_source.simulator.billing.making import new
from stripe_source.simulator.shapes import part
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.types import Json

DECLINED = ("card_declined", "Your card was declined.", "generic_decline")


def new_intent(
    account: Account, amount: int, currency: str, customer: str | None, **values: Any
) -> Json:
    """An intent that waits for a payment method."""
    intent = new(
        account, "payment_intent", "pi", amount=amount, currency=currency, customer=customer,
        metadata={}, payment_method_types=["card"],
        capture_method="automatic", status="requires_payment_method", amount_received=0,
        amount_capturable=0, confirmation_method="automatic",
    ) | values  # fmt: skip
    intent["client_secret"] = f"{intent['id']}_secret_{intent['id'][-8:]}"
    return account.add(intent)


def attempt(account: Account, intent: Json, customer: Json | None, method: str | None) -> bool:
    """One charge of the intent by a payment method; whether it went through."""
    code = declined_by(account, method)
    charge = make_charge(account, intent, customer, method, code)
    if code:
        error = part("payment_intent", "last_payment_error", charge=charge["id"], code=code[0],
                     decline_code=code[2], message=code[1], type="card_error")  # fmt: skip
        changes = {"status": "requires_payment_method", "latest_charge": charge["id"],
                   "last_payment_error": error, "payment_method": None}  # fmt: skip
        account.modify(intent, changes, event="payment_failed")
        return False
    if intent["capture_method"] == "manual":
        held = {"status": "requires_capture", "latest_charge": charge["id"],
                "payment_method": method, "amount_capturable": intent["amount"]}  # fmt: skip
        account.modify(intent, held, event="amount_capturable_updated")
        return True
    changes = {"status": "succeeded", "latest_charge": charge["id"], "payment_method": method,
               "amount_received": intent["amount"], "last_payment_error": None}  # fmt: skip
    account.modify(intent, changes, event="succeeded")
    return True


def declined_by(account: Account, method: str | None) -> tuple[str, str, str] | None:
    """Why a card says no; None where it says yes."""
    row = account.home("payment_method").by_id.get(method or "")
    if row is None:
        return DECLINED
    known = row.hidden or {}
    left = known.get("declines", 0)
    if left > 0:
        known["declines"] = left - 1
    return (known.get("refused") or DECLINED) if left else None


def make_charge(
    account: Account, intent: Json, customer: Json | None, method: str | None,
    code: tuple[str, str, str] | None,
) -> Json:  # fmt: skip
    """A charge by card, succeeded or failed, with its balance transaction."""
    good = code is None
    captured = good and intent["capture_method"] != "manual"
    found = account.find("payment_method", method)
    billing = part("charge", "billing_details")
    if customer is not None:
        billing.update(email=customer["email"], name=customer["name"], address=customer["address"])
    charge = new(
        account, "charge", "ch", amount=intent["amount"], captured=captured,
        amount_captured=intent["amount"] if captured else 0, currency=intent["currency"], paid=good,
        customer=intent["customer"], payment_intent=intent["id"], billing_details=billing,
        payment_method=method, status="succeeded" if good else "failed", metadata={},
        payment_method_details={"type": "card", "card": card_details(found)},
        description=intent["description"], fraud_details={},
        outcome=part("charge", "outcome", type="authorized" if good else "issuer_declined",
                     network_status="approved_by_network" if good else "declined_by_network"),
    )  # fmt: skip
    if code:
        charge.update(failure_code=code[0], failure_message=code[1])
    elif captured:
        charge["balance_transaction"] = enter_charge(account, charge, charge["amount"])
        account.ledger.fresh_charges.append(charge["id"])
    return account.add(charge, event="succeeded" if good else "failed")


def enter_charge(account: Account, charge: Json, amount: int) -> str:
    """The balance transaction of what was taken: 2.9 % and 30 cents are the fee."""
    amount = settled(amount, charge["currency"])
    fee = round(amount * 0.029) + 30
    made: str = enter(account, charge, amount, kind="charge", fee=fee)["id"]
    return made


def capture_charge(account: Account, intent: Json, charge: Json, amount: int) -> None:
    """Take what was authorized, or less of it: the rest is given back without a refund object."""
    entry = enter_charge(account, charge, amount)
    account.modify(charge, {"captured": True, "amount_captured": amount,
                            "balance_transaction": entry}, event="captured")  # fmt: skip
    account.modify(intent, {"status": "succeeded", "amount_received": amount,
                            "amount_capturable": 0}, event="succeeded")  # fmt: skip


def card_details(method: Json | None) -> Json:
    """The card as a charge shows it."""
    card = (method or {}).get("card") or {}
    return part("charge", "payment_method_details.card", brand=card.get("brand", "visa"),
                country=card.get("country", "US"), exp_month=card.get("exp_month", 12),
                exp_year=card.get("exp_year", 2030), funding="credit", network="visa",
                last4=card.get("last4", "4242"), fingerprint=card.get("fingerprint"))  # fmt: skip


def cancel_intent(account: Account, intent: Json, reason: str | None) -> None:
    """End an intent that has not succeeded."""
    changes = {
        "status": "canceled",
        "canceled_at": account.clock.now,
        "cancellation_reason": reason,
        "amount_capturable": 0,
    }
    account.modify(intent, changes, event="canceled")
