"""What all objects share: ids, times, the mode, metadata."""

from __future__ import annotations

import re
from typing import Any

import pytest
import stripe

from stripe_source.simulator import Simulator
from stripe_source.simulator.config import DEFAULT_NOW

from .conftest import Wire, sdk

PREFIXES = {
    "balance_transactions": "txn", "charges": "ch|py", "credit_notes": "cn", "customers": "cus",
    "disputes": "du|dp", "events": "evt", "invoice_payments": "inpay", "invoiceitems": "ii",
    "invoices": "in", "payment_intents": "pi", "payment_methods": "pm", "payouts": "po",
    "plans": "price|plan", "prices": "price", "products": "prod", "promotion_codes": "promo",
    "refunds": "re|pyr", "setup_intents": "seti", "subscriptions": "sub", "tax_rates": "txr",
    "webhook_endpoints": "we", "subscription_schedules": "sub_sched", "files": "file",
    "transfers": "tr", "topups": "tu", "payment_links": "plink", "quotes": "qt",
}  # fmt: skip
"""What the ids of a list begin with, before the underscore."""


@pytest.mark.rule("3.1a")
@pytest.mark.parametrize(("path", "prefix"), PREFIXES.items())
def test_prefixes(wire: Wire, path: str, prefix: str) -> None:
    """The ids of a list have Stripe's prefix, and no two are the same."""
    ids = [row["id"] for row in wire.all(f"/v1/{path}")]
    assert ids
    assert len(set(ids)) == len(ids)
    assert not [each for each in ids if not re.fullmatch(f"({prefix})_[A-Za-z0-9]+", each)]


@pytest.mark.rule("3.1a")
def test_prefixes_inside(wire: Wire) -> None:
    """So do items, lines and discounts, which no list of their own has."""
    subs = wire.all("/v1/subscriptions?expand[]=data.discounts")
    items = [item["id"] for sub in subs for item in sub["items"]["data"]]
    discounts = [discount["id"] for sub in subs for discount in sub["discounts"]]
    lines = [line["id"] for row in wire.all("/v1/invoices") for line in row["lines"]["data"]]
    for ids, prefix in ((items, "si_"), (discounts, "di_"), (lines, "il_")):
        assert ids
        assert {each[: len(prefix)] for each in ids} == {prefix}


@pytest.mark.rule("3.1a")
def test_ids_are_never_used_again(own: Simulator) -> None:
    """What is deleted takes its id with it."""
    client, seen = sdk(own), set()
    for _ in range(30):
        made = client.v1.customers.create({"name": "A"}).id
        client.v1.customers.delete(made)
        seen.add(made)
    assert len(seen) == 30
    assert not seen & {row["id"] for row in own.account.objects("/v1/customers")}


@pytest.mark.rule("3.1b")
def test_created_and_livemode(wire: Wire) -> None:
    """Whole seconds of the past, and test mode, everywhere."""
    for path in PREFIXES:
        for row in wire.all(f"/v1/{path}"):
            assert row.get("livemode", False) is False, path
            if "created" in row:
                assert type(row["created"]) is int, path
                assert 0 < row["created"] <= DEFAULT_NOW, path


@pytest.mark.rule("3.1b")
def test_created_is_when_it_was_made(own: Simulator) -> None:
    """An object is of the second, by the virtual clock, in which it was created."""
    client = sdk(own)
    first = client.v1.customers.create({"name": "A"}).created
    own.account.advance(90)
    second = client.v1.customers.create({"name": "B"}).created
    assert (first, second) == (DEFAULT_NOW, DEFAULT_NOW + 90)


METADATA: Any = {f"{n:040d}": "v" * 500 for n in range(50)}


@pytest.mark.rule("3.1c", "3.1d")
def test_metadata_holds_50_keys(own: Simulator) -> None:
    """50 long keys fit; one more is refused until another goes; an empty text takes all."""
    client = sdk(own)
    made = client.v1.customers.create({"metadata": METADATA}).id
    with pytest.raises(stripe.InvalidRequestError, match="up to 50 keys"):
        client.v1.customers.update(made, {"metadata": {"one": "more"}})
    gone = next(iter(METADATA))
    now = client.v1.customers.update(made, {"metadata": {gone: "", "one": "more"}})
    assert now.metadata is not None
    assert set(now.metadata.to_dict()) == set(METADATA) - {gone} | {"one"}
    assert client.v1.customers.update(made, {"metadata": ""})["metadata"].to_dict() == {}


@pytest.mark.rule("3.1c")
@pytest.mark.parametrize(("metadata", "text"), [
    ({"k" * 41: "v"}, "keys can have up to 40 characters"),
    ({"k": "v" * 501}, "values can have up to 500 characters"),
])  # fmt: skip
def test_metadata_that_is_too_long(own: Simulator, metadata: Any, text: str) -> None:
    """A longer key or value is refused, and nothing is made."""
    before = len(own.account.objects("/v1/products"))
    with pytest.raises(stripe.InvalidRequestError, match=text):
        sdk(own).v1.products.create({"name": "x", "metadata": metadata})
    assert len(own.account.objects("/v1/products")) == before
