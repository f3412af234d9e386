"""All objects of one list endpoint, with indexes by the fields that filters ask for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from stripe_source.simulator.store.ordered import Ordered
from stripe_source.simulator.store.row import Row
from stripe_source.simulator.types import Json


def at_path(row_or_data: Json, path: str) -> Any:
    """The value under a dotted path; the id where an expanded object stands there."""
    value: Any = row_or_data
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value.get("id") if isinstance(value, dict) and "id" in value else value


def field_of(row: Row, path: str) -> Any:
    """What a filter sees under ``path``: what is hidden comes first."""
    if row.hidden is not None and path in row.hidden:
        return row.hidden[path]
    return at_path(row.data, path)


class Index:
    """Rows by the value of one field."""

    def __init__(self, path: str, rows: Iterable[Row]) -> None:
        self.path = path
        self.by_value: dict[Any, Ordered] = {}
        self.value_of: dict[int, Any] = {}
        for row in rows:
            self.add(row)

    def add(self, row: Row) -> None:
        """Enter a row under its present value."""
        value = field_of(row, self.path)
        if isinstance(value, (dict, list)):
            return
        self.value_of[row.seq] = value
        self.by_value.setdefault(value, Ordered()).add(row)

    def remove(self, row: Row) -> None:
        """Take a row out from under the value that it was entered with."""
        value = self.value_of.pop(row.seq, None)
        if value in self.by_value:
            self.by_value[value].remove(row)


class Collection:
    """The objects behind one path.

    ``deleted`` holds the stubs of deleted ones, ``outlived`` whole ones that others still show.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.ordered = Ordered()
        self.by_id: dict[str, Row] = {}
        self.indexes: dict[str, Index] = {}
        self.deleted: dict[str, Json] = {}
        self.outlived: dict[str, Json] = {}

    def __len__(self) -> int:
        return len(self.ordered)

    def add(self, row: Row) -> None:
        """Store a row."""
        self.ordered.add(row)
        self.by_id[row.id] = row
        for index in self.indexes.values():
            index.add(row)

    def add_many(self, rows: list[Row]) -> None:
        """Store many rows with one sort."""
        self.ordered = Ordered([*self.ordered.rows, *rows])
        self.by_id.update((row.id, row) for row in rows)
        self.indexes.clear()

    def replace(self, row: Row) -> None:
        """Note that a row's object has changed."""
        for index in self.indexes.values():
            index.remove(row)
            index.add(row)

    def exchange(self, row: Row, other: Row) -> None:
        """Put another row of the same id in a row's place."""
        self.ordered.exchange(row, other)
        self.by_id[row.id] = other
        for index in self.indexes.values():
            index.remove(row)
            index.add(other)

    def remove(self, row: Row, stub: Json) -> None:
        """Take a row out of the list; ``stub`` is what is left of it."""
        self.ordered.remove(row)
        del self.by_id[row.id]
        self.deleted[row.id] = stub
        for index in self.indexes.values():
            index.remove(row)

    def expire(self, before: int) -> None:
        """Drop the rows created before a time; stubs are left."""
        kept = self.ordered.before((before, -1))
        for row in self.ordered.rows[:kept]:
            del self.by_id[row.id]
            self.deleted[row.id] = {"id": row.id, "deleted": True}
        self.ordered.drop(kept)
        self.indexes.clear()

    def where(self, path: str, value: Any) -> Ordered:
        """The rows whose field under ``path`` is ``value``; the index is built on first use."""
        index = self.indexes.get(path)
        if index is None:
            index = self.indexes[path] = Index(path, self.ordered)
        return index.by_value.get(value) or Ordered()
