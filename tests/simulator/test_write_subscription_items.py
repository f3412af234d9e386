"""Items of subscriptions, one by one (https://docs.stripe.com/api/subscription_items)."""

from __future__ import annotations

import pytest
import stripe

from stripe_source.simulator import Simulator

from .writing import Writer


@pytest.fixture
def writer(own: Simulator) -> Writer:
    """Writes to an account of the test's own."""
    return Writer(own)


def price(writer: Writer) -> str:
    """A monthly price."""
    product = writer.v1.products.create({"name": "Tea"}).id
    terms = {"currency": "usd", "unit_amount": 500, "recurring": {"interval": "month"}}
    return writer.v1.prices.create({"product": product} | terms).id


def subscribed(writer: Writer, to: str) -> stripe.Subscription:
    """A subscription of a new customer, paid by card."""
    customer = writer.v1.customers.create({"email": "a@b.c"}).id
    card = writer.v1.payment_methods.attach("pm_card_visa", {"customer": customer}).id
    given = {"customer": customer, "items": [{"price": to}], "default_payment_method": card}
    return writer.v1.subscriptions.create(given)


def test_an_item_is_read_by_its_id(writer: Writer) -> None:
    """As its subscription shows it; one that is not there is a 404."""
    item = subscribed(writer, price(writer))["items"].data[0]
    assert writer.v1.subscription_items.retrieve(item.id).to_dict() == item.to_dict()
    with pytest.raises(stripe.InvalidRequestError) as refused:
        writer.v1.subscription_items.retrieve("si_unknown")
    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")


def test_errors_name_the_parameter_that_was_given(writer: Writer) -> None:
    """An unknown price or plan is missing under its own name, in ``items`` or alone."""
    made = subscribed(writer, price(writer))
    for name in ("price", "plan"):
        items = [{name: "unknown"}]
        for call, given, param in (
            (writer.v1.subscriptions.create, {"items": items}, f"items[0][{name}]"),
            (writer.v1.subscription_items.create, {name: "unknown"}, name),
        ):
            whose = {"customer": made.customer} if "items" in given else {"subscription": made.id}
            with pytest.raises(stripe.InvalidRequestError, match=f"No such {name}") as refused:
                call(whose | given)
            assert (refused.value.http_status, refused.value.param) == (400, param)


def test_an_archived_price_stays_with_its_items(writer: Writer) -> None:
    """No new item takes it; what has it may still change its quantity."""
    old = price(writer)
    made = subscribed(writer, old)
    writer.v1.prices.update(old, {"active": False})
    item = made["items"].data[0].id
    assert writer.v1.subscription_items.update(item, {"quantity": 2}).quantity == 2
    with pytest.raises(stripe.InvalidRequestError, match="inactive"):
        subscribed(writer, old)
