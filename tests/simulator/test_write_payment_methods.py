"""Payment methods and webhook endpoints, written through the SDK."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import stripe

from stripe_source.simulator import Simulator, SimulatorConfig

from .writing import Writer, refused


@pytest.fixture
def at() -> Iterator[Writer]:
    """An account without a business."""
    with Simulator(SimulatorConfig(seed=8, customers=0, fixtures=0)) as sim:
        yield Writer(sim)


def test_cards(at: Writer) -> None:
    """From a number or a token; one number has one fingerprint; no event before it is attached."""
    card: Any = {"number": "5555555555554444", "exp_month": 5, "exp_year": 2031, "cvc": "314"}
    made = at.v1.payment_methods.create({
        "type": "card", "card": card, "metadata": {"a": "1"},
        "billing_details": {"email": "a@b.co", "address": {"city": "X"}},
    })  # fmt: skip
    again = at.v1.payment_methods.create({"type": "card", "card": {"token": "tok_mastercard"}})
    assert made.card is not None
    assert again.card is not None
    assert (made.card.brand, made.card.last4, made.card.exp_year) == ("mastercard", "4444", 2031)
    assert made.card.fingerprint == again.card.fingerprint
    assert (made.customer, made.billing_details.email) == (None, "a@b.co")
    assert at.told() == []


def test_other_types(at: Writer) -> None:
    """A method of another type has that type's hash."""
    made = at.v1.payment_methods.create({"type": "us_bank_account", "us_bank_account": {
        "account_number": "000123456789", "routing_number": "110000000",
        "account_holder_type": "individual"}})  # fmt: skip
    assert made.us_bank_account is not None
    assert (made.us_bank_account.last4, made.us_bank_account.account_holder_type) == (
        "6789", "individual")  # fmt: skip
    debit = at.v1.payment_methods.create(
        {"type": "sepa_debit", "sepa_debit": {"iban": "DE89370400440532013000"}}
    )
    assert debit.sepa_debit is not None
    assert (debit.sepa_debit.last4, debit.sepa_debit.country) == ("3000", "DE")


@pytest.mark.parametrize(("given", "code"), [
    ({}, "parameter_missing"),
    ({"type": "card"}, "parameter_missing"),
    ({"type": "card", "card": {"number": "4242424242424242"}}, "parameter_missing"),
    ({"type": "card", "card": {"token": "tok_x"}}, "resource_missing"),
    ({"type": "card", "card": {"number": "1", "exp_month": 1, "exp_year": 2031}},
     "incorrect_number"),
    ({"type": "card", "card": {"number": "4242424242424242", "exp_month": 13, "exp_year": 2031}},
     "invalid_expiry_month"),
    ({"type": "card", "card": {"number": "4242424242424242", "exp_month": 1, "exp_year": 2020}},
     "invalid_expiry_year"),
    ({"type": "card", "card": {"token": "tok_visa"}, "customer": "cus_x"}, "resource_missing"),
])  # fmt: skip
def test_a_method_that_is_refused(at: Writer, given: dict[str, Any], code: str) -> None:
    """What a card needs, and what a bank would not take."""
    assert refused(at.v1.payment_methods.create, given).code == code


def test_attach_and_detach(at: Writer) -> None:
    """Once attached it is one customer's; once detached it is nobody's again, nor a default."""
    ann, bob = (at.v1.customers.create({"name": name}).id for name in ("Ann", "Bob"))
    at.told()
    method = at.v1.payment_methods.attach("pm_card_visa", {"customer": ann})
    settings = {"default_payment_method": method.id}
    at.v1.customers.update(ann, {"invoice_settings": settings})
    assert [m.id for m in at.v1.payment_methods.list({"customer": ann}).data] == [method.id]
    assert at.v1.payment_methods.attach(method.id, {"customer": ann}).id == method.id
    error = refused(at.v1.payment_methods.attach, method.id, {"customer": bob})
    assert "already been attached" in str(error.user_message)
    assert at.v1.payment_methods.detach(method.id).customer is None
    now = at.v1.customers.retrieve(ann)
    assert now.invoice_settings is not None
    assert now.invoice_settings.default_payment_method is None
    assert at.told() == ["payment_method.attached", "customer.updated", "payment_method.detached",
                         "customer.updated"]  # fmt: skip
    error = refused(at.v1.payment_methods.detach, method.id)
    assert "detachment is impossible" in str(error.user_message)
    error = refused(at.v1.payment_methods.attach, method.id, {"customer": bob})
    assert "may not be used again" in str(error.user_message)
    error = refused(at.v1.payment_methods.update, method.id, {"metadata": {"a": "1"}})
    assert "before you can update it" in str(error.user_message)
    assert refused(at.v1.payment_methods.attach, "pm_x", {"customer": bob}).http_status == 404


def test_update(at: Writer) -> None:
    """Billing details and a card's date; other fields of the card stay."""
    customer = at.v1.customers.create({})
    method = at.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    now = at.v1.payment_methods.update(
        method.id, {"card": {"exp_year": 2035}, "billing_details": {"name": "Ann"}}
    )
    assert now.card is not None
    assert (now.card.exp_year, now.card.last4, now.billing_details.name) == (2035, "4242", "Ann")
    assert at.told()[-1] == "payment_method.updated"


def test_cards_that_the_bank_refuses(at: Writer) -> None:
    """One is refused when attached; chargeCustomerFail attaches, and its charges fail."""
    customer = at.v1.customers.create({})
    error = refused(
        at.v1.payment_methods.attach, "pm_card_chargeDeclined", {"customer": customer.id}
    )
    assert (error.http_status, error.code) == (402, "card_declined")
    assert isinstance(error, stripe.CardError)
    refused(at.v1.customers.create, {"payment_method": "pm_card_chargeDeclined"})
    assert len(at.v1.customers.list().data) == 1
    failing = at.v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer.id})
    at.told()
    error = refused(at.v1.payment_intents.create, {
        "amount": 100, "currency": "usd", "customer": customer.id, "confirm": True,
        "payment_method": failing.id,
    })  # fmt: skip
    assert error.code == "card_declined"
    assert "charge.failed" in at.told()


def test_webhook_endpoints(at: Writer) -> None:
    """The secret is told once; switched off it is disabled; gone it is a 404; no events."""
    made = at.v1.webhook_endpoints.create(
        {"url": "https://example.com/hook", "enabled_events": ["invoice.paid", "charge.failed"]}
    )
    assert str(made.secret).startswith("whsec_")
    assert made.status == "enabled"
    read = at.v1.webhook_endpoints.retrieve(made.id)
    assert (read.secret, read.enabled_events) == (None, ["invoice.paid", "charge.failed"])
    now = at.v1.webhook_endpoints.update(made.id, {"disabled": True, "enabled_events": ["*"]})
    assert (now.status, now.enabled_events) == ("disabled", ["*"])
    assert [e.id for e in at.v1.webhook_endpoints.list().data] == [made.id]
    assert at.v1.webhook_endpoints.delete(made.id).deleted
    assert refused(at.v1.webhook_endpoints.retrieve, made.id).http_status == 404
    assert at.told() == []


def test_webhook_endpoints_that_are_refused(at: Writer) -> None:
    """An address without a scheme, and a type of event that there is not."""
    bad: Any = {"url": "example.com", "enabled_events": ["*"]}
    assert refused(at.v1.webhook_endpoints.create, bad).code == "url_invalid"
    bad = {"url": "https://example.com", "enabled_events": ["invoice.eaten"]}
    error = refused(at.v1.webhook_endpoints.create, bad)
    assert "Invalid enabled_events[0]" in str(error.user_message)
