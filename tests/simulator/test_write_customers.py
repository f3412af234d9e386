"""Customers and what belongs to them, written through the SDK."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import stripe

from stripe_source.simulator import Simulator, SimulatorConfig

from .writing import Writer


@pytest.fixture
def at() -> Iterator[Writer]:
    """An account without a business."""
    with Simulator(SimulatorConfig(seed=5, customers=0, fixtures=0)) as sim:
        yield Writer(sim)


def test_a_customer_is_whole(at: Writer) -> None:
    """What is given is there, hashes with all their keys, and one event tells of it."""
    made = at.v1.customers.create({
        "email": "a@b.co", "name": "Zoë", "address": {"city": "Köln", "country": "DE"},
        "shipping": {"name": "Zoë", "address": {"line1": "1 Main St"}}, "metadata": {"k": "v"},
        "invoice_settings": {"footer": "Bye", "custom_fields": [{"name": "VAT", "value": "1"}]},
        "preferred_locales": ["de"], "tax_exempt": "reverse", "tax": {"ip_address": "10.0.0.1"},
    })  # fmt: skip
    assert (made.id[:4], made.tax_exempt, made.balance) == ("cus_", "reverse", 0)
    assert made.address is not None
    rest = dict.fromkeys(("line1", "line2", "postal_code", "state"))
    assert made.address.to_dict() == {"city": "Köln", "country": "DE"} | rest
    assert re.fullmatch("[A-Z0-9]{8}", made.invoice_prefix or "")
    assert at.v1.customers.retrieve(made.id).to_dict() == made.to_dict()
    assert at.told() == ["customer.created"]


@pytest.mark.rule("3.1d")
def test_update_merges_and_unsets(at: Writer) -> None:
    """Metadata is merged, an empty value deletes a key, the empty text unsets a field."""
    made = at.v1.customers.create({"name": "x", "metadata": {"a": "1", "b": "2"},
                                   "address": {"city": "A", "line1": "B"}})  # fmt: skip
    now = at.v1.customers.update(made.id, {"metadata": {"a": "", "c": "3"}, "name": "",
                                           "address": {"city": "C"}})  # fmt: skip
    assert now.metadata is not None
    assert now.metadata.to_dict() == {"b": "2", "c": "3"}
    assert now.name is None
    assert now.address is not None
    assert (now.address.city, now.address.line1) == ("C", "B")
    assert at.v1.customers.update(made.id, {"metadata": "", "address": ""}).address is None
    before = [e["data"]["previous_attributes"] for e in at.events()[1:]]
    assert before[0] == {"metadata": {"a": "1", "c": None}, "name": "x", "address": {"city": "A"}}
    assert before[1]["metadata"] == {"b": "2", "c": "3"}


def test_an_update_that_changes_nothing_tells_nothing(at: Writer) -> None:
    """No customer.updated where every value is what it was."""
    made = at.v1.customers.create({"name": "x"})
    at.v1.customers.update(made.id, {"name": "x"})
    assert at.told() == ["customer.created"]


@pytest.mark.parametrize(("given", "message", "code"), [
    ({"email": "nobody"}, "Invalid email address: nobody", "email_invalid"),
    ({"foo": 1}, "Received unknown parameter: foo", "parameter_unknown"),
    ({"tax_exempt": "x"}, "Invalid tax_exempt: must be one of exempt, none, or reverse", None),
    ({"balance": "x"}, "Invalid integer: x", "parameter_invalid_integer"),
    ({"address": "x"}, "Invalid object", None),
    ({"payment_method": "pm_1"}, "No such PaymentMethod: 'pm_1'", "resource_missing"),
    ({"source": "tok_x"}, "No such token: 'tok_x'", "resource_missing"),
    ({"test_clock": "clock_x"}, "No such test_clock: 'clock_x'", "resource_missing"),
    ({"invoice_settings": {"default_payment_method": "pm_1"}},
     "The customer does not have a payment method with the ID pm_1", "resource_missing"),
    ({"tax_id_data": [{"type": "us_ein", "value": "x"}]}, "Invalid value for us_ein.",
     "tax_id_invalid"),
    ({"invoice_prefix": "ab"}, "Invalid invoice_prefix", None),
])  # fmt: skip
def test_what_is_refused_leaves_nothing(
    at: Writer, given: dict[str, object], message: str, code: str | None
) -> None:
    """A refused create is a 400 with Stripe's text, no object and no event."""
    with pytest.raises(stripe.InvalidRequestError, match=re.escape(message)) as caught:
        at.v1.customers.create(given)  # type: ignore[arg-type]
    assert (caught.value.http_status, caught.value.code) == (400, code)
    assert not at.v1.customers.list().data
    assert at.told() == []


@pytest.mark.rule("3.3a", "3.3c", "3.3d")
def test_delete_cascades(own: Simulator) -> None:
    """Subscriptions are canceled before the customer is gone; the stub can be read, not written."""
    at = Writer(own)
    sub = at.v1.subscriptions.list({"status": "active"}).data[0]
    customer = str(sub.customer)
    assert at.v1.customers.delete(customer).to_dict() == {
        "id": customer, "object": "customer", "deleted": True}  # fmt: skip
    kinds = at.told()
    assert kinds[-1] == "customer.deleted"
    assert set(kinds[:-1]) == {"customer.subscription.deleted"}
    assert at.v1.subscriptions.retrieve(sub.id).status == "canceled"
    assert at.v1.customers.retrieve(customer).deleted
    assert customer not in {c.id for c in at.v1.customers.list({"limit": 100}).data}
    for write in (
        lambda: at.v1.customers.update(customer, {"name": "x"}),
        lambda: at.v1.customers.delete(customer),
        lambda: at.v1.customers.tax_ids.create(customer, {"type": "us_ein", "value": "12-3456789"}),
    ):
        with pytest.raises(stripe.InvalidRequestError, match="No such customer") as caught:
            write()
        assert (caught.value.http_status, caught.value.code) == (404, "resource_missing")


def test_balance_leaves_entries(at: Writer) -> None:
    """A balance at creation, a new one and an entry: each an entry with the balance after it."""
    made = at.v1.customers.create({"balance": -500})
    assert made.currency == "usd"
    at.v1.customers.update(made.id, {"balance": -200})
    entry = at.v1.customers.balance_transactions.create(
        made.id, {"amount": 50, "currency": "usd", "description": "Sorry"}
    )
    assert (entry.type, entry.ending_balance, entry.description) == ("adjustment", -150, "Sorry")
    rows = at.v1.customers.balance_transactions.list(made.id).data
    assert [(r.amount, r.ending_balance, r.type) for r in rows] == [
        (50, -150, "adjustment"), (300, -200, "adjustment"), (-500, -500, "initial")]  # fmt: skip
    assert at.v1.customers.retrieve(made.id).balance == -150
    assert at.told() == ["customer.created", "customer.updated", "customer.updated"]
    changed = at.v1.customers.balance_transactions.update(made.id, entry.id, {"description": "No"})
    assert changed.description == "No"
    with pytest.raises(stripe.InvalidRequestError, match="must match the currency"):
        at.v1.customers.balance_transactions.create(made.id, {"amount": 1, "currency": "eur"})
    assert at.told() == []


def test_a_discount_can_be_taken_away(own: Simulator) -> None:
    """The discount comes back marked as deleted, leaves the customer, and cannot go twice."""
    at = Writer(own)
    coupon = at.v1.coupons.create({"percent_off": 10})
    customer = at.v1.customers.create({})
    give_discount(own, coupon.id, customer.id)
    at.told()
    gone = at.v1.customers.delete_discount(customer.id)
    assert (gone.deleted, gone.customer) == (True, customer.id)
    assert at.v1.customers.retrieve(customer.id).discount is None
    assert at.told() == ["customer.updated", "customer.discount.deleted"]
    with pytest.raises(stripe.InvalidRequestError, match="No active discount for customer"):
        at.v1.customers.delete_discount(customer.id)


def give_discount(sim: Simulator, coupon: str, customer: str) -> None:
    """A discount of the customer's own: no request makes one any more."""
    from stripe_source.simulator.billing.discounts import redeem

    account = sim.account
    with account.lock:
        made = redeem(account, account.get("coupon", coupon), customer)
        account.modify(account.get("customer", customer), {"discount": made["id"]})
        account.settle()


def test_a_payment_method_comes_with_the_customer(at: Writer) -> None:
    """A test token makes a card, attached, and the default where it is named so."""
    made = at.v1.customers.create({
        "payment_method": "pm_card_visa",
        "invoice_settings": {"default_payment_method": "pm_card_visa"},
    })  # fmt: skip
    (method,) = at.v1.customers.payment_methods.list(made.id).data
    assert made.invoice_settings is not None
    assert made.invoice_settings.default_payment_method == method.id
    assert at.told() == ["customer.created", "payment_method.attached"]
    other = at.v1.payment_methods.attach("pm_card_mastercard", {"customer": made.id})
    settings = {"default_payment_method": other.id}
    now = at.v1.customers.update(made.id, {"invoice_settings": settings})
    assert now.invoice_settings is not None
    assert now.invoice_settings.default_payment_method == other.id


def test_tax_ids_of_customers(at: Writer) -> None:
    """With the customer, later, and deleted by its own customer only, each with its event."""
    made = at.v1.customers.create({"tax_id_data": [{"type": "eu_vat", "value": "DE123456789"}]})
    more = at.v1.customers.tax_ids.create(made.id, {"type": "gb_vat", "value": "GB123456789"})
    assert (more.country, more.verification and more.verification.status) == ("GB", "pending")
    assert [t.country for t in at.v1.customers.tax_ids.list(made.id).data] == ["GB", "DE"]
    other = at.v1.customers.create({})
    with pytest.raises(stripe.InvalidRequestError, match="No such tax_id"):
        at.v1.customers.tax_ids.delete(other.id, more.id)
    assert at.v1.customers.tax_ids.delete(made.id, more.id).deleted
    assert len(at.v1.customers.tax_ids.list(made.id).data) == 1
    assert at.told() == ["customer.created", "customer.tax_id.created", "customer.tax_id.created",
                         "customer.created", "customer.tax_id.deleted"]  # fmt: skip
    with pytest.raises(stripe.InvalidRequestError, match="No such tax_id"):
        at.v1.customers.tax_ids.delete(made.id, more.id)


def test_tax_ids_of_the_account(at: Writer) -> None:
    """Without an owner it is the account's, which has no events; with one it is the customer's."""
    mine = at.v1.tax_ids.create({"type": "us_ein", "value": "12-3456789"})
    assert mine.owner is not None
    assert (mine.owner.type, mine.customer) == ("self", None)
    customer = at.v1.customers.create({})
    owner = {"type": "customer", "customer": customer.id}
    theirs = at.v1.tax_ids.create({"type": "us_ein", "value": "98-7654321", "owner": owner})  # type: ignore[typeddict-item]
    assert theirs.customer == customer.id
    assert mine.id in {t.id for t in at.v1.tax_ids.list().data}
    assert theirs.id not in {t.id for t in at.v1.tax_ids.list().data}
    at.v1.tax_ids.delete(mine.id)
    at.v1.tax_ids.delete(theirs.id)
    assert at.told() == [
        "customer.created", "customer.tax_id.created", "customer.tax_id.deleted"]  # fmt: skip
