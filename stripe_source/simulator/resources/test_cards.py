"""Stripe's test cards (https://docs.stripe.com/testing): by number, and by the name of a token."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Card:
    """A card; ``declines`` says that its charges fail.

    ``refused`` is why it cannot be attached either: code, text and decline code.
    """

    number: str
    brand: str = "visa"
    funding: str = "credit"
    country: str = "US"
    declines: bool = False
    refused: tuple[str, str, str] | None = None


DECLINED = ("card_declined", "Your card was declined.", "generic_decline")
CARDS = {
    "visa": Card("4242424242424242"),
    "visa_debit": Card("4000056655665556", funding="debit"),
    "mastercard": Card("5555555555554444", "mastercard"),
    "mastercard_debit": Card("5200828282828210", "mastercard", "debit"),
    "mastercard_prepaid": Card("5105105105105100", "mastercard", "prepaid"),
    "amex": Card("378282246310005", "amex"),
    "discover": Card("6011111111111117", "discover"),
    "diners": Card("3056930009020004", "diners"),
    "jcb": Card("3566002020360505", "jcb", country="JP"),
    "unionpay": Card("6200000000000005", "unionpay", country="CN"),
    "gb": Card("4000008260000000", country="GB"),
    "de": Card("4000002760000016", country="DE"),
    "fr": Card("4000002500000003", country="FR"),
    "jp": Card("4000003920000003", country="JP"),
    "chargeCustomerFail": Card("4000000000000341", declines=True),
    "chargeDeclined": Card("4000000000000002", declines=True, refused=DECLINED),
    "chargeDeclinedInsufficientFunds": Card(
        "4000000000009995", declines=True,
        refused=("card_declined", "Your card has insufficient funds.", "insufficient_funds"),
    ),
    "chargeDeclinedExpiredCard": Card(
        "4000000000000069", declines=True,
        refused=("expired_card", "Your card has expired.", "expired_card"),
    ),
    "chargeDeclinedIncorrectCvc": Card(
        "4000000000000127", declines=True,
        refused=("incorrect_cvc", "Your card's security code is incorrect.", "incorrect_cvc"),
    ),
    "chargeDeclinedProcessingError": Card(
        "4000000000000119", declines=True,
        refused=("processing_error", "An error occurred while processing your card. "
                 "Try again in a little bit.", "processing_error"),
    ),
}  # fmt: skip
"""By what follows ``pm_card_`` or ``tok_``."""
BY_NUMBER = {card.number: card for card in CARDS.values()}


def card_of_token(token: str) -> Card | None:
    """The card of ``pm_card_visa`` or ``tok_visa``."""
    for prefix in ("pm_card_visa_", "pm_card_", "tok_visa_", "tok_"):
        if token.startswith(prefix) and token[len(prefix) :] in CARDS:
            return CARDS[token[len(prefix) :]]
    return None
