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


def test_one_item_is_always_left(writer: Writer) -> None:
    """The last item stays, in whatever way it was to go; all may be swapped for others at once."""
    made = subscribed(writer, price(writer))
    first = made["items"].data[0].id
    second = writer.v1.subscription_items.create(
        {"subscription": made.id, "price": price(writer)}
    ).id
    gone = [{"id": each, "deleted": True} for each in (first, second)]
    for items in (gone, [gone[0], gone[0]], [gone[0], {"id": first, "quantity": 2}]):
        with pytest.raises(stripe.InvalidRequestError):
            writer.v1.subscriptions.update(made.id, {"items": items})
    swapped = writer.v1.subscriptions.update(
        made.id, {"items": [*gone, {"price": price(writer), "quantity": 0}]}
    )
    left = swapped["items"].data
    assert [item.quantity for item in left] == [0]
    writer.sim.advance(40 * 86400)
    assert writer.v1.subscriptions.retrieve(made.id).status == "active"


def test_items_that_no_subscription_takes(writer: Writer) -> None:
    """A price of another currency, and any change after the end."""
    made = subscribed(writer, price(writer))
    terms = {"currency": "eur", "unit_amount": 500, "recurring": {"interval": "month"}}
    euros = writer.v1.prices.create({"product_data": {"name": "Thé"}} | terms).id
    item = made["items"].data[0].id
    with pytest.raises(stripe.InvalidRequestError, match="the same currency"):
        writer.v1.subscription_items.create({"subscription": made.id, "price": euros})
    writer.v1.subscription_items.update(item, {"quantity": 0})
    assert writer.v1.subscription_items.retrieve(item).quantity == 0
    writer.v1.subscriptions.cancel(made.id)
    with pytest.raises(stripe.InvalidRequestError, match="canceled subscription"):
        writer.v1.subscription_items.update(item, {"quantity": 5})


def test_what_a_subscription_names_is_there(writer: Writer) -> None:
    """Tax rates and discounts are looked up before anything is written."""
    to = price(writer)
    made = subscribed(writer, to)
    before = writer.v1.subscriptions.list().data
    for given, param in (
        ({"default_tax_rates": ["txr_none"]}, "default_tax_rates[0]"),
        ({"discounts": [{"discount": "di_none"}]}, "discounts[0][discount]"),
    ):
        for call in (
            lambda more: writer.v1.subscriptions.update(made.id, more),
            lambda more: writer.v1.subscriptions.create(
                {"customer": made.customer, "items": [{"price": to}]} | more
            ),
            lambda more: writer.v1.invoices.create({"customer": made.customer} | more),
        ):
            with pytest.raises(stripe.InvalidRequestError) as refused:
                call(given)
            assert (refused.value.http_status, refused.value.param) == (400, param)
    assert writer.v1.subscriptions.list().data == before
