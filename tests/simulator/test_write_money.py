"""Money that is moved by hand: only what is there, and only forward."""

from __future__ import annotations

from typing import Any

import pytest

from stripe_source.simulator import Simulator

from .writing import Writer, refused

VISA = {"payment_method": "pm_card_visa", "return_url": "https://a.test"}
DECLINED = VISA | {"payment_method": "pm_card_chargeDeclined"}
PLAIN = {"amount": 900, "currency": "usd"}
HELD = VISA | PLAIN | {"confirm": True, "capture_method": "manual"}


@pytest.fixture
def writer(own: Simulator) -> Writer:
    """Writes to an account of the test's own."""
    return Writer(own)


def open_invoice(writer: Writer) -> tuple[str, str]:
    """An invoice that a customer without a card could not pay, and its intent."""
    v1 = writer.v1
    customer = v1.customers.create({"name": "A"}).id
    v1.invoice_items.create({"customer": customer, "amount": 500, "currency": "usd"})
    made = v1.invoices.create({"customer": customer, "pending_invoice_items_behavior": "include"})
    v1.invoices.finalize_invoice(made.id)
    refused(v1.invoices.pay, made.id)
    payment = v1.invoice_payments.list({"invoice": made.id}).data[0].payment
    return made.id, str(payment.payment_intent)


@pytest.mark.parametrize("amount", [0, -5, 901])
def test_no_more_is_captured_than_was_held(writer: Writer, amount: int) -> None:
    """Nothing, less than nothing and too much are refused, and the money stays held."""
    held = writer.v1.payment_intents.create(HELD)
    error = refused(writer.v1.payment_intents.capture, held.id, {"amount_to_capture": amount})
    assert (error.http_status, error.param) == (400, "amount_to_capture")
    assert writer.v1.payment_intents.retrieve(held.id).status == "requires_capture"


def test_a_charge_that_is_not_held_is_not_captured(writer: Writer) -> None:
    """One that was declined, and one whose intent was canceled."""
    v1 = writer.v1
    held = v1.payment_intents.create(HELD)
    v1.payment_intents.cancel(held.id)
    declined = v1.payment_intents.create(PLAIN).id
    refused(v1.payment_intents.confirm, declined, DECLINED)
    failed = str(v1.payment_intents.retrieve(declined).latest_charge)
    for charge in (str(held.latest_charge), failed):
        assert refused(v1.charges.capture, charge).http_status == 400


@pytest.mark.parametrize("given", [
    {"amount": 5}, {"customer": "cus_none"}, {"payment_method": "pm_card_visa"},
])  # fmt: skip
def test_what_has_succeeded_stays_as_it_is(writer: Writer, given: dict[str, Any]) -> None:
    """Only the description and metadata of a paid intent may be changed."""
    made = writer.v1.payment_intents.create(VISA | PLAIN | {"confirm": True})
    error = refused(writer.v1.payment_intents.update, made.id, given)
    assert error.code == "payment_intent_unexpected_state"
    assert writer.v1.payment_intents.retrieve(made.id).status == "succeeded"


@pytest.mark.parametrize(("given", "param"), [
    ({"amount": 0}, "amount"),
    ({"customer": "cus_none"}, "customer"),
    ({"currency": "zzz"}, "currency"),
])  # fmt: skip
def test_an_intent_that_is_refused(writer: Writer, given: dict[str, Any], param: str) -> None:
    """When it is made as when it is changed."""
    made = writer.v1.payment_intents.create(PLAIN)
    assert refused(writer.v1.payment_intents.update, made.id, given).param == param
    assert refused(writer.v1.payment_intents.create, PLAIN | given).param == param


def test_an_invoices_intent_follows_the_invoice(writer: Writer) -> None:
    """It can't be canceled, or be of another amount, by itself."""
    intents = writer.v1.payment_intents
    intent = open_invoice(writer)[1]
    for error in (refused(intents.cancel, intent), refused(intents.update, intent, {"amount": 7})):
        assert error.code == "payment_intent_unexpected_state"
    assert intents.retrieve(intent).amount == 500


@pytest.mark.parametrize("amount", [0, -50])
def test_a_payout_pays_something(writer: Writer, amount: int) -> None:
    """Nothing and less than nothing are refused."""
    error = refused(writer.v1.payouts.create, {"amount": amount, "currency": "usd"})
    assert (error.http_status, error.param) == (400, "amount")


@pytest.mark.parametrize("amount", [0, -50, 51])
def test_a_credit_note_gives_back_no_more_than_it_credits(writer: Writer, amount: int) -> None:
    """Its refund is a part of it, and nothing is left behind by one that is refused."""
    invoice = open_invoice(writer)[0]
    method = writer.v1.payment_methods.create({"type": "card", "card": {"token": "tok_visa"}})
    writer.v1.invoices.pay(invoice, {"payment_method": method.id})
    writer.told()
    given = {"invoice": invoice, "amount": 50, "refund_amount": amount}
    error = refused(writer.v1.credit_notes.create, given)
    assert (error.http_status, error.param) == (400, "refund_amount")
    assert writer.told() == []
