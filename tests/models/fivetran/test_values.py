"""What the views say of objects of which all is known, to the last value."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from tests.models.conftest import Row
from tests.models.fivetran.answers import KEYS, KINDS
from tests.models.fivetran.conftest import Full, declared
from tests.models.fivetran.objects import TEN
from tests.models.test_everywhere import same


def plain(value: Any) -> Any:
    """Texts of JSON alike, however a database writes them."""
    if isinstance(value, str) and value[:1] in "{[":
        return orjson.dumps(orjson.loads(value)).decode()
    return value


def in_utc(value: Any) -> Any:
    """Times with the zone that they are in without saying so."""
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value


@pytest.mark.parametrize(
    ("table", "answer", "none"), KINDS, ids=[f"{table}: {row.__name__}" for table, row, _ in KINDS]
)
def test_ten_of_each(
    full: Full, table: str, answer: Callable[[int], Row], none: frozenset[int]
) -> None:
    """Ten rows of each kind have the values that were worked out by hand, in both databases."""
    for each in full:
        for n in TEN:
            expected = answer(n)
            key = {name: expected[name] for name in KEYS.get(table, ("id",))}
            rows = [r for r in each.rows(table) if all(r[k] == v for k, v in key.items())]
            if n in none:
                assert rows == []
                continue
            (row,) = rows
            assert {name: plain(row[name]) for name in expected} == expected


def test_the_answers_leave_out_no_column_that_matters() -> None:
    """Each column that reaches a model is among the values that were worked out."""
    known = {(table, name) for table, row, _ in KINDS for name in row(0)}
    assert {(c.table, c.column) for c in declared() if c.level == "E"} - known == set()


@pytest.mark.parametrize("table", sorted({c.table for c in declared()}))
def test_postgres_has_the_same_rows(full: Full, table: str) -> None:
    """Every view gives DuckDB and Postgres the same rows, but for when they were loaded."""

    def rows(of: list[Row]) -> list[Row]:
        kept = [{k: v for k, v in r.items() if not k.endswith("fivetran_synced")} for r in of]
        return [{k: in_utc(v) for k, v in row.items()} for row in kept]

    same(rows(full.duckdb.rows(table)), rows(full.postgres.rows(table)), full.duckdb.now)
