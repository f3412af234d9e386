"""Which invoice takes which of the items that wait."""

from __future__ import annotations

import pytest

from stripe_source.simulator import Simulator

from .writing import Writer

PERIOD = 40 * 86_400


@pytest.fixture
def writer(own: Simulator) -> Writer:
    """Writes to an account of the test's own."""
    return Writer(own)


def payer(writer: Writer) -> str:
    """A customer with a card."""
    made = writer.v1.customers.create({"email": "a@b.c"}).id
    card = writer.v1.payment_methods.attach("pm_card_visa", {"customer": made}).id
    writer.v1.customers.update(made, {"invoice_settings": {"default_payment_method": card}})
    return made


def subscribe(writer: Writer, customer: str, amount: int) -> str:
    """A monthly subscription."""
    product = writer.v1.products.create({"name": "Tea"}).id
    price = writer.v1.prices.create(
        {"product": product, "currency": "usd", "unit_amount": amount,
         "recurring": {"interval": "month"}}
    ).id  # fmt: skip
    items = [{"price": price}]
    return writer.v1.subscriptions.create({"customer": customer, "items": items}).id


def add(writer: Writer, customer: str, amount: int, **more: str) -> str:
    """An amount that waits."""
    given = {"customer": customer, "amount": amount, "currency": "usd"} | more
    return writer.v1.invoice_items.create(given).id


def amounts(writer: Writer, invoice: str) -> list[int]:
    """An invoice's lines."""
    return sorted(line.amount for line in writer.v1.invoices.retrieve(invoice).lines.data)


def test_a_subscription_leaves_the_items_of_another(writer: Writer) -> None:
    """An item with a subscription waits for that one's invoice; one without goes with the next."""
    customer = payer(writer)
    first = subscribe(writer, customer, 1000)
    add(writer, customer, 7, subscription=first)
    add(writer, customer, 5)
    second = subscribe(writer, customer, 2000)
    latest = writer.v1.subscriptions.retrieve(second).latest_invoice
    assert amounts(writer, str(latest)) == [5, 2000]
    writer.sim.advance(PERIOD)
    latest = writer.v1.subscriptions.retrieve(first).latest_invoice
    assert amounts(writer, str(latest)) == [7, 1000]


def test_prorations_stay_with_their_subscription(writer: Writer) -> None:
    """What a change of quantity leaves is not billed by a subscription that begins meanwhile."""
    customer = payer(writer)
    first = writer.v1.subscriptions.retrieve(subscribe(writer, customer, 1000))
    item = {"id": first["items"].data[0].id, "quantity": 3}
    writer.v1.subscriptions.update(first.id, {"items": [item]})
    second = writer.v1.subscriptions.retrieve(subscribe(writer, customer, 2000))
    assert amounts(writer, str(second.latest_invoice)) == [2000]
    waiting = writer.v1.invoice_items.list({"customer": customer, "pending": True}).data
    assert sorted(each.amount for each in waiting) == [-1000, 3000]


def test_an_invoice_by_hand(writer: Writer) -> None:
    """For a subscription it takes that one's items alone, for a customer all that wait."""
    customer = payer(writer)
    first = subscribe(writer, customer, 1000)
    add(writer, customer, 7, subscription=first)
    add(writer, customer, 5)
    asked = {"customer": customer, "pending_invoice_items_behavior": "include"}
    made = writer.v1.invoices.create(asked | {"subscription": first})
    assert amounts(writer, made.id) == [7]
    add(writer, customer, 8, subscription=first)
    made = writer.v1.invoices.create(asked)
    assert amounts(writer, made.id) == [5, 8]
    parents = [line.parent.invoice_item_details for line in made.lines.data]
    assert {each.subscription for each in parents} == {None, first}


def test_a_draft_follows_its_items(writer: Writer) -> None:
    """An item that is changed or deleted changes its draft, which then takes further ones."""
    v1, customer = writer.v1, payer(writer)
    first, second = add(writer, customer, 500), add(writer, customer, 70)
    rate = v1.tax_rates.create({"display_name": "VAT", "inclusive": False, "percentage": 10}).id
    draft = v1.invoices.create(
        {"customer": customer, "pending_invoice_items_behavior": "include",
         "default_tax_rates": [rate]}
    )  # fmt: skip
    v1.invoice_items.update(first, {"amount": 900})
    assert (amounts(writer, draft.id), v1.invoices.retrieve(draft.id).total) == ([70, 900], 1067)
    v1.invoice_items.delete(second)
    assert (amounts(writer, draft.id), v1.invoices.retrieve(draft.id).total) == ([900], 990)
    add(writer, customer, 5, invoice=draft.id)
    assert v1.invoices.update(draft.id, {"default_tax_rates": ""}).total == 905
    v1.invoice_items.delete(first)
    assert v1.invoices.finalize_invoice(draft.id).total == 5


def test_tax_rates_can_be_taken_away(writer: Writer) -> None:
    """A subscription without them is billed as before, and its next invoice has no taxes."""
    customer = payer(writer)
    made = subscribe(writer, customer, 1000)
    rate = writer.v1.tax_rates.create({"display_name": "V", "inclusive": False, "percentage": 10})
    writer.v1.subscriptions.update(made, {"default_tax_rates": [rate.id]})
    assert writer.v1.subscriptions.update(made, {"default_tax_rates": ""}).default_tax_rates == []
    writer.sim.advance(PERIOD)
    latest = str(writer.v1.subscriptions.retrieve(made).latest_invoice)
    assert writer.v1.invoices.retrieve(latest).total == 1000
