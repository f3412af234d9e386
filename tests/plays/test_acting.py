"""Plays that act in Stripe: fields from the row, once for each change, and never by surprise."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stripe_source.plays import Play
from stripe_source.simulator import Simulator, SimulatorConfig
from tests.actions.conftest import impatient
from tests.conftest import FAST, Warehouse
from tests.plays.conftest import Shop

__all__ = ["impatient"]

INSERT = {"name": "insert customer", "fields": {"mappings": {"name": "{name}"}}}
KEY = "sk_test_123456789012345678901234"
NOT_DONE = {"path": "/v1/customers", "method": "POST", "kind": "503", "executed": False, "every": 1}
UPSERT = {
    "name": "upsert customers",
    "fields": {
        "matching_property": "metadata.shop",
        "matching_value": "{id}",
        "mappings": {"name": "{name}", "description": "brings {revenue}", "phone": "{before.name}"},
    },
}


@pytest.fixture
def target(small: Simulator) -> Iterator[Simulator]:
    """Another simulator of the same account, which plays may write to."""
    config = SimulatorConfig(
        seed=3, customers=3, years=0.2, fixtures=1, account_id=small.account.id, search_lag=0
    )
    with Simulator(config) as simulator:
        yield simulator


def reached(simulator: Simulator, key: str | None = None) -> dict[str, Any]:
    """How a simulator is reached."""
    return {"stripe_secret_key": key or simulator.api_key, "api_base": simulator.url, **FAST}


def made(simulator: Simulator) -> list[tuple[Any, ...]]:
    """The customers that have no email, which are those made by plays."""
    every = simulator.account.objects("/v1/customers")
    found = ((c["name"], c["description"], c["phone"]) for c in every if not c["email"])
    return sorted(found, key=str)


def test_fields_come_from_the_row(shop: Shop, target: Simulator) -> None:
    """A customer for each row, found again by the key; null leaves a property alone."""
    play = shop.play(on=["added", "changed"], action=UPSERT)
    shop.ran(play, connection=reached(target))
    shop.do("INSERT INTO own.shops VALUES (1, 'Ada', 10.5), (2, NULL, 20)")
    assert shop.ran(play, connection=reached(target)).counts == {"delivered": 2}
    assert made(target) == [("Ada", "brings 10.5", None), (None, "brings 20", None)]
    shop.do("UPDATE own.shops SET name = 'Ada L' WHERE id = 1")
    assert shop.ran(play, connection=reached(target)).counts == {"delivered": 1}
    names = {c[0] for c in made(target)}
    assert "Ada L" in names
    assert "Ada" not in names
    told = shop.deliveries()[-1]
    assert told["outcome"].startswith("updated cus_")
    assert "phone" in told["outcome"]


def test_null_where_a_value_must_be(duck: Shop, target: Simulator) -> None:
    """It is a dead letter; nothing is sent to Stripe for it."""
    fields = {"matching_property": "email", "matching_value": "{name}", "mappings": {"phone": "1"}}
    play = duck.play(on=["added"], action={"name": "update customers", "fields": fields})
    duck.ran(play, connection=reached(target))
    duck.do("INSERT INTO own.shops VALUES (1, NULL, 10), (2, 'nobody@example.com', 10)")
    assert duck.ran(play, connection=reached(target)).counts == {"dead": 2}
    assert [each["why"] for each in duck.deliveries()] == [
        "'update customers' needs its field 'matching_value'",
        "no customer has the email 'nobody@example.com'",
    ]


@pytest.mark.parametrize("kind", ["reset", "503", "truncate", "500"])
def test_an_insert_whose_answer_is_lost(duck: Shop, target: Simulator, kind: str) -> None:
    """It is sent again with the change's own key, in this run and the next: one customer."""
    play = duck.play(on=["added"], action=INSERT)
    duck.ran(play, connection=reached(target))
    duck.do("INSERT INTO own.shops VALUES (1, 'Ada', 10)")
    target.faults.append(
        {"path": "/v1/customers", "method": "POST", "kind": kind, "executed": True, "every": 1}
    )
    duck.ran(play, connection=reached(target))
    target.faults.clear()
    duck.do("UPDATE stripe._stripe_deliveries SET next_at = found_at, status = 'pending'")
    duck.ran(play, connection=reached(target))
    assert [name for name, _, _ in made(target)] == ["Ada"]


def test_an_insert_that_stripe_may_have_forgotten(duck: Shop, target: Simulator) -> None:
    """A day after an attempt its key says nothing any more: somebody has to look."""
    play = duck.play(on=["added"], action=INSERT)
    duck.ran(play, connection=reached(target))
    duck.do("INSERT INTO own.shops VALUES (1, 'Ada', 10)")
    target.faults.append(NOT_DONE)
    duck.ran(play, connection=reached(target))
    target.faults.clear()
    duck.do(
        "UPDATE stripe._stripe_deliveries SET first_at = first_at - INTERVAL 1 DAY, "
        "next_at = found_at"
    )
    assert duck.ran(play, connection=reached(target)).counts == {"dead": 1}
    assert "look whether it is done" in duck.deliveries()[0]["why"]
    assert made(target) == []


def test_a_live_account(duck: Shop, target: Simulator) -> None:
    """A key for live data needs the play's word; without it nothing is looked for or sent."""
    live = reached(target, "sk_live_123456789012345678901234")
    play = duck.play(on=["added"], action=INSERT)
    ran = duck.ran(play, connection=live)
    assert "the play has to say allow_live = true" in str(ran.failed)
    assert duck.ask("SELECT count(*) FROM stripe._stripe_plays") == [(0,)]
    allowed = duck.play(on=["added"], action=INSERT, allow_live=True)
    assert duck.ran(allowed, connection=live).failed is None


def test_the_account_of_another(duck: Shop, target: Simulator) -> None:
    """A key of another account than the warehouse's writes nothing; the changes wait."""
    with Simulator(SimulatorConfig(seed=9, customers=1, years=0.1, fixtures=1)) as other:
        play = duck.play(on=["added"], action=INSERT)
        duck.ran(play, connection=reached(other))
        duck.do("INSERT INTO own.shops VALUES (1, 'Ada', 10)")
        ran = duck.ran(play, connection=reached(other))
        assert "the warehouse has test data of" in str(ran.closed)
        assert ran.left == 1
        assert made(other) == []
    assert duck.ran(play, connection=reached(target)).counts == {"delivered": 1}


def test_a_key_that_is_refused(duck: Shop, target: Simulator) -> None:
    """The changes wait for a better one, uncounted."""
    play = duck.play(on=["added"], action=INSERT)
    duck.ran(play, connection=reached(target))
    duck.do("INSERT INTO own.shops VALUES (1, 'Ada', 10)")
    ran = duck.ran(play, connection=reached(target, "sk_test_nobody000000000000000"))
    assert ran.closed
    assert "sk_test_nobody" not in ran.closed
    assert [(each["status"], each["attempts"]) for each in duck.deliveries()] == [("pending", 0)]


def test_nothing_to_deliver_asks_nothing(duck: Shop, target: Simulator) -> None:
    """A run without changes makes no request to Stripe."""
    play = duck.play(on=["added"], action=INSERT)
    duck.ran(play, connection=reached(target))
    duck.ran(play, connection=reached(target))
    assert len(list(target.stats.log)) == 0


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ({"name": "delete invoices"}, "there is no action 'delete invoices'"),
        ({"name": "get customer", "fields": {"id": "{id}"}}, "changes nothing"),
        (
            {"name": "cancel subscription", "fields": {"id": "{id}", "idd": "1"}},
            "has no field 'idd'",
        ),
        ({"name": "cancel subscription"}, "needs its field 'id'"),
        ({"name": "cancel subscription", "fields": {"id": "{idd}"}}, "no column 'idd'"),
        ({"name": "cancel subscription", "fields": {"id": "{id}", "feedback": "x"}}, "feedback"),
        ({"name": "insert customer", "fields": {"mappings": {"nam": "{name}"}}}, "'nam'"),
        ({"name": "insert customer", "fields": {"mappings": {"name": "{id"}}}, "a column is"),
        ({"name": "insert customer", "fields": {"mappings": {"balance": "x"}}}, "whole number"),
        ({"name": "insert customer", "fields": {"mappings": "x"}}, "is a table of properties"),
        (
            {"name": "delete customers", "fields": {"matching_property": "id", "erase": True}},
            "'erase' is not for plays",
        ),
    ],
)
def test_fields_that_do_not_fit(duck: Shop, action: dict[str, Any], said: str) -> None:
    """Said before anything runs, in one line."""
    play: Play = duck.play(on=["added"], action=action)
    assert said in str(duck.ran(play, connection={"stripe_secret_key": KEY}).failed)


@pytest.mark.parametrize("fields", [{"id": "{name}", "feedback": "{name}"}])
def test_a_value_that_does_not_fit(duck: Shop, target: Simulator, fields: dict[str, Any]) -> None:
    """One that only the row has is found out when it is sent: a dead letter."""
    play = duck.play(on=["added"], action={"name": "cancel subscription", "fields": fields})
    duck.ran(play, connection=reached(target))
    duck.do("INSERT INTO own.shops VALUES (1, 'Ada', 10)")
    assert duck.ran(play, connection=reached(target)).counts == {"dead": 1}
    assert "feedback" in duck.deliveries()[0]["why"]


def test_a_row_of_a_connected_account(tmp_path: Path) -> None:
    """Where a warehouse holds several accounts, a play acts in the account that the row is of.

    The same id in another account stays as it is; a row that does not say whose it is is refused.
    """
    with Simulator(SimulatorConfig(seed=6, customers=4, years=0.2, connected=2)) as platform:
        for account in platform.accounts.values():
            like = {**account.objects("/v1/customers")[0], "metadata": {}}
            account.insert("/v1/customers", {**like, "id": "cus_same", "name": "Before"})
        warehouse = Warehouse(tmp_path, "shop")
        warehouse.sync(platform, "customers", accounts="all", models=False)
        shop = Shop(warehouse.pipeline)
        shop.do(
            "CREATE SCHEMA own",
            "CREATE TABLE own.shops (id INTEGER, account_id VARCHAR, name VARCHAR)",
        )
        fields = {"matching_property": "id", "matching_value": "cus_same"}
        renamed = {**fields, "mappings": {"name": "{name}"}}
        play = shop.play(on=["added"], action={"name": "update customers", "fields": renamed})
        shop.ran(play, connection=reached(platform))
        _, one, _ = platform.accounts
        shop.do(f"INSERT INTO own.shops VALUES (1, '{one}', 'After'), (2, NULL, 'Whose')")
        ran = shop.ran(play, connection=reached(platform))
        assert ran.counts == {"delivered": 1, "dead": 1}
        names = {
            account.id: account.collection("/v1/customers").by_id["cus_same"].data["name"]
            for account in platform.accounts.values()
        }
        assert names == {name: "After" if name == one else "Before" for name in platform.accounts}
