"""The views have the tables, columns and types of Fivetran's schema, and data in all of them."""

from __future__ import annotations

import pytest

from stripe_source.models.library import library
from stripe_source.models.model import Model
from stripe_source.models.shelf import FIVETRAN
from tests.models.fivetran.conftest import Column, Full, declared

COLUMNS = declared()
TABLES = sorted({each.table for each in COLUMNS})
REACHING = [each for each in COLUMNS if each.level == "E"]
TYPES = {
    "text": {"VARCHAR", "text", "character varying"},
    "integer": {"BIGINT", "bigint"},
    "boolean": {"BOOLEAN", "boolean"},
    "timestamp": {"TIMESTAMP", "timestamp without time zone"},
    "float": {"DOUBLE", "double precision"},
    "numeric(28,6)": {"DECIMAL(28,6)", "numeric"},
}
HISTORY = {("subscription_history", "_fivetran_start"), ("subscription_history", "_fivetran_end")}
"""Not declared: what Fivetran puts beside every history."""


def test_the_schema_is_as_it_was_counted() -> None:
    """26 tables, 570 columns, of which 206 reach a model, and plans as the older name of prices."""
    assert (len(TABLES), len(COLUMNS)) == (26, 570)
    assert len([each for each in REACHING if each.table != "plan"]) == 206
    assert sorted(library(shelf=FIVETRAN)) == TABLES


def test_every_column_has_its_name_and_type(full: Full) -> None:
    """In both databases; there is no column more."""
    for each in full:
        found = {
            (table, column): kind
            for table, column, kind in each.ask(
                "SELECT table_name, column_name, data_type FROM information_schema.columns "
                "WHERE table_schema = '{views}' AND table_name <> '_models'"
            )
        }
        assert set(found) == {(c.table, c.column) for c in COLUMNS} | HISTORY
        assert {c for c in COLUMNS if found[c.table, c.column] not in TYPES[c.type]} == set()


@pytest.mark.parametrize("model", library(shelf=FIVETRAN).values(), ids=lambda m: m.name)
def test_a_view_says_what_it_is(model: Model) -> None:
    """It has a sentence, what a row is, and a key of columns that it has."""
    assert model.description[0].isupper()
    assert model.grain.split()[0] in ("a", "an")
    assert set(model.key) <= set(model.columns)
    assert model.optional <= model.tables
    assert not model.models


@pytest.mark.parametrize("column", REACHING, ids=lambda c: f"{c.table}.{c.column}")
def test_a_column_that_reaches_a_model_has_data(full: Full, column: Column) -> None:
    """Some row of the full account has a value, in both databases."""
    for each in full:
        assert any(row[column.column] is not None for row in each.rows(column.table))


@pytest.mark.parametrize("table", TABLES)
def test_what_models_filter_by_is_never_null(full: Full, table: str) -> None:
    """Rows without ``livemode`` would be dropped, so would those without a version's state."""
    for each in full:
        rows = each.rows(table)
        assert rows
        for name in ("livemode", "is_deleted", "_fivetran_active", "_fivetran_synced"):
            assert all(row[name] is not None for row in rows if name in row), name
