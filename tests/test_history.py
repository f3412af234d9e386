"""History: every version that an event tells, as a row with the time from which it was so."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import duckdb
import pytest
import stripe

from stripe_source.simulator import Simulator, SimulatorConfig
from stripe_source.simulator.config import EventQuirks
from tests.conftest import Warehouse

DAY = 86_400
TABLES = ("subscriptions", "prices", "customers")
PREFIX = {"subscriptions": "customer.subscription.", "prices": "price.", "customers": "customer."}
HISTORIES = (*TABLES, "subscription_items", "discounts")


@pytest.fixture
def older() -> Iterator[Simulator]:
    """An account of which half of the events are in an older version."""
    config = SimulatorConfig(
        seed=5, customers=25, years=1, fixtures=1, events=EventQuirks(older=0.5)
    )
    with Simulator(config) as simulator:
        yield simulator


def events(simulator: Simulator, *prefixes: str) -> list[dict[str, Any]]:
    """The account's events of some types, of objects that lists show."""
    found: list[dict[str, Any]] = simulator.account.objects("/v1/events")
    return [
        event
        for event in found
        if event["type"].startswith(prefixes) and not event["data"]["object"].get("test_clock")
    ]


def of_table(simulator: Simulator, table: str) -> list[dict[str, Any]]:
    """The events that show a table's objects."""
    prefix = PREFIX[table]
    found = events(simulator, prefix)
    return [e for e in found if "." not in e["type"].removeprefix(prefix)]


def told(warehouse: Warehouse, table: str) -> list[dict[str, Any]]:
    """The rows of a history that events told."""
    return [row for row in warehouse.table(f"{table}_history") if row["source"] == "event"]


def all_items(simulator: Simulator, shown: dict[str, Any]) -> list[dict[str, Any]]:
    """The items that a snapshot shows and, where they are cut, those that Stripe has now."""
    items: list[dict[str, Any]] = shown["items"]["data"]
    if shown["items"]["has_more"]:
        now = simulator.account.get("subscription", shown["id"])
        items = now["items"]["data"] if now else items
    return items


def moment(seconds: int) -> datetime:
    """A time as tables have it."""
    return datetime.fromtimestamp(seconds, UTC)


def update(simulator: Simulator, path: str, identifier: str, **changes: Any) -> None:
    """A change that leaves an event."""
    simulator.account.update(path, identifier, changes)


def counts(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    """How many rows and versions each history has, and what the newest is."""
    return [
        warehouse.rows(f"SELECT count(*), count(DISTINCT (version_id, id)) FROM {table}_history")[0]
        for table in HISTORIES
    ]


def test_the_first_sync_takes_in_all_events(older: Simulator, warehouse: Warehouse) -> None:
    """The 30 days of events that Stripe has are one row each, keyed and dated by the event."""
    oldest = min(event["created"] for event in events(older, *PREFIX.values()))
    assert oldest < older.account.clock.now - 27 * DAY
    warehouse.sync(older, *TABLES)
    for table in TABLES:
        expected = {
            (e["id"], e["data"]["object"]["id"], moment(e["created"]), e["type"])
            for e in of_table(older, table)
        }
        rows = told(warehouse, table)
        found = [
            (row["version_id"], row["id"], row["valid_from"].astimezone(UTC), row["event_type"])
            for row in rows
        ]
        assert Counter(found) == Counter(expected)
        assert {row["_account_id"] for row in rows} <= {older.account.id}


def test_items_are_told_with_their_subscription(older: Simulator, warehouse: Warehouse) -> None:
    """A version of a subscription has its items, under its version id, also those after ten."""
    warehouse.sync(older, "subscriptions")
    shown = of_table(older, "subscriptions")
    assert any(e["data"]["object"]["items"]["has_more"] for e in shown)
    expected = {
        (e["id"], item["id"], item["quantity"])
        for e in shown
        for item in all_items(older, e["data"]["object"])
    }
    found = [
        (row["version_id"], row["id"], row["quantity"])
        for row in told(warehouse, "subscription_items")
    ]
    assert Counter(found) == Counter(expected)


def test_older_versions_are_mapped(older: Simulator, warehouse: Warehouse) -> None:
    """In an older event, the period is the items', and discounts and coupons are where now."""
    for subscription in older.account.objects("/v1/subscriptions"):
        if subscription["status"] == "active":
            older.account.update("/v1/subscriptions", subscription["id"], {"metadata": {"a": "1"}})
    warehouse.sync(older, "subscriptions", "customers")
    old = [e for e in of_table(older, "subscriptions") if e["api_version"] == "2024-06-20"]
    assert old
    items = {row["version_id"]: row for row in told(warehouse, "subscription_items")}
    discounts = {(r["version_id"], r["id"]): r for r in told(warehouse, "discounts")}
    discounted = 0
    for event in old:
        shown = event["data"]["object"]
        end = shown["current_period_end"]
        assert items[event["id"]]["current_period_end"] == moment(end)
        if shown["discount"]:
            discounted += 1
            row = discounts[event["id"], shown["discount"]["id"]]
            assert row["source__coupon"] == shown["discount"]["coupon"]["id"]
    assert discounted
    for row in told(warehouse, "subscriptions"):
        assert "current_period_end" not in (row["_extra"] or "")


def test_a_cancellation_is_no_deletion(account: Simulator, warehouse: Warehouse) -> None:
    """customer.subscription.deleted tells the status canceled; the object is still there."""
    warehouse.sync(account, *TABLES)
    running = [s for s in account.account.objects("/v1/subscriptions") if s["status"] == "active"]
    account.advance(60)
    _request(account, "delete", f"/v1/subscriptions/{running[0]['id']}")
    warehouse.sync(account, *TABLES)
    found = warehouse.rows(
        "SELECT status, is_deleted, event_type FROM subscriptions_history "
        f"WHERE id = '{running[0]['id']}' ORDER BY valid_from DESC, version_order DESC LIMIT 1"
    )
    assert found == [("canceled", False, "customer.subscription.deleted")]


def test_a_deletion_is_a_version(account: Simulator, warehouse: Warehouse) -> None:
    """A customer's end is a row with is_deleted, its time, and the values that were known."""
    warehouse.sync(account, *TABLES)
    customer = account.account.objects("/v1/customers")[0]
    account.advance(60)
    _request(account, "delete", f"/v1/customers/{customer['id']}")
    warehouse.sync(account, *TABLES)
    ((gone, at, since, name, kind),) = warehouse.rows(
        "SELECT is_deleted, deleted_at, valid_from, name, event_type FROM customers_history "
        f"WHERE id = '{customer['id']}' ORDER BY valid_from DESC, version_order DESC LIMIT 1"
    )
    assert (gone, kind, name) == (True, "customer.deleted", customer["name"])
    assert at == since == moment(account.account.clock.now)


def test_the_order_within_a_second(account: Simulator, warehouse: Warehouse) -> None:
    """Of several versions of one second, version_order tells which came last."""
    customer = account.account.objects("/v1/customers")[0]
    for number in range(5):
        update(account, "/v1/customers", customer["id"], name=f"n{number}")
    warehouse.sync(account, *TABLES)
    found = warehouse.rows(
        f"SELECT name FROM customers_history WHERE id = '{customer['id']}' AND source = 'event' "
        "ORDER BY valid_from DESC, version_order DESC LIMIT 5"
    )
    assert found == [(f"n{number}",) for number in (4, 3, 2, 1, 0)]


def test_syncs_and_replays_add_nothing(older: Simulator, warehouse: Warehouse) -> None:
    """What has been read is not added again: not by another sync, nor after one that crashed."""
    warehouse.sync(older, *TABLES)
    before = counts(warehouse)
    assert all(rows == versions for rows, versions in before)
    warehouse.sync(older, *TABLES)
    warehouse.sync(older, *TABLES, chunk_rows=50)
    assert counts(warehouse) == before
    _forget(warehouse)
    older.advance(7)
    warehouse.sync(older, *TABLES)
    assert counts(warehouse) == before


def test_small_chunks(older: Simulator, make_warehouse: Callable[[str], Warehouse]) -> None:
    """In runs of a few rows each, the history is the same as in one."""
    older.mutate(300)
    whole, small = make_warehouse("whole"), make_warehouse("small")
    whole.sync(older, *TABLES)
    result = small.sync(older, *TABLES, chunk_rows=60)
    assert len(result.runs) > 1
    for table in HISTORIES:
        found = [
            sorted((row["version_id"], row["id"]) for row in told(where, table))
            for where in (whole, small)
        ]
        assert found[0] == found[1]


def test_a_quiet_sync_reads_the_events_once(older: Simulator, warehouse: Warehouse) -> None:
    """Where nothing has happened, the history costs no request of its own."""
    customer = older.account.objects("/v1/customers")[0]["id"]
    for number in range(2):
        older.advance(3600)
        update(older, "/v1/customers", customer, name=f"n{number}")
        warehouse.sync(older, *TABLES)
        for _ in range(2):
            older.stats.reset()
            warehouse.sync(older, *TABLES)
            assert older.stats.by_path["/v1/events"] == 1


def test_later_syncs_add_what_is_new(account: Simulator, warehouse: Warehouse) -> None:
    """Each change between syncs is a version more, and takes one read of the events more."""
    warehouse.sync(account, *TABLES)
    customer = account.account.objects("/v1/customers")[0]["id"]
    for number in range(3):
        account.advance(600)
        update(account, "/v1/customers", customer, name=f"a{number}")
        account.advance(1)
        update(account, "/v1/customers", customer, name=f"b{number}")
        account.stats.reset()
        warehouse.sync(account, *TABLES)
        assert account.stats.by_path["/v1/events"] == 2
    names = warehouse.rows(
        f"SELECT name FROM customers_history WHERE id = '{customer}' AND source = 'event' "
        "ORDER BY valid_from DESC, version_order DESC LIMIT 6"
    )
    assert [name for (name,) in names] == ["b2", "a2", "b1", "a1", "b0", "a0"]


def test_a_narrower_sync_between(account: Simulator, warehouse: Warehouse) -> None:
    """A sync of some resources does not move the history of the others on."""
    warehouse.sync(account, *TABLES)
    price = account.account.objects("/v1/prices")[0]["id"]
    account.advance(600)
    update(account, "/v1/prices", price, nickname="between")
    account.advance(3600)
    warehouse.sync(account, "customers")
    account.advance(600)
    warehouse.sync(account, *TABLES)
    found = [r for r in told(warehouse, "prices") if (r["id"], r["nickname"]) == (price, "between")]
    assert len(found) == 1


def test_the_first_reading_is_observed(account: Simulator, warehouse: Warehouse) -> None:
    """Every object has a version from when it was first read, whether events tell of it or not."""
    warehouse.sync(account, *TABLES)
    for table in TABLES:
        rows = warehouse.rows(
            f"SELECT h.id, h.valid_from = t._updated_at FROM {table}_history AS h "
            f"JOIN {table} AS t USING (id) WHERE source = 'observed'"
        )
        assert sorted(rows) == sorted(
            (obj["id"], True)
            for obj in account.account.objects(f"/v1/{table}")
            if not obj.get("test_clock")
        )


def test_a_gap_is_observed(account: Simulator, warehouse: Warehouse) -> None:
    """After a gap of which no event is left, what has changed is a version that was observed."""
    warehouse.sync(account, "customers")
    customer, gone, *_ = (c["id"] for c in account.account.objects("/v1/customers"))
    update(account, "/v1/customers", customer, name="unseen")
    _request(account, "delete", f"/v1/customers/{gone}")
    account.advance(40 * DAY)
    before = warehouse.rows("SELECT count(*) FROM customers_history WHERE source = 'observed'")
    warehouse.sync(account, "customers")
    last = (
        "SELECT name, is_deleted, source FROM customers_history WHERE id = '{}' "
        "ORDER BY valid_from DESC, version_order DESC LIMIT 1"
    )
    assert warehouse.rows(last.format(customer)) == [("unseen", False, "observed")]
    assert warehouse.rows(last.format(gone))[0][1:] == (True, "observed")
    warehouse.sync(account, "customers", reconcile=True)
    after = warehouse.rows("SELECT count(*) FROM customers_history WHERE source = 'observed'")
    assert before[0][0] < after[0][0]
    warehouse.sync(account, "customers", reconcile=True)
    assert (
        warehouse.rows("SELECT count(*) FROM customers_history WHERE source = 'observed'") == after
    )


def test_a_plain_run(account: Simulator, warehouse: Warehouse) -> None:
    """A dlt run without `sync` takes in the history, too; other resources have none."""
    warehouse.run(account, "customers", "coupons")
    assert told(warehouse, "customers")
    tables = warehouse.rows(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'stripe'"
    )
    kept = sorted(name for (name,) in tables if name.endswith("_history"))
    assert kept == ["customers_history", "discounts_history"]


def test_what_was_left_out_comes_in(account: Simulator, warehouse: Warehouse) -> None:
    """An earlier start than before takes in the versions of the objects that it adds."""
    account.mutate(40)
    every = {event["id"] for event in of_table(account, "customers")}
    warehouse.sync(account, *TABLES, start_date=account.account.clock.now - 60)
    some = {row["version_id"] for row in told(warehouse, "customers")}
    assert some < every
    warehouse.sync(account, *TABLES)
    assert {row["version_id"] for row in told(warehouse, "customers")} == every


def test_a_load_that_broke_off_before_the_versions(older: Simulator, warehouse: Warehouse) -> None:
    """Rows that a first load brought without their versions get them with the next one."""
    warehouse.sync(older, *TABLES)
    query = f"SELECT DISTINCT id FROM {TABLES[0]}_history ORDER BY 1"
    whole = warehouse.rows(query)
    assert len(whole) > 1
    with duckdb.connect(str(warehouse.file)) as connection:
        connection.execute(f'USE "{warehouse.file.stem}"."stripe"')
        connection.execute("DELETE FROM _dlt_pipeline_state")
        connection.execute(f"DELETE FROM {TABLES[0]}_history WHERE id <> '{whole[0][0]}'")
    warehouse.sync(older, *TABLES)
    assert warehouse.rows(query) == whole


def _request(simulator: Simulator, method: str, path: str) -> None:
    """A write by the official SDK."""
    client = stripe.StripeClient(simulator.api_key, base_addresses={"api": simulator.url})
    client.raw_request(method, path)


def _forget(warehouse: Warehouse) -> None:
    """Leave only the histories, as a first sync that crashed while it loaded may have done."""
    with duckdb.connect(str(warehouse.file)) as connection:
        connection.execute(f'USE "{warehouse.file.stem}"."stripe"')
        connection.execute("DELETE FROM _dlt_pipeline_state")
        for table in (*TABLES, "subscription_items", "discounts"):
            connection.execute(f"DELETE FROM {table}")
