"""What the models say in DuckDB they say in ClickHouse, over the same tables.

dlt has a destination for it, and the models are written in its dialect; chdb is ClickHouse itself
in a wheel, without a server.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from chdb import session as chdb

from stripe_source.models.library import every_table, library
from stripe_source.models.render import Schemas, render
from stripe_source.models.settings import ModelSettings
from tests.models.conftest import Business, Row
from tests.models.test_everywhere import same

OURS = tuple(library())
SETTINGS = "SETTINGS join_use_nulls = 1"
SCHEMAS = Schemas("clickhouse", "stripe", "stripe_models")


class ClickHouse:
    """A ClickHouse in a folder, with the tables of a DuckDB file and the models as views."""

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
                    f'CAST("{column}" AS VARCHAR) AS "{column}"' if kind == "JSON" else f'"{column}"'
                    for column, kind, *_ in columns
                )
                connection.execute(
                    f"COPY (SELECT {chosen} FROM stripe.{name}) TO '{parquet}' (FORMAT parquet)"
                )
                self.session.query(
                    f"CREATE TABLE stripe.`{name}` ENGINE = MergeTree ORDER BY tuple() AS "
                    f"SELECT * FROM file('{parquet}', Parquet) "
                    "SETTINGS schema_inference_make_columns_nullable = 1"
                )
        return names

    def deploy(self, settings: ModelSettings, loaded: list[str]) -> None:
        """All models, as views."""
        for name, model in library().items():
            sql = render(model, SCHEMAS, settings, loaded)
            try:
                self.session.query(f"CREATE VIEW stripe_models.`{name}` AS {sql}")
            except RuntimeError as failure:
                self.errors[name] = str(failure)

    def rows(self, model: str) -> list[Row]:
        """All rows of a model."""
        assert model not in self.errors, self.errors[model]
        query = f"SELECT * FROM stripe_models.`{model}` {SETTINGS}"
        table: pa.Table = self.session.query(query, "ArrowTable")
        return [] if table is None else table.to_pylist()


@pytest.fixture(scope="module")
def clickhouse(one: Business, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouse]:
    """The small business in ClickHouse."""
    made = ClickHouse(tmp_path_factory.mktemp("clickhouse"))
    with one.duckdb.place():
        pass
    file = Path(str(one.duckdb.pipeline.destination_client().config.credentials.database))
    loaded = made.load(file)
    made.deploy(ModelSettings(now=one.duckdb.now), loaded)
    yield made
    made.session.close()


@pytest.mark.parametrize("model", OURS)
def test_clickhouse_has_the_same_rows(
    one: Business, clickhouse: ClickHouse, model: str
) -> None:
    """Every model gives DuckDB and ClickHouse the same rows, to the last digit of a decimal."""
    same(one.duckdb.rows(model), clickhouse.rows(model), one.duckdb.now)
