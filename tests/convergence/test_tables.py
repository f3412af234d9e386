"""Tables that are dropped, left out and taken in again: none is short of rows without a word."""

from collections.abc import Callable
from dataclasses import replace

import duckdb
import pytest

from stripe_source.catalog import CATALOG
from stripe_source.simulator import Simulator
from stripe_source.source import stripe_source
from tests.conftest import FAST, Warehouse
from tests.convergence.equality import assert_equal
from tests.simulator.conftest import sdk

DAY = 86_400
NAMES = ["customers", "invoices"]


@pytest.mark.parametrize("table", ["customers", "invoice_line_items", "discounts"])
def test_a_dropped_table_comes_back_whole(
    account: Simulator, warehouse: Warehouse, table: str
) -> None:
    """A table that the user drops has all its rows after the next sync, which says why."""
    _give_discount(account)
    warehouse.sync(account, *NAMES)
    with duckdb.connect(str(warehouse.file)) as connection:
        connection.execute(f"DROP TABLE stripe.stripe.{table}")
    account.advance(DAY)
    result = warehouse.sync(account, *NAMES)
    assert table in " ".join(result.relisted.values())
    assert_equal(warehouse, account, NAMES, reconciled=True)
    assert not warehouse.sync(account, *NAMES).relisted


def test_a_dropped_history_has_what_stripe_keeps(account: Simulator, warehouse: Warehouse) -> None:
    """A history that is dropped gets the events of 30 days again."""
    warehouse.sync(account, "customers")
    row = account.account.objects("/v1/customers")[0]
    account.account.update("/v1/customers", row["id"], {"name": "Edited"})
    warehouse.sync(account, "customers")
    query = "SELECT count(*) FROM customers_history WHERE source = 'event'"
    before = warehouse.rows(query)
    with duckdb.connect(str(warehouse.file)) as connection:
        connection.execute("DROP TABLE stripe.stripe.customers_history")
    warehouse.sync(account, "customers")
    assert warehouse.rows(query) == before


def test_a_table_that_was_left_out(account: Simulator, warehouse: Warehouse) -> None:
    """What changed while a plain dlt run left a table out is in it once it is taken in again."""
    warehouse.sync(account, "invoices")
    account.advance(40 * DAY)
    warehouse.run(account, "invoices", only=["invoices"])
    account.advance(DAY)
    warehouse.sync(account, "invoices")
    assert_equal(warehouse, account, ["invoices"], reconciled=False)


def test_a_table_that_was_never_wanted(account: Simulator, warehouse: Warehouse) -> None:
    """A child table that is first loaded after its parents has the rows of all of them."""
    warehouse.run(account, "invoices", only=["invoices"])
    account.advance(DAY)
    warehouse.sync(account, "invoices")
    assert_equal(warehouse, account, ["invoices"], reconciled=False)


def test_a_table_that_the_catalog_gains(
    account: Simulator, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an upgrade a new child table has the rows of all parents, and once only."""
    with monkeypatch.context() as older:
        older.setitem(CATALOG, "payouts", replace(CATALOG["payouts"], children=()))
        warehouse.sync(account, "payouts")
        account.advance(DAY)
    result = warehouse.sync(account, "payouts")
    assert result.relisted == {"payouts": "not loaded before: payout_balance_transactions"}
    assert_equal(warehouse, account, ["payouts"], reconciled=True)
    assert not warehouse.sync(account, "payouts").relisted


def test_an_empty_table_that_the_catalog_gains(
    account: Simulator, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is there, though none of the parents has a row for it."""
    for payout in account.account.objects("/v1/payouts"):
        account.account.update("/v1/payouts", payout["id"], {"automatic": False}, event=None)
    with monkeypatch.context() as older:
        older.setitem(CATALOG, "payouts", replace(CATALOG["payouts"], children=()))
        warehouse.sync(account, "payouts")
    warehouse.sync(account, "payouts")
    assert warehouse.rows("SELECT count(*) FROM payout_balance_transactions") == [(0,)]


def test_a_lost_file_and_local_state(account: Simulator, warehouse: Warehouse) -> None:
    """Where the database is gone and dlt's folder is not, everything is loaded anew, by dlt too."""
    warehouse.run(account, *NAMES)
    for load in (warehouse.run, warehouse.sync):
        warehouse.file.unlink()
        load(account, *NAMES)
        assert_equal(warehouse, account, NAMES, reconciled=True)


def test_a_window_hides_no_emptied_table(account: Simulator, warehouse: Warehouse) -> None:
    """A table that was emptied is whole after the next sync, also if a window came between."""
    warehouse.sync(account, "customers")
    with duckdb.connect(str(warehouse.file)) as connection:
        connection.execute("DELETE FROM stripe.stripe.customers")
        connection.execute("DROP TABLE stripe.stripe.customer_sources")
    newest = account.account.objects("/v1/customers")[-1]["created"]
    warehouse.sync(account, "customers", start_date=newest, end_date=newest + 1)
    warehouse.sync(account, "customers")
    assert_equal(warehouse, account, ["customers"], reconciled=True)


def test_a_table_dropped_between_windows(account: Simulator, warehouse: Warehouse) -> None:
    """Where only windows were ever loaded, a dropped table is made again for the next one."""
    newest = max(row["created"] for row in account.account.objects("/v1/customers"))
    for _ in range(2):
        warehouse.sync(account, "customers", end_date=newest + 1)
        rows = len(warehouse.table("customers"))
        with duckdb.connect(str(warehouse.file)) as connection:
            connection.execute("DROP TABLE stripe.stripe.customers")
    assert rows == len(account.account.objects("/v1/customers"))


def test_one_source_for_two_destinations(
    account: Simulator, make_warehouse: Callable[[str], Warehouse]
) -> None:
    """A source that dlt runs twice sees that the second destination's table was emptied."""
    first, second = make_warehouse("first"), make_warehouse("second")
    options = {"stripe_secret_key": account.api_key, "api_base": account.url, **FAST}
    for warehouse in (first, second):
        warehouse.run(account, "customers")
    with duckdb.connect(str(second.file)) as connection:
        connection.execute("DELETE FROM second.stripe.customers")
    source = stripe_source("customers", **options)
    for warehouse in (first, second):
        warehouse.pipeline.run(source)
        assert_equal(warehouse, account, ["customers"], reconciled=True)


@pytest.mark.parametrize("days", [1, 40])
def test_children_of_a_dropped_table(account: Simulator, warehouse: Warehouse, days: int) -> None:
    """What was deleted while its table was dropped leaves no child rows behind, told or not."""
    client = sdk(account)
    gone = client.v1.customers.create().id
    client.v1.customers.tax_ids.create(gone, {"type": "eu_vat", "value": "DE123456789"})
    warehouse.sync(account, "customers")
    assert gone in {row["customer_id"] for row in warehouse.table("customer_tax_ids")}
    with duckdb.connect(str(warehouse.file)) as connection:
        connection.execute("DROP TABLE stripe.stripe.customers")
    client.v1.customers.delete(gone)
    account.advance(days * DAY)
    warehouse.sync(account, "customers")
    assert_equal(warehouse, account, ["customers"], reconciled=True)


def test_a_shared_table_is_filled_by_all(account: Simulator, warehouse: Warehouse) -> None:
    """Discounts that were dropped come back from all that show some, whichever is synced first."""
    _give_discount(account)
    warehouse.sync(account, *NAMES)
    with duckdb.connect(str(warehouse.file)) as connection:
        connection.execute("DELETE FROM stripe.stripe.discounts")
    warehouse.sync(account, "customers")
    result = warehouse.sync(account, *NAMES)
    assert result.relisted == {"invoices": "dropped or emptied: discounts"}
    assert_equal(warehouse, account, NAMES, reconciled=True)


def test_an_earlier_start_after_a_window(account: Simulator, warehouse: Warehouse) -> None:
    """Rows of a one-off window that are gone by the time that syncs reach them get a tombstone."""
    rows = sorted(row["created"] for row in account.account.objects("/v1/customers"))
    oldest = account.account.objects("/v1/customers")[0]["id"]
    warehouse.sync(account, "customers", end_date=rows[-1])
    sdk(account).v1.customers.delete(oldest)
    account.advance(DAY)
    warehouse.sync(account, "customers", start_date=rows[-1])
    account.advance(40 * DAY)
    warehouse.sync(account, "customers")
    assert_equal(warehouse, account, ["customers"], reconciled=False)


def test_an_earlier_start_after_a_gap(account: Simulator, warehouse: Warehouse) -> None:
    """A gap and an earlier start in one sync: the older rows are in it at once."""
    newest = max(row["created"] for row in account.account.objects("/v1/customers"))
    warehouse.sync(account, "customers", start_date=newest)
    account.advance(40 * DAY)
    warehouse.sync(account, "customers")
    assert_equal(warehouse, account, ["customers"], reconciled=False)


def test_a_lookup_that_is_refused(account: Simulator, warehouse: Warehouse) -> None:
    """What a re-list misses and Stripe does not give by id either is asked for until it does."""
    warehouse.sync(account, "customers")
    gone = account.account.objects("/v1/customers")[0]["id"]
    sdk(account).v1.customers.delete(gone)
    account.advance(40 * DAY)
    account.faults.append({"path": f"/v1/customers/{gone}", "kind": "403", "times": None})
    assert warehouse.sync(account, "customers").outcomes == {"customers": "failed"}
    account.faults.clear()
    warehouse.sync(account, "customers")
    assert_equal(warehouse, account, ["customers"], reconciled=False)


def _give_discount(account: Simulator) -> None:
    """A discount that subscription and invoices show."""
    client = sdk(account)
    client.v1.coupons.create({"id": "tenth", "percent_off": 10, "duration": "forever"})
    running = client.v1.subscriptions.list({"status": "active"}).data[0]
    client.v1.subscriptions.update(running.id, {"discounts": [{"coupon": "tenth"}]})
    account.advance(40 * DAY)
