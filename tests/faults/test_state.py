"""What dlt keeps on the local disk may be lost at any time: the destination knows all of it."""

import logging
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from stripe_source.simulator import Simulator
from tests.conftest import Warehouse
from tests.convergence.equality import assert_equal

NAMES = ("customers", "invoices", "subscriptions", "payment_intents", "payment_methods")
Make = Callable[[str], Warehouse]


def lose_local_state() -> None:
    """Delete dlt's data folder, as on a machine that is made anew for each sync."""
    shutil.rmtree(Path.cwd() / "dlt")


def test_a_sync_on_a_new_machine_reads_no_more(account: Simulator, make_warehouse: Make) -> None:
    """Without the local folder a sync reads the same rows as with it, and asks as often."""
    for name in ("kept", "lost"):
        make_warehouse(name).sync(account, *NAMES)
    account.advance(7_200)
    account.mutate(30)
    shutil.rmtree(Path.cwd() / "dlt" / "pipelines" / "lost")
    kept, lost = (make_warehouse(name).sync(account, *NAMES) for name in ("kept", "lost"))
    assert lost.rows == kept.rows
    assert_equal(make_warehouse("lost"), account, NAMES, reconciled=False)
    account.advance(7_200)
    lose_local_state()
    account.stats.reset()
    assert not any(make_warehouse("lost").sync(account, *NAMES).rows.values())
    assert account.stats.by_path == {
        "/v1/account": 1, "/v1/events": 1, "/v1/payment_intents": 1, "/v1/payment_methods": 1
    }  # fmt: skip


def test_a_backfill_goes_on_on_a_new_machine(account: Simulator, make_warehouse: Make) -> None:
    """Lost in the middle of a backfill, the local folder costs no row that was loaded."""
    for n in range(2_000):
        row = {"created": 1_780_000_000 + n * 977}
        account.account.insert("/v1/customers", row, event=False)
    total = len(account.account.objects("/v1/customers"))
    make_warehouse("stripe").run(account, "customers", chunk_rows=500)
    lose_local_state()
    warehouse = make_warehouse("stripe")
    loaded = len(warehouse.table("customers"))
    assert 500 <= loaded < total
    account.stats.reset()
    warehouse.sync(account, "customers")
    assert account.stats.rows <= total - loaded + 20  # rows of the last minutes, and events
    assert_equal(warehouse, account, ["customers"], reconciled=True)


def test_state_lost_everywhere(
    account: Simulator, make_warehouse: Make, caplog: pytest.LogCaptureFixture
) -> None:
    """Where the destination's state is lost too, all is listed again, what is gone marked."""
    gone = account.account.insert(
        "/v1/customers", {"created": 1_780_000_000, "metadata": {}, "name": "Gone"}
    )["id"]
    warehouse = make_warehouse("stripe")
    warehouse.sync(account, *NAMES)
    lose_local_state()
    with duckdb.connect(str(warehouse.file)) as connection:
        connection.execute('DELETE FROM "stripe"."stripe"._dlt_pipeline_state')
    account.mutate(20)
    account.account.delete("/v1/customers", gone)
    account.advance(40 * 86_400)
    warehouse = make_warehouse("stripe")
    with caplog.at_level(logging.WARNING, "stripe_source"):
        warehouse.sync(account, *NAMES)
    assert "customers is listed again: the tables have rows" in caplog.text
    assert warehouse.rows(f"SELECT is_deleted FROM customers WHERE id = '{gone}'") == [(True,)]
    assert_equal(warehouse, account, NAMES, reconciled=True)
