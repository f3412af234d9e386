"""Lists inside objects: at most ten rows, and a url that has them all."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import reduce
from typing import Any

import pytest
import stripe

from stripe_source.simulator import Simulator, SimulatorConfig
from stripe_source.simulator.business.fixtures import example
from stripe_source.simulator.shapes import all_shapes, part
from stripe_source.simulator.store.account import Account

from .conftest import Wire, sdk

ROWS = 12
CHILD = {
    ("charge", "refunds"): "charge", ("customer", "sources"): "customer",
    ("customer", "subscriptions"): "customer", ("customer", "tax_ids"): "customer",
    ("file", "links"): "file", ("invoice", "payments"): "invoice",
    ("radar.value_list", "list_items"): "value_list",
    ("treasury.transaction", "entries"): "transaction",
}  # fmt: skip
"""Lists whose rows are stored by themselves, and the field of a row that names the object."""
DEEP = {
    ("payment_intent", "amount_details.line_items"): "amount_details_line_items",
    ("quote", "computed.upfront.line_items"): "computed_upfront_line_items",
}
"""Lists inside a hash, and the last part of their url."""
WITHOUT_HOME = {"tax.calculation", "tax.transaction", "financial_connections.session",
                "financial_connections.account_ownership",
                "entitlements.active_entitlement_summary"}  # fmt: skip
"""Objects that no list has: only who made one knows its id."""


def lists_in(fields: Any, path: str = "") -> Iterator[tuple[str, list[str]]]:
    """The paths of all lists in a shape, and what is in them."""
    for name, kind in fields.items():
        step = path + name.rstrip("?")
        if isinstance(kind, dict) and "list" in kind:
            yield step, kind["list"]
        elif isinstance(kind, dict) and isinstance(kind.get("object"), dict):
            yield from lists_in(kind["object"], f"{step}.")


LISTS = [
    (name, field, "card" if field == "sources" else rows[0])
    for name, fields in all_shapes().items() if name not in WITHOUT_HOME
    for field, rows in lists_in(fields)
]  # fmt: skip
"""Every list inside an object: the object's name, the field, and what is in it."""


@pytest.fixture(scope="module")
def sim() -> Iterator[Simulator]:
    """An account whose lists are made long."""
    with Simulator(SimulatorConfig(seed=4, customers=12, years=0.5)) as made:
        yield made


def at_path(obj: Any, path: str) -> Any:
    """The value under a dotted path."""
    return reduce(lambda value, name: value[name], path.split("."), obj)


def made_long(account: Account, name: str, field: str, row_name: str) -> str:
    """The path of an object that now has twelve rows in its list, newest first."""
    home = account.registry.home(name)
    obj = account.objects(home)[-1]
    rng = random.Random(1)  # noqa: S311 - any rows will do
    rows = [example(account, row_name, account.clock.now, rng) for _ in range(ROWS)]
    path = f"{home}/{obj['id']}"
    if (name, field) in CHILD:
        same = {"status": "active", "financial_account": obj.get("financial_account")}
        for row in rows[::-1]:
            row |= {key: value for key, value in same.items() if key in row}
            row[CHILD[name, field]] = obj["id"]
            account.insert(account.registry.home(row_name), row, event=False)
    if (name, field) in DEEP:
        hashes, _, last = field.rpartition(".")
        url = f"{path}/{DEEP[name, field]}"
        inner: Any = part(name, hashes)
        inner[last] = {"object": "list", "data": rows, "has_more": False, "url": url}
        for each in reversed(hashes.split(".")):
            inner = {each: inner}
        account.update(home, obj["id"], inner, event=None)
    elif field not in account.presenter.fetched(name):
        account.update(home, obj["id"], {field: {"data": rows}}, event=None)
    return path


@pytest.mark.rule("2.12a")
@pytest.mark.parametrize(("name", "field", "row_name"), LISTS)
def test_ten_rows_and_a_url(
    sim: Simulator, wire: Wire, name: str, field: str, row_name: str
) -> None:
    """Of twelve rows ten are shown, in a list as by id; the url has all of them in that order."""
    path = made_long(sim.account, name, field, row_name)
    home, _, identifier = path.rpartition("/")
    shown = at_path(wire.get(f"{path}?expand[]={field}").json(), field)
    assert (len(shown["data"]), shown["has_more"], shown["object"]) == (10, True, "list")
    rows = wire.all(shown["url"], limit=5)
    assert len(rows) >= ROWS
    assert [row["id"] for row in rows[:10]] == [row["id"] for row in shown["data"]]
    if not home.startswith("/v1/treasury"):
        page = wire.all(f"{home}?expand[]=data.{field}")
        listed = next(row for row in page if row["id"] == identifier)
        assert at_path(listed, field) == shown


@pytest.mark.rule("2.12a")
def test_the_sdk_follows_the_url(sim: Simulator) -> None:
    """The SDK's own paging of a list inside an object gives all of its rows."""
    client = sdk(sim)
    path = made_long(sim.account, "charge", "refunds", "refund")
    charge = client.v1.charges.retrieve(path.rpartition("/")[2], {"expand": ["refunds"]})
    assert isinstance(charge.refunds, stripe.ListObject)
    assert len(list(charge.refunds.auto_paging_iter())) >= ROWS
