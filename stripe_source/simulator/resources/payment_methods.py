"""Payment methods: cards from numbers and test tokens, attached to a customer and taken off again.

Once taken off, one can never be attached again (https://docs.stripe.com/api/payment_methods/detach).
"""

from __future__ import annotations

import hashlib

from stripe_source.simulator.api.errors import ApiError, missing_parameter, resource_missing
from stripe_source.simulator.billing.making import new
from stripe_source.simulator.resources.fields import changed_fields, complete, new_fields
from stripe_source.simulator.resources.lookup import exclusive, existing, referenced
from stripe_source.simulator.resources.test_cards import BY_NUMBER, Card, card_of_token
from stripe_source.simulator.shapes import part
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.types import Json

COMMON = ("allow_redisplay", "billing_details", "metadata", "type")


def create(account: Account, given: Json) -> Json:
    """A payment method of any type; no event tells of it until it is attached."""
    kind = given.get("type")
    if kind is None:
        raise missing_parameter("type")
    if given.get("customer"):
        referenced(account, "customer", given["customer"], "customer")
    if kind == "card":
        made = create_card(account, given)
    else:
        made = new_method(account, given)
        made[kind] = complete("payment_method", kind, bank_account(given.get(kind) or {}))
        account.add(made)
    return attach(account, given, made["id"]) if given.get("customer") else made


def bank_account(given: Json) -> Json:
    """What is shown of an account's number."""
    number = given.get("iban") or given.get("account_number")
    country = {"country": given["iban"][:2]} if "iban" in given else {}
    return given | country | ({"last4": number[-4:]} if number else {})


def create_card(account: Account, given: Json) -> Json:
    """From a number with a date, or from a token."""
    described = given.get("card")
    if not described:
        raise missing_parameter("card")
    exclusive(described, "token", "number")
    if described.get("token"):
        card = card_of_token(described["token"])
        if card is None:
            raise resource_missing("token", described["token"], param="card[token]", status=400)
        return keep(account, new_method(account, given), card)
    for name in ("number", "exp_month", "exp_year"):
        if not described.get(name):
            raise missing_parameter(f"card[{name}]")
    check_expiry(described["exp_month"], described["exp_year"], account)
    card = BY_NUMBER.get(described["number"].replace(" ", ""))
    if card is None:
        raise ApiError(
            402, "Your card number is incorrect.", code="incorrect_number", kind="card_error",
            param="number",
        )  # fmt: skip
    made = keep(account, new_method(account, given), card)
    made["card"].update(exp_month=described["exp_month"], exp_year=described["exp_year"])
    return made


def check_expiry(month: int, year: int, account: Account) -> None:
    """A month of the calendar, not long past."""
    if not 1 <= month <= 12:
        raise ApiError(
            402, "Your card's expiration month is invalid.", code="invalid_expiry_month",
            kind="card_error", param="exp_month",
        )  # fmt: skip
    if year < 1970 + account.clock.now // 31_557_600 or year > 2100:
        raise ApiError(
            402, "Your card's expiration year is invalid.", code="invalid_expiry_year",
            kind="card_error", param="exp_year",
        )  # fmt: skip


def new_method(account: Account, given: Json) -> Json:
    """What all types have."""
    fields = new_fields("payment_method", {k: given[k] for k in COMMON if k in given})
    return new(account, "payment_method", "pm") | {"allow_redisplay": "unspecified"} | fields


def keep(account: Account, made: Json, card: Card) -> Json:
    """Store a card; that its charges fail is hidden behind it."""
    made["card"] = part(
        "payment_method", "card", brand=card.brand, country=card.country, exp_month=12,
        exp_year=2034, fingerprint=hashlib.sha256(card.number.encode()).hexdigest()[:16],
        funding=card.funding, last4=card.number[-4:], display_brand=card.brand,
        checks=part("payment_method", "card.checks", cvc_check="unchecked"),
        networks={"available": [card.brand], "preferred": None},
        three_d_secure_usage={"supported": True},
    )  # fmt: skip
    hidden = {"declines": -1 if card.declines else 0, "refused": card.refused}
    return account.add(made, hidden=hidden)


def attach(account: Account, given: Json, identifier: str) -> Json:
    """Make a payment method a customer's."""
    named = given.get("customer")
    if not named:
        raise missing_parameter("customer")
    customer = referenced(account, "customer", named, "customer")
    found = account.find("payment_method", identifier)
    if found is not None and found["customer"] == customer["id"]:
        return found
    found = attachable(account, identifier, "id", status=404)
    return account.modify(found, {"customer": customer["id"]}, event="attached")


def usable(account: Account, named: str | None, param: str = "payment_method") -> str | None:
    """The id of a payment method to charge, whosever it is; a test token makes a new card."""
    if named is None:
        return None
    card = token_card(named)
    if card is not None:
        return str(keep(account, new_method(account, {"type": "card"}), card)["id"])
    return str(referenced(account, "payment_method", named, param)["id"])


def token_card(named: str) -> Card | None:
    """The card of ``pm_card_visa``."""
    return card_of_token(named) if named.startswith("pm_card_") else None


def attachable(account: Account, named: str, param: str, *, status: int = 400) -> Json:
    """A payment method that can become a customer's; a test token makes a new card."""
    card = token_card(named)
    if card is not None:
        refuse(card.refused)
        return keep(account, new_method(account, {"type": "card"}), card)
    found = account.find("payment_method", named)
    if found is None:
        raise resource_missing("payment_method", named, param=param, status=status)
    if found["customer"] is not None:
        text = "The payment method you provided has already been attached to a customer."
        raise ApiError(400, text, code="payment_method_unexpected_state")
    hidden = account.home("payment_method").by_id[named].hidden or {}
    if hidden.get("detached"):
        raise ApiError(
            400, "This PaymentMethod was previously used without being attached to a Customer or "
            "was detached from a Customer, and may not be used again.",
        )  # fmt: skip
    refuse(hidden.get("refused"))
    return found


def refuse(reason: tuple[str, str, str] | None) -> None:
    """The bank's answer to a card that it will not let be kept."""
    if reason:
        code, text, decline = reason
        raise ApiError(402, text, code=code, kind="card_error", more={"decline_code": decline})


def detach(account: Account, given: Json, identifier: str) -> Json:
    """Take it off its customer, also as the default."""
    found = existing(account, "payment_method", identifier)
    customer = account.find("customer", found["customer"])
    if customer is None:
        raise ApiError(
            400, "The payment method you provided is not attached to a customer so detachment is "
            "impossible.", code="payment_method_unexpected_state",
        )  # fmt: skip
    row = account.home("payment_method").by_id[identifier]
    row.hidden = (row.hidden or {}) | {"detached": True}
    account.modify(found, {"customer": None}, event="detached")
    settings = customer.get("invoice_settings") or {}
    if settings.get("default_payment_method") == identifier:
        account.modify(customer, {"invoice_settings": {"default_payment_method": None}})
    return found


def update(account: Account, given: Json, identifier: str) -> Json:
    """Billing details, metadata, and a card's date; only while it is a customer's."""
    found = existing(account, "payment_method", identifier)
    if found["customer"] is None:
        raise ApiError(
            400, "You must save this PaymentMethod to a customer before you can update it.",
            code="payment_method_unexpected_state",
        )  # fmt: skip
    card = given.get("card") or {}
    if card:
        check_expiry(card.get("exp_month", 1), card.get("exp_year", 2034), account)
    return account.modify(found, changed_fields(found, given))


OPERATIONS = {
    "POST /v1/payment_methods": create,
    "POST /v1/payment_methods/{}": update,
    "POST /v1/payment_methods/{}/attach": attach,
    "POST /v1/payment_methods/{}/detach": detach,
}
