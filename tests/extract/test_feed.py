"""The events of a sync: one read, whatever they are like, and what happens without them."""

import pytest

from stripe_source.catalog import CATALOG
from stripe_source.errors import UsageError
from stripe_source.simulator import Simulator, SimulatorConfig
from stripe_source.simulator.config import EventQuirks
from tests.conftest import Warehouse
from tests.convergence.equality import assert_equal

NAMES = ("customers", "subscriptions", "invoices", "products", "prices")
DAY = 86_400


def test_nothing_new_costs_one_read_of_events(account: Simulator, warehouse: Warehouse) -> None:
    """Beside it, at most one request for each resource that has no events or not all of them."""
    warehouse.sync(account, "all")
    account.stats.reset()
    result = warehouse.sync(account, "all")
    assert result.rows["payment_methods"] == 0  # the head of its list is read, and as it was
    asked = dict(account.stats.by_path)
    assert asked.pop("/v1/account") == 2  # whose the key is, and the table of it
    assert asked.pop("/v1/events") <= 2  # the feed, and the table of events
    told = {row.path for row in CATALOG.values() if row.relist == "never"}
    assert not told & asked.keys()
    long = {path: number for path, number in asked.items() if number > 1}
    assert not long


def test_few_types_are_asked_for_by_name(account: Simulator, warehouse: Warehouse) -> None:
    """With up to 20 types that matter, Stripe is asked for these alone."""
    warehouse.sync(account, "products")
    warehouse.sync(account, "products")
    (asked,) = [e for e in account.stats.log if e["path"] == "/v1/events"]
    assert "product.updated" in str(asked)
    assert "invoice" not in str(asked)


@pytest.mark.parametrize(
    "quirks",
    [
        EventQuirks(lag=(0, 60)),
        EventQuirks(duplicates=1.0),
        EventQuirks(stale=1.0),
        EventQuirks(older=1.0),
    ],
    ids=["late", "twice", "stale", "older"],
)
def test_odd_events_mislead_nobody(quirks: EventQuirks, warehouse: Warehouse) -> None:
    """Late, doubled, stale or old-version events: after each sync that saw them all is right."""
    config = SimulatorConfig(seed=5, customers=8, years=0.5, fixtures=1, events=quirks)
    with Simulator(config) as sim:
        for _ in range(4):
            sim.mutate(12)
            warehouse.sync(sim, *NAMES)
            sim.advance(20)
        sim.advance(quirks.lag[1])
        warehouse.sync(sim, *NAMES)
        assert_equal(warehouse, sim, NAMES, reconciled=False)


def test_an_event_is_acted_on_once(account: Simulator, warehouse: Warehouse) -> None:
    """Events that are met again in the overlap are known by their ids, and cost nothing."""
    warehouse.sync(account, *NAMES)
    account.mutate(30)
    warehouse.sync(account, *NAMES)
    account.stats.reset()
    warehouse.sync(account, *NAMES)
    assert account.stats.by_path == {"/v1/account": 1, "/v1/events": 1}


def test_a_key_that_may_not_read_events(account: Simulator, warehouse: Warehouse) -> None:
    """New objects still load, the exit code says that something is left out, the cursor stays."""
    warehouse.sync(account, "customers", "products")
    before = warehouse.state("customers", account)["updated"]
    key = "rk_test_twolists0abcd"
    account.add_key(key, {"rak_customer_read", "rak_product_read"})
    new = account.account.insert("/v1/customers", {"created": account.account.clock.now})["id"]
    account.advance(DAY)
    result = warehouse.sync(
        account, "customers", "products", stripe_secret_key=key, account_id=account.account.id
    )
    assert result.exit_code == 3
    assert "events" in result.skipped
    assert warehouse.rows(f"SELECT count(*) FROM customers WHERE id = '{new}'") == [(1,)]
    assert warehouse.state("customers", account)["updated"] == before


def test_events_that_aged_out(account: Simulator, warehouse: Warehouse) -> None:
    """When Stripe says that events are gone while they are read, the list is read instead."""
    warehouse.sync(account, "customers")
    row = account.account.objects("/v1/customers")[0]
    account.account.update("/v1/customers", row["id"], {"name": "Edited"})
    account.faults.append({"path": "/v1/events", "kind": "404_cursor"})
    try:
        warehouse.sync(account, "customers")
    except UsageError:
        pytest.fail("aged out events are no user's mistake")
    warehouse.sync(account, "customers")
    assert_equal(warehouse, account, ["customers"], reconciled=False)
