"""Payments that a client makes itself: first invoices, declined cards, verbs that look like ids."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from stripe_source.simulator import Simulator

from .conftest import Wire, sdk


@pytest.fixture
def client(own: Simulator) -> stripe.StripeClient:
    """The SDK against the test's own account."""
    return sdk(own)


def monthly(client: stripe.StripeClient) -> str:
    """A price in dollars a month."""
    prices = client.v1.prices.list({"active": True, "currency": "usd", "limit": 100}).data
    return next(p.id for p in prices if p.unit_amount and p.recurring
                and p.recurring.interval == "month")  # fmt: skip


def test_the_first_invoice_waits_for_the_client(
    client: stripe.StripeClient,
) -> None:
    """default_incomplete tries nothing; confirming the invoice's intent activates the subscription.

    Source: https://docs.stripe.com/billing/subscriptions/build-subscriptions
    """
    customer = client.v1.customers.create({"email": "first@x.yz"})
    made = client.v1.subscriptions.create(
        {"customer": customer.id, "items": [{"price": monthly(client)}],
         "payment_behavior": "default_incomplete", "expand": ["latest_invoice.payments"]}
    )  # fmt: skip
    invoice: Any = made.latest_invoice
    assert (made.status, invoice.status, invoice.attempt_count) == ("incomplete", "open", 0)
    assert client.v1.customers.retrieve(customer.id).delinquent is False
    failed = client.v1.events.list({"types": ["charge.failed", "invoice.payment_failed"]}).data
    assert customer.id not in {event.data.object.customer for event in failed}
    intent = invoice.payments.data[0].payment.payment_intent
    client.v1.payment_intents.confirm(intent, {"payment_method": "pm_card_visa"})
    paid = client.v1.invoices.retrieve(invoice.id, {"expand": ["payments"]})
    assert (paid.status, paid.amount_paid, paid.amount_remaining) == ("paid", paid.total, 0)
    assert client.v1.subscriptions.retrieve(made.id).status == "active"


@pytest.mark.parametrize(("card", "code", "decline"), [
    ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
    ("pm_card_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
    ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
])  # fmt: skip
def test_a_declined_card_says_why(
    client: stripe.StripeClient, card: str, code: str, decline: str
) -> None:
    """The error has code, decline code, charge and intent, and the intent keeps them."""
    with pytest.raises(stripe.CardError) as caught:
        client.v1.payment_intents.create(
            {"amount": 900, "currency": "usd", "payment_method": card, "confirm": True}
        )
    error: Any = caught.value.json_body
    told = error["error"]
    assert (told["code"], told["decline_code"]) == (code, decline)
    intent = client.v1.payment_intents.retrieve(told["payment_intent"]["id"])
    assert (intent.status, intent.latest_charge) == ("requires_payment_method", told["charge"])
    assert intent.last_payment_error is not None
    assert intent.last_payment_error.decline_code == decline


def test_a_verb_is_no_id(own_wire: Wire) -> None:
    """A preview, which is not simulated, is an unknown address and not a missing invoice."""
    for path in ("/v1/invoices/create_preview", "/v1/credit_notes/preview"):
        for answer in (own_wire.post(path, {}), own_wire.get(path)):
            assert answer.status == 404
            assert answer.json()["error"]["message"].startswith("Unrecognized request URL")


def test_what_is_not_simulated_is_refused(client: stripe.StripeClient) -> None:
    """A parameter that nothing here acts on is said, rather than accepted and forgotten."""
    with pytest.raises(stripe.InvalidRequestError, match="simulator does not do `transfer_data`"):
        client.v1.payment_intents.create(
            {"amount": 900, "currency": "usd", "transfer_data": {"destination": "acct_1"}}
        )
    customer = client.v1.customers.list().data[0].id
    price: Any = {"currency": "usd", "product": "prod_1", "recurring": {"interval": "month"}}
    with pytest.raises(stripe.InvalidRequestError, match="price_data"):
        client.v1.subscriptions.create({"customer": customer, "items": [{"price_data": price}]})


def test_an_end_in_the_past_is_refused(client: stripe.StripeClient) -> None:
    """cancel_at lies ahead, at creation and afterwards."""
    running = client.v1.subscriptions.list({"status": "active"}).data[0]
    with pytest.raises(stripe.InvalidRequestError, match="in the future"):
        client.v1.subscriptions.update(running.id, {"cancel_at": 1})
    assert client.v1.subscriptions.retrieve(running.id).status == "active"
