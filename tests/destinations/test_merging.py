"""Warehouses that can't run here: the SQL that dlt makes of our policy for them."""

import pytest
import sqlglot

from tests.destinations.merging import GOLDEN, WAREHOUSES, capabilities_of, golden


@pytest.mark.parametrize("warehouse", WAREHOUSES)
def test_the_sql_is_known_and_of_its_dialect(warehouse: str) -> None:
    """What merges is as it was when somebody last looked at it; sqlglot can read all of it."""
    made = golden(warehouse)
    assert made == (GOLDEN / f"{warehouse}.sql").read_text("utf-8")
    parsed = sqlglot.parse(made, dialect=capabilities_of(warehouse).sqlglot_dialect)
    assert {type(each).__name__ for each in parsed if each} <= {"Delete", "Insert", "Merge"}
    assert len([each for each in parsed if each]) >= 5
