"""Test clocks: customers that live at a time of their own."""

from __future__ import annotations

import pytest
import stripe

from stripe_source.simulator import Simulator

from .conftest import Wire, sdk

DAY = 86400


def on_clock(client: stripe.StripeClient, frozen: int) -> tuple[str, str, str]:
    """A clock with a customer and a monthly subscription: their ids."""
    clock = client.v1.test_helpers.test_clocks.create({"frozen_time": frozen, "name": "trial run"})
    customer = client.v1.customers.create({"test_clock": clock.id, "email": "clock@x.yz"})
    card = client.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    client.v1.customers.update(
        customer.id, {"invoice_settings": {"default_payment_method": card.id}}
    )
    prices = client.v1.prices.list({"active": True, "currency": "usd", "limit": 100}).data
    monthly = next(p for p in prices if p.unit_amount and p.recurring
                   and p.recurring.interval == "month")  # fmt: skip
    subscription = client.v1.subscriptions.create(
        {"customer": customer.id, "items": [{"price": monthly.id}]}
    )
    return clock.id, customer.id, subscription.id


@pytest.fixture
def client(own: Simulator) -> stripe.StripeClient:
    """The SDK against the test's own account."""
    return sdk(own)


def test_a_clock_has_its_own_time(own: Simulator, client: stripe.StripeClient) -> None:
    """Advancing it renews its subscriptions; the account's time and everybody else stay."""
    now = own.account.clock.now
    others = len(own.account.objects("/v1/invoices"))
    clock, customer, subscription = on_clock(client, now - 400 * DAY)
    assert client.v1.customers.retrieve(customer).created == now - 400 * DAY
    moved = client.v1.test_helpers.test_clocks.advance(clock, {"frozen_time": now - 300 * DAY})
    assert moved.status == "advancing"
    assert client.v1.test_helpers.test_clocks.retrieve(clock).status == "ready"
    invoices = client.v1.invoices.list({"customer": customer}).data
    assert [i.status for i in invoices] == ["paid"] * 4
    assert own.account.clock.now == now
    assert len(own.account.objects("/v1/invoices")) == others + 4
    kinds = [e.type for e in client.v1.events.list({"type": "test_helpers.*"}).data]
    assert kinds[:2] == ["test_helpers.test_clock.ready", "test_helpers.test_clock.advancing"]
    assert client.v1.subscriptions.retrieve(subscription).status == "active"


def test_the_account_moves_without_its_clocks(own: Simulator, client: stripe.StripeClient) -> None:
    """What is planned on a clock is due by that clock alone."""
    _, customer, _ = on_clock(client, own.account.clock.now)
    own.account.advance(70 * DAY)
    assert len(client.v1.invoices.list({"customer": customer}).data) == 1


@pytest.mark.rule("2.9")
def test_lists_leave_out_what_is_on_a_clock(
    own: Simulator, own_wire: Wire, client: stripe.StripeClient
) -> None:
    """Customers, subscriptions and invoices of a clock appear only by the clock or the customer."""
    clock, customer, subscription = on_clock(client, own.account.clock.now)
    for path, mine in (("customers", customer), ("subscriptions", subscription)):
        assert mine not in {row["id"] for row in own_wire.all(f"/v1/{path}")}
        assert own_wire.ids(f"/v1/{path}?test_clock={clock}") == [mine]
    assert own_wire.ids(f"/v1/subscriptions?customer={customer}") == [subscription]
    listed = {row["customer"] for row in own_wire.all("/v1/invoices")}
    assert customer not in listed
    client.v1.customers.create({"metadata": {"test_clock": "none of them"}})
    assert own_wire.all("/v1/customers")[0]["metadata"] == {"test_clock": "none of them"}


def test_deleting_a_clock_deletes_its_customers(
    own: Simulator, client: stripe.StripeClient
) -> None:
    """Its customers are gone and its subscriptions canceled."""
    clock, customer, subscription = on_clock(client, own.account.clock.now)
    assert client.v1.test_helpers.test_clocks.delete(clock).deleted
    assert client.v1.customers.retrieve(customer).deleted
    assert client.v1.subscriptions.retrieve(subscription).status == "canceled"
    with pytest.raises(stripe.InvalidRequestError, match="No such test_clock"):
        client.v1.test_helpers.test_clocks.retrieve(clock)


def test_a_clock_only_goes_forward(own: Simulator, client: stripe.StripeClient) -> None:
    """A time before its own is refused."""
    now = own.account.clock.now
    clock = client.v1.test_helpers.test_clocks.create({"frozen_time": now})
    with pytest.raises(stripe.InvalidRequestError, match="Invalid timestamp"):
        client.v1.test_helpers.test_clocks.advance(clock.id, {"frozen_time": now - 1})
