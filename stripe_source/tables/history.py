"""Tables that keep every version: which there are, and the columns that say which version it is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from stripe_source.catalog import Resource
from stripe_source.tables.layout import (
    ACCOUNT,
    DELETED,
    DELETED_AT,
    EVENT_TYPE,
    ORDER,
    SOURCE,
    VALID_FROM,
    VERSION,
    Table,
    tables_of,
)
from stripe_source.tables.types import TIME, arrow_schema


@dataclass(frozen=True)
class Versions:
    """What is known of the versions in as many rows; ``moments`` since when each is valid."""

    ids: pa.Array
    moments: pa.Array
    order: pa.Array
    source: str
    kinds: pa.Array


@cache
def histories_of(resource: Resource) -> dict[str, Table]:
    """The history tables of a catalog row, by the name of the table whose versions they keep."""
    return {
        table.name: history_of(table)
        for table in tables_of(resource)
        if f"{table.name}_history" in resource.histories
    }


def history_of(table: Table) -> Table:
    """The table with all versions of another's rows: the key is the version, and a child's id."""
    inner = table.parent_id is not None or table.places[0].kind != "own"
    key = (ACCOUNT, VERSION, "id") if inner else (ACCOUNT, VERSION)
    return replace(table, name=f"{table.name}_history", key=key, history=True)


def with_versions(history: Table, rows: pa.Table, versions: Versions) -> pa.Table:
    """Rows of the plain table as rows of its history, each key once."""
    known = {
        VERSION: versions.ids,
        VALID_FROM: versions.moments.cast(TIME),
        ORDER: versions.order,
        SOURCE: pa.array([versions.source] * rows.num_rows, pa.string()),
        EVENT_TYPE: versions.kinds,
    }
    schema = arrow_schema(history)
    columns = [known[f.name] if f.name in known else rows[f.name] for f in schema]
    return once(history, [pa.Table.from_arrays(columns, schema=schema)])


def with_deletions(rows: pa.Table, gone: pa.Array, moments: pa.Array) -> pa.Table:
    """The rows with those marked that an event says are deleted; they keep their values."""
    marks = {
        DELETED: gone,
        DELETED_AT: pc.if_else(gone, moments.cast(TIME), pa.scalar(None, TIME)),
    }
    for name, values in marks.items():
        position = rows.schema.get_field_index(name)
        rows = rows.set_column(position, rows.schema.field(name), values)
    return rows


def once(history: Table, parts: Sequence[pa.Table]) -> pa.Table:
    """Rows with each key once: an insert-only merge would keep twins that are staged together.

    A discount can be in two places of an object, and its events are told to all that have some.
    """
    key = list(history.key)
    rows = pa.concat_tables(parts)
    numbered = rows.select(key).append_column("row", pa.array(range(rows.num_rows)))
    first = numbered.group_by(key).aggregate([("row", "min")])["row_min"]
    if len(first) == rows.num_rows:
        return rows
    return rows.take(first.combine_chunks().sort())
