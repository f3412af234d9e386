"""The time of each model over a big account, slowest first: ``python -m tests.models.bench``.

A small simulated account is synced and then copied within DuckDB, with new ids for each copy, until
there are a million invoices. Two times for each model: of a count, and of reading every column.
"""

import argparse
import tempfile
import time
from pathlib import Path

import dlt
import duckdb as engine

from stripe_source import duckdb, sync
from stripe_source.models import deploy
from stripe_source.simulator import Simulator, SimulatorConfig

SHARED = ("prices", "plans", "products", "coupons", "tax_rates", "price_tiers", "accounts")
IDS = "((?:cus|sub|si|in|ii|il|ch|pi|di|txn|re|inpay|cn|cnli|du|po)_[A-Za-z0-9]+)"
BASE = 300  # customers in the account that is copied


def small_account(folder: Path) -> Path:
    """A synced account, in a file of its own."""
    with Simulator(SimulatorConfig(customers=BASE)) as account:
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


def timings(big: Path, names: list[str]) -> list[tuple[str, int, float, float]]:
    """Model, rows, seconds of a count, seconds of reading everything; slowest first."""
    found = []
    with engine.connect(str(big), read_only=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for name in names:
            began = time.monotonic()
            rows = connection.execute(f"SELECT count(*) FROM stripe_models.{name}").fetchall()[0][0]
            counted = time.monotonic()
            reader = connection.execute(f"FROM stripe_models.{name}").to_arrow_reader(100_000)
            for _ in reader:
                pass
            found.append((name, rows, counted - began, time.monotonic() - counted))
            print(f"{name:30} {rows:>10,} {found[-1][2]:8.2f} {found[-1][3]:8.2f}", flush=True)
    return sorted(found, key=lambda row: -max(row[2], row[3]))


def main() -> None:
    """Make the account, deploy, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--invoices", type=int, default=1_000_000)
    parser.add_argument("--keep", type=Path, help="a folder in which the big file is left or found")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.keep or Path(scratch)
        big = folder / "big.duckdb"
        if not big.exists():
            multiplied(small_account(folder), big, given.invoices)
        pipeline = dlt.pipeline(
            "bench_big",
            destination=duckdb(str(big)),
            dataset_name="stripe",
            pipelines_dir=str(folder / "dlt"),
        )
        measured = timings(big, deploy(pipeline).models)
    print(f"\n{'model':30} {'rows':>10} {'count s':>8} {'read s':>8}")
    for name, rows, count, read in measured:
        print(f"{name:30} {rows:>10,} {count:8.2f} {read:8.2f}")


if __name__ == "__main__":
    main()
