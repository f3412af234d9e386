"""The time of each data model over a big account.

A small simulated account is synced and then copied within DuckDB, with new ids for each copy, until
there are as many invoices as are wanted.
"""

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import dlt
import duckdb as engine

from stripe_source import duckdb, sync
from stripe_source.models import deploy
from stripe_source.simulator import Simulator, SimulatorConfig
from tests.benchmarks.figures import Figure

SHARED = ("prices", "plans", "products", "coupons", "tax_rates", "price_tiers", "accounts")
IDS = "((?:cus|sub|si|in|ii|il|ch|pi|di|txn|re|inpay|cn|cnli|du|po)_[A-Za-z0-9]+)"


@dataclass(frozen=True)
class Timed:
    """A relation, with the seconds of a count and of reading every column."""

    name: str
    count: float
    read: float


def small_account(folder: Path, customers: int) -> Path:
    """A synced account, in a file of its own."""
    with Simulator(SimulatorConfig(customers=customers)) as account:
        pipeline = dlt.pipeline(
            "bench_base",
            destination=duckdb(str(folder / "base.duckdb")),
            dataset_name="stripe",
            pipelines_dir=str(folder / "dlt"),
        )
        sync(pipeline, resources="models", stripe_secret_key=account.api_key, api_base=account.url)
    return folder / "base.duckdb"


def multiplied(base: Path, big: Path, invoices: int) -> int:
    """The account copied until it has so many invoices; returns how many it has."""
    with engine.connect(str(big)) as connection:
        connection.execute(f"ATTACH '{base}' AS base (READ_ONLY)")
        connection.execute("CREATE SCHEMA stripe")
        tables = connection.execute(
            "SELECT table_name FROM duckdb_tables() "
            "WHERE database_name = 'base' AND schema_name = 'stripe'"
        ).fetchall()
        found = connection.execute("SELECT count(*) FROM base.stripe.invoices").fetchall()[0][0]
        copies = -(-invoices // found)
        for (table,) in tables:
            _copy(connection, table, 1 if table in SHARED or table[0] == "_" else copies)
        return int(found * copies)


def _copy(connection: engine.DuckDBPyConnection, table: str, copies: int) -> None:
    source = f'base.stripe."{table}"'
    if copies == 1:
        connection.execute(f'CREATE TABLE stripe."{table}" AS FROM {source}')
        return
    described = connection.execute(f"DESCRIBE {source}").fetchall()
    columns = []
    for name, kind, *_ in described:
        with_ids = (
            kind in ("VARCHAR", "JSON")
            and name != "_account_id"
            and connection.execute(
                f"SELECT count(*) FROM {source} WHERE regexp_matches(\"{name}\"::VARCHAR, '{IDS}')"
            ).fetchall()[0][0]
        )
        text = f"regexp_replace(\"{name}\"::VARCHAR, '{IDS}', '\\1x' || k, 'g')::{kind}"
        columns.append(f'{text if with_ids else chr(34) + name + chr(34)} AS "{name}"')
    connection.execute(
        f'CREATE TABLE stripe."{table}" AS SELECT {", ".join(columns)} '
        f"FROM {source}, range({copies}) AS c (k)"
    )


def timings(big: Path, names: list[str], schema: str = "stripe_models") -> list[Timed]:
    """What it takes to count each, and to read all of it; the slowest to be counted first."""
    found = []
    with engine.connect(str(big), read_only=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for name in names:
            began = time.monotonic()
            connection.execute(f"SELECT count(*) FROM {schema}.{name}").fetchall()
            counted = time.monotonic()
            for _ in connection.sql(f"FROM {schema}.{name}").to_arrow_reader(100_000):
                pass
            found.append(Timed(name, counted - began, time.monotonic() - counted))
    return sorted(found, key=lambda each: -each.count)


def models(invoices: int, customers: int) -> Iterator[Figure]:
    """Every model over so many invoices, copied from the business of so many customers.

    What it takes to read all columns of the table of invoices stands beside it.
    """
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        big = folder / "big.duckdb"
        rows = multiplied(small_account(folder, customers), big, invoices)
        pipeline = dlt.pipeline(
            "bench_big",
            destination=duckdb(str(big)),
            dataset_name="stripe",
            pipelines_dir=str(folder / "dlt"),
        )
        measured = timings(big, deploy(pipeline).models)
        scan = timings(big, ["invoices"], "stripe")[0].read
    slowest = measured[0]
    yield Figure(
        "models", f"counting the slowest, {slowest.name}, over reading all invoices",
        slowest.count / scan, "x", facts={"seconds": slowest.count, "invoices": rows},
    )  # fmt: skip
    every = sum(each.count for each in measured)
    yield Figure(
        "models", f"counting all {len(measured)}, over reading all invoices", every / scan, "x",
        facts={"seconds": every} | {each.name: each.count for each in measured[1:5]},
    )  # fmt: skip
