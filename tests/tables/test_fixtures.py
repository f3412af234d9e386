"""Stripe's own published example objects go through: every leaf value is found again."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from stripe_source.catalog import CATALOG
from stripe_source.simulator import data
from stripe_source.tables.layout import Place, Table, tables_of
from stripe_source.tables.oddities import Oddities
from tests.tables.pages import page, tables

FIXTURES = json.loads((Path(str(data.__file__)).parent / "fixtures.json").read_text("utf-8"))
OBJECTS = FIXTURES["resources"]
NAMES = [name for name, row in CATALOG.items() if row.object in OBJECTS]


def test_there_are_fixtures_for_nearly_all() -> None:
    """All but five of the catalog's objects have an example of Stripe's."""
    missing = {row.object for row in CATALOG.values()} - set(OBJECTS)
    assert missing == {
        "apps.install",
        "billing.feedback_option",
        "product_catalog.trial_offer",
        "tax.location",
        "three_d_secure.authentication",
    }


@pytest.mark.parametrize("name", NAMES)
def test_every_leaf_of_a_fixture_is_found(name: str) -> None:
    """Each leaf is in its column, in the child table's row, or in ``_extra``; none is a misfit."""
    resource, example = CATALOG[name], OBJECTS[CATALOG[name].object]
    oddities = Oddities()
    found = tables(resource, page(example), oddities=oddities)
    assert not oddities.misfits
    own, *others = tables_of(resource)
    (row,) = found[own.name].to_pylist()
    lists = {table.places[0].field: table for table in others if table.parent_id}
    for path, value in leaves(example):
        child = next((f for f in lists if "__".join(path[: f.count("__") + 1]) == f), None)
        if child is None:
            assert is_in(own, row, path, value), path
        else:
            rest = path[child.count("__") + 1 :]
            if rest[0] == "data":
                rest = rest[1:]
            elif lists[child].places[0] == Place("list", child):
                continue  # the list's own url and has_more
            item = found[lists[child].name].to_pylist()[int(rest[0])]
            assert is_in(lists[child], item, rest[1:], value), path


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every scalar in an object, with the keys and positions that lead to it."""
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in pairs:
            yield from leaves(inner, (*path, str(key)))
    elif value is not None:
        yield path, value


def is_in(table: Table, row: dict[str, Any], path: tuple[str, ...], value: Any) -> bool:
    """Whether a row has the leaf, in the longest column whose name its path begins with."""
    kinds = {column.name: column.kind for column in table.columns}
    extra = json.loads(row["_extra"] or "{}")
    for length in range(len(path), 0, -1):
        name, rest = "__".join(path[:length]), path[length:]
        if name in extra:
            return bool(walked(extra[name], rest) == value)
        if name in kinds:
            return matches(row[name], kinds[name], rest, value)
    return False


def matches(cell: Any, kind: str, rest: tuple[str, ...], value: Any) -> bool:
    """Whether a cell holds the leaf in the form that its kind has."""
    match kind:
        case "timestamp":
            return bool(cell == datetime.fromtimestamp(value, UTC))
        case "timestamp_ms":
            return bool(cell == datetime.fromtimestamp(value / 1000, UTC))
        case "decimal":
            return bool(cell == Decimal(str(value)))
        case "json" | "ids":
            return bool(walked(json.loads(cell), rest) == value)
        case "id":
            return bool(cell == value) or rest != ("id",)  # an expanded object is its id
        case _:
            return bool(cell == value) and isinstance(cell, bool) == isinstance(value, bool)


def walked(value: Any, path: tuple[str, ...]) -> Any:
    """What lies at a path."""
    for key in path:
        value = value[int(key)] if isinstance(value, list) else value[key]
    return value
