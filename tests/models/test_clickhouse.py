"""What the models say in DuckDB they say in ClickHouse, over the same tables.

dlt has a destination for it, and the models are written in its dialect; chdb is ClickHouse itself
in a wheel, without a server.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from chdb import session as chdb

from stripe_source.models.library import library
from stripe_source.models.render import Loaded, Schemas, render
from stripe_source.models.settings import ModelSettings
from stripe_source.tables.every import every_table
from tests.models.conftest import Business, Row
from tests.models.test_everywhere import same

OURS = tuple(library())
ENGINE = "ENGINE = MergeTree ORDER BY tuple()"
SETTINGS = "SETTINGS join_use_nulls = 1, prefer_column_name_to_alias = 1, max_execution_time = 20"
PLACES = 6
SCHEMAS = Schemas("clickhouse", "stripe", "stripe_models")


class ClickHouse:
    """A ClickHouse in a folder, with the tables of a DuckDB file and the models."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.session = chdb.Session(str(folder / "clickhouse"))
        self.errors: dict[str, str] = {}

    def load(self, file: Path) -> list[str]:
        """Copy the loaded tables, JSON as text, as dlt loads it there."""
        self.session.query("CREATE DATABASE stripe")
        self.session.query("CREATE DATABASE stripe_models")
        with duckdb.connect(str(file), read_only=True) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            found = connection.execute(
                "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'stripe'"
            ).fetchall()
            names = [name for (name,) in found if name in every_table()]
            for name in names:
                parquet = self.folder / f"{name}.parquet"
                columns = connection.execute(f"DESCRIBE stripe.{name}").fetchall()
                chosen = ", ".join(
                    f'CAST("{column}" AS VARCHAR) AS "{column}"'
                    if kind == "JSON"
                    else f'"{column}"'
                    for column, kind, *_ in columns
                )
                connection.execute(
                    f"COPY (SELECT {chosen} FROM stripe.{name}) TO '{parquet}' (FORMAT parquet)"
                )
                self.session.query(
                    f"CREATE TABLE stripe.`{name}` {ENGINE} AS "
                    f"SELECT * FROM file('{parquet}', Parquet) "
                    "SETTINGS schema_inference_make_columns_nullable = 1"
                )
        return names

    def deploy(self, settings: ModelSettings, loaded: list[str]) -> None:
        """All models, as tables: each is worked out once, over those that it reads."""
        for name, model in library().items():
            sql = render(model, SCHEMAS, settings, Loaded(frozenset(loaded)))
            try:
                self.session.query(
                    f"CREATE TABLE stripe_models.`{name}` {ENGINE} AS {sql} {SETTINGS}"
                )
            except RuntimeError as failure:
                self.errors[name] = str(failure)

    def rows(self, model: str) -> list[Row]:
        """All rows of a model."""
        assert model not in self.errors, self.errors[model]
        query = f"SELECT * FROM stripe_models.`{model}`"
        table: pa.Table = self.session.query(query, "ArrowTable")
        return [] if table is None else table.to_pylist()


@pytest.fixture(scope="module")
def clickhouse(one: Business, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouse]:
    """The small business in ClickHouse."""
    made = ClickHouse(tmp_path_factory.mktemp("clickhouse"))
    file = Path(str(one.duckdb.pipeline.destination_client().config.credentials.database))
    loaded = made.load(file)
    made.deploy(ModelSettings(now=one.duckdb.now), loaded)
    yield made
    made.session.close()


@pytest.mark.parametrize("model", OURS)
def test_clickhouse_has_the_same_rows(one: Business, clickhouse: ClickHouse, model: str) -> None:
    """Every model gives DuckDB and ClickHouse the same rows, to six places."""
    mine, theirs = rounded(one.duckdb.rows(model)), rounded(clickhouse.rows(model))
    same(mine, theirs, one.duckdb.now)


def rounded(rows: list[Row]) -> list[Row]:
    """ClickHouse cuts off what does not fit a decimal's places, where others round."""
    return [
        {k: round(v, PLACES) if isinstance(v, float | Decimal) else v for k, v in row.items()}
        for row in rows
    ]
