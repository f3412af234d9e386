"""What can be deleted, what is left of it, and how subscriptions and invoices end instead."""

from __future__ import annotations

from typing import Any

import pytest

from stripe_source.simulator import Simulator

from .conftest import sdk
from .writing import Writer, refused

MONTHLY: Any = {"currency": "usd", "unit_amount": 900, "recurring": {"interval": "month"}}
DAY = 86400


@pytest.fixture
def at(own: Simulator) -> Writer:
    """Writes to an account of the test's own."""
    return Writer(own)


def subscribed(at: Writer) -> Any:
    """A subscription of one item that runs and is paid for."""
    customer = at.v1.customers.create({"name": "A"}).id
    card = at.v1.payment_methods.attach("pm_card_visa", {"customer": customer}).id
    price = at.v1.prices.create(MONTHLY | {"product_data": {"name": "Tea"}}).id
    made = at.v1.subscriptions.create(
        {"customer": customer, "items": [{"price": price}], "default_payment_method": card}
    )
    assert made.status == "active"
    at.told()
    return made


@pytest.mark.rule("3.3a", "3.3b", "3.3d")
def test_a_deleted_customer(at: Writer) -> None:
    """Three fields are left to a GET; lists and searches have it no more; no write takes it."""
    made = at.v1.customers.create({"name": "Gone", "email": "gone@x.yz"}).id
    at.sim.account.advance(5)
    find: Any = {"query": 'name:"Gone"'}
    assert [c.id for c in at.v1.customers.search(find).data] == [made]
    stub = {"id": made, "object": "customer", "deleted": True}
    assert at.v1.customers.delete(made).to_dict() == stub
    assert at.v1.customers.retrieve(made).to_dict() == stub
    assert not at.v1.customers.search(find).data
    assert not at.v1.customers.list({"email": "gone@x.yz"}).data
    for write in (lambda: at.v1.customers.update(made, {"name": "x"}),
                  lambda: at.v1.customers.delete(made),
                  lambda: at.v1.invoices.create({"customer": made}),
                  lambda: at.v1.invoice_items.create({"customer": made, "amount": 1}),
                  lambda: at.v1.payment_methods.attach("pm_card_visa", {"customer": made}),
                  lambda: at.v1.customers.balance_transactions.create(
                      made, {"amount": 1, "currency": "usd"})):  # fmt: skip
        error = refused(write)
        assert (error.code, error.http_status in (400, 404)) == ("resource_missing", True)


@pytest.mark.rule("3.3c", "4.1a")
def test_subscriptions_end_before_their_customer(at: Writer) -> None:
    """Each running one is canceled, with its event before the customer's."""
    sub = subscribed(at)
    at.v1.customers.delete(sub.customer)
    now = at.v1.subscriptions.retrieve(sub.id)
    assert (now.status, now.customer) == ("canceled", sub.customer)
    told = at.told()
    assert told[-1] == "customer.deleted"
    assert told.count("customer.subscription.deleted") == 1


@pytest.mark.rule("3.4a", "3.4b", "3.4c")
def test_get_after_delete_is_a_404(at: Writer) -> None:
    """Coupons, plans, products without prices, drafts and the like leave no stub to read."""
    product = at.v1.products.create({"name": "P"}).id
    plan: Any = {"currency": "usd", "interval": "month", "amount": 5, "product": {"name": "Q"}}
    customer = at.v1.customers.create({"name": "A"}).id
    hook: Any = {"url": "https://a.test/x", "enabled_events": ["*"]}
    item: Any = {"customer": customer, "amount": 5, "currency": "usd"}
    for service, identifier in (
        (at.v1.products, product), (at.v1.plans, at.v1.plans.create(plan).id),
        (at.v1.coupons, at.v1.coupons.create({"percent_off": 5}).id),
        (at.v1.invoices, at.v1.invoices.create({"customer": customer}).id),
        (at.v1.invoice_items, at.v1.invoice_items.create(item).id),
        (at.v1.webhook_endpoints, at.v1.webhook_endpoints.create(hook).id),
    ):  # fmt: skip
        stub: Any = service.delete(identifier)  # type: ignore[attr-defined]
        assert (stub.id, stub.deleted) == (identifier, True)
        for again in (service.retrieve, service.delete):  # type: ignore[attr-defined]
            error = refused(again, identifier)
            assert (error.http_status, error.code) == (404, "resource_missing")


@pytest.mark.rule("3.4b", "3.4e")
def test_deleting_a_plan_tells_of_its_price(at: Writer) -> None:
    """The price that it is goes with it: both are told of, and neither is there."""
    plan: Any = {"currency": "usd", "interval": "month", "amount": 5, "product": {"name": "Q"}}
    made = at.v1.plans.create(plan)
    at.told()
    at.v1.plans.delete(made.id)
    assert sorted(at.told()) == ["plan.deleted", "price.deleted"]
    assert refused(at.v1.prices.retrieve, made.id).http_status == 404


@pytest.mark.rule("3.4a", "3.4d")
def test_prices_stay(at: Writer) -> None:
    """A price is made inactive, and keeps its product for ever."""
    price = at.v1.prices.create(MONTHLY | {"product_data": {"name": "Tea"}})
    error = refused(sdk(at.sim).raw_request, "delete", f"/v1/prices/{price.id}")
    assert (error.http_status, "Unrecognized request URL" in str(error)) == (404, True)
    assert at.v1.prices.update(price.id, {"active": False}).active is False
    error = refused(at.v1.products.delete, price.product)
    assert (error.http_status, "one or more user-created prices" in str(error)) == (400, True)


@pytest.mark.rule("3.5a", "3.5b", "3.5c")
def test_canceling_with_all_that_it_takes(at: Writer) -> None:
    """The subscription comes back whole, with the reason, and the unused time credited."""
    sub = subscribed(at)
    at.sim.account.advance(10 * DAY)
    invoices = len(at.v1.invoices.list({"subscription": sub.id}).data)
    given: Any = {
        "cancellation_details": {"comment": "why", "feedback": "too_expensive"},
        "invoice_now": True, "prorate": True, "expand": ["customer", "latest_invoice"],
    }  # fmt: skip
    gone = at.v1.subscriptions.cancel(sub.id, given)
    now = at.sim.account.clock.now
    assert (gone.status, gone.canceled_at, gone.ended_at) == ("canceled", now, now)
    assert gone.cancellation_details is not None
    told = gone.cancellation_details.to_dict()
    assert (told["comment"], told["feedback"]) == ("why", "too_expensive")
    assert told["reason"] == "cancellation_requested"
    assert gone["customer"]["id"] == sub.customer
    last = gone["latest_invoice"]
    assert len(at.v1.invoices.list({"subscription": sub.id}).data) == invoices + 1
    assert last["total"] < 0
    assert "customer.subscription.deleted" in at.told()
    error = refused(at.v1.subscriptions.cancel, sub.id)
    assert (error.http_status, error.code) == (404, "resource_missing")
    assert refused(at.v1.subscriptions.cancel, sub.id, {"why": "x"}).code == "parameter_unknown"


@pytest.mark.rule("3.5a", "3.5b")
def test_canceling_plainly(at: Writer) -> None:
    """Without parameters nothing is billed or credited, and all fields of it are still there."""
    sub = subscribed(at)
    gone = at.v1.subscriptions.cancel(sub.id)
    assert gone.latest_invoice == sub.latest_invoice
    assert set(gone.to_dict()) == set(sub.to_dict())
    assert gone.cancellation_details is not None
    assert gone.cancellation_details.reason == "cancellation_requested"
    assert at.told() == ["customer.subscription.deleted"]


@pytest.mark.rule("3.5d")
def test_canceling_at_the_end_of_the_period(at: Writer) -> None:
    """It runs on until then, can be kept after all, and ends by itself where it is not."""
    sub = subscribed(at)
    end = sub["items"].data[0].current_period_end
    later = at.v1.subscriptions.update(sub.id, {"cancel_at_period_end": True})
    assert (later.status, later.cancel_at, later.ended_at) == ("active", end, None)
    assert later.canceled_at == at.sim.account.clock.now
    kept = at.v1.subscriptions.update(sub.id, {"cancel_at_period_end": False})
    assert (kept.cancel_at, kept.canceled_at) == (None, None)
    at.v1.subscriptions.update(sub.id, {"cancel_at_period_end": True})
    assert at.told() == ["customer.subscription.updated"] * 3
    at.sim.account.advance(end - at.sim.account.clock.now)
    gone = at.v1.subscriptions.retrieve(sub.id)
    assert (gone.status, gone.ended_at) == ("canceled", end)
    own = [e["type"] for e in at.events() if e["data"]["object"].get("id") == sub.id]
    assert own == ["customer.subscription.deleted"]
    assert len(at.v1.invoices.list({"subscription": sub.id}).data) == 1


@pytest.mark.rule("3.5e")
def test_a_canceled_subscription_is_closed(at: Writer) -> None:
    """Only metadata and cancellation_details can still be written."""
    sub = subscribed(at)
    at.v1.subscriptions.cancel(sub.id)
    item = {"price": sub["items"].data[0].price.id}
    for given in ({"description": "x"}, {"cancel_at_period_end": True}, {"items": [item]}):
        error = refused(at.v1.subscriptions.update, sub.id, given)
        assert error.http_status == 400
        assert "only update its cancellation_details and metadata" in str(error)
    given: Any = {"metadata": {"k": "v"}, "cancellation_details": {"feedback": "unused"}}
    now = at.v1.subscriptions.update(sub.id, given)
    assert now.cancellation_details is not None
    assert (now.metadata.to_dict(), now.cancellation_details.feedback) == ({"k": "v"}, "unused")
    assert now.cancellation_details.reason == "cancellation_requested"


@pytest.mark.rule("3.6a", "3.6b")
def test_only_drafts_are_deleted(at: Writer) -> None:
    """A draft goes with its event; an open invoice can be voided, a paid one neither."""
    customer = at.v1.customers.create({"name": "A"}).id

    def draft() -> str:
        at.v1.invoice_items.create({"customer": customer, "amount": 500, "currency": "usd"})
        return at.v1.invoices.create(
            {"customer": customer, "pending_invoice_items_behavior": "include",
             "collection_method": "send_invoice", "days_until_due": 5}
        ).id  # fmt: skip

    one, two, three = draft(), draft(), draft()
    at.told()
    assert at.v1.invoices.delete(one).deleted
    assert at.told() == ["invoice.deleted"]
    at.v1.invoices.finalize_invoice(two)
    assert refused(at.v1.invoices.delete, two).http_status == 400
    assert at.v1.invoices.void_invoice(two).status == "void"
    assert "invoice.voided" in at.told()
    at.v1.invoices.pay(three, {"paid_out_of_band": True})
    for refusing in (at.v1.invoices.delete, at.v1.invoices.void_invoice):
        assert refused(refusing, three).http_status == 400
    assert at.v1.invoices.retrieve(three).status == "paid"
