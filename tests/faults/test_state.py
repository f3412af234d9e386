"""What dlt keeps on the local disk may be lost at any time: the destination knows all of it."""

import logging
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
import stripe

from stripe_source.errors import DestinationError
from stripe_source.simulator import Simulator, SimulatorConfig
from tests.conftest import Warehouse
from tests.convergence.equality import assert_equal
from tests.simulator.conftest import sdk

NAMES = ("customers", "invoices", "subscriptions", "payment_intents", "payment_methods")
DAY = 86_400
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


def test_a_chunk_whose_end_was_lost(make_warehouse: Make) -> None:
    """A crash after a backfill's rows were merged and before that was noted leaves no old child."""
    config = SimulatorConfig(seed=3, customers=2, years=0.1, fixtures=1, page_rows=2)
    with Simulator(config) as account:
        client, warehouse = sdk(account), make_warehouse("crashed")
        customer = client.v1.customers.list().data[0].id
        items = [_draft(client, customer, account.advance(60)) for _ in range(8)]
        for _ in range(3):
            warehouse.run(account, "invoices", chunk_rows=2)
        with duckdb.connect(str(warehouse.file)) as connection:
            connection.execute("USE crashed.stripe")
            connection.execute(
                "DELETE FROM _dlt_loads WHERE load_id IN "
                "(SELECT load_id FROM _dlt_loads ORDER BY inserted_at DESC LIMIT 1)"
            )
            assert connection.execute("SELECT count(*) > 0 FROM invoice_line_items").fetchone()
        for item in items:
            client.v1.invoice_items.delete(item)
        warehouse.sync(account, "invoices")
        assert_equal(warehouse, account, ["invoices"], reconciled=True)


def test_a_first_load_that_broke_off_between_tables(warehouse: Warehouse) -> None:
    """A crash after lines were merged, and before their invoices were, leaves no old line."""
    config = SimulatorConfig(seed=3, customers=2, years=0.1, fixtures=1)
    with Simulator(config) as account:
        client = sdk(account)
        customer = client.v1.customers.list().data[0].id
        items = [_draft(client, customer, account.advance(60)) for _ in range(3)]
        warehouse.sync(account, "invoices")
        with duckdb.connect(str(warehouse.file)) as connection:
            connection.execute("USE stripe.stripe")
            connection.execute("DELETE FROM invoices")
            connection.execute("DELETE FROM _dlt_loads")
        for item in items:
            client.v1.invoice_items.delete(item)
        warehouse.sync(account, "invoices")
        assert_equal(warehouse, account, ["invoices"], reconciled=True)


def test_a_list_without_times_that_broke_off(warehouse: Warehouse) -> None:
    """What was added and deleted since a first reading that broke off is as in the account."""
    config = SimulatorConfig(seed=3, customers=6, years=0.1, fixtures=1, page_rows=2)
    with Simulator(config) as account:
        client = sdk(account)
        made = [client.v1.tax_ids.create(_number(n)) for n in range(12)]
        for _ in range(2):
            warehouse.run(account, "tax_ids", chunk_rows=3)
        assert 3 <= len(warehouse.table("tax_ids")) < len(made)
        for gone in (made[0], made[-1]):
            client.v1.tax_ids.delete(gone.id)
        client.v1.tax_ids.create(_number(99))
        account.advance(40 * DAY)
        warehouse.sync(account, "tax_ids")
        assert_equal(warehouse, account, ["tax_ids"], reconciled=True)


def test_a_load_from_the_future(account: Simulator, make_warehouse: Make) -> None:
    """After a sync by a clock that was ahead a right one is refused: dlt would forget it."""
    make_warehouse("stripe").sync(account, "customers")
    warehouse = make_warehouse("stripe")
    with duckdb.connect(str(warehouse.file)) as connection:
        connection.execute("USE stripe.stripe")
        connection.execute("UPDATE _dlt_loads SET load_id = CAST(load_id AS DOUBLE) + 10000")
    with pytest.raises(DestinationError, match=r"dated 9,\d+ seconds from now"):
        warehouse.sync(account, "customers")


def _number(n: int) -> dict[str, str]:
    return {"type": "eu_vat", "value": f"DE1234567{n:02}"}


def _draft(client: stripe.StripeClient, customer: str, now: int) -> str:
    """A draft with one line; the id of its item."""
    draft = client.v1.invoices.create({"customer": customer, "description": f"at {now}"})
    item = client.v1.invoice_items.create(
        {"customer": customer, "invoice": draft.id, "amount": 100, "currency": "usd"}
    )
    return item.id
