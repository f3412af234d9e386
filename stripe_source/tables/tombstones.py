"""Rows that say something is gone: tombstones, and markers for lists that are empty."""

from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.compute as pc

from stripe_source.tables.layout import ACCOUNT, DELETED, DELETED_AT, INDEX, UPDATED, Table
from stripe_source.tables.types import TIME, arrow_schema


def tombstones(table: Table, held: pa.Table, gone: dict[str, int], stamp: float) -> pa.Table:
    """The held rows, marked as deleted: they keep their last values.

    ``gone`` has when each object was deleted, in seconds; a child's object is its parent.
    """
    owners = held[table.parent_id or "id"].to_pylist()
    marks = {
        DELETED: pa.array([True] * held.num_rows, pa.bool_()),
        DELETED_AT: pa.array([_moment(gone[owner]) for owner in owners], TIME),
        UPDATED: pa.array([_moment(stamp)] * held.num_rows, TIME),
    }
    for name, values in marks.items():
        held = held.set_column(held.schema.get_field_index(name), held.schema.field(name), values)
    return held


def bare_tombstones(table: Table, account_id: str, gone: dict[str, int], stamp: float) -> pa.Table:
    """The same for a destination that can't be read: all that is known is the key."""
    values = {
        ACCOUNT: [account_id] * len(gone),
        "id": list(gone),
        DELETED: [True] * len(gone),
        DELETED_AT: [_moment(at) for at in gone.values()],
        UPDATED: [_moment(stamp)] * len(gone),
    }
    return _rows(table, len(gone), values)


def with_markers(table: Table, parents: pa.Table, children: pa.Table) -> pa.Table:
    """The children, and a marker (``_list_index`` -1) for each parent that has none.

    The merge drops a parent's old children where new ones are staged; the marker stands in for
    them, and is not loaded itself.
    """
    owner = table.parent_id or "id"
    with_some = pc.is_in(parents["id"], value_set=children[owner].combine_chunks())
    without = parents.filter(pc.invert(with_some))
    if not without.num_rows:
        return children
    empty = [""] * without.num_rows
    values = dict.fromkeys(table.key, empty) | {
        ACCOUNT: without[ACCOUNT],
        owner: without["id"],
        INDEX: [-1] * without.num_rows,
        DELETED: [False] * without.num_rows,
        UPDATED: without[UPDATED],
    }
    return pa.concat_tables([children, _rows(table, without.num_rows, values)])


def _rows(table: Table, number: int, values: dict[str, object]) -> pa.Table:
    arrays = []
    for field in arrow_schema(table):
        given = values.get(field.name)
        if given is None:
            arrays.append(pa.nulls(number, field.type))
        elif isinstance(given, pa.ChunkedArray):
            arrays.append(given)
        else:
            arrays.append(pa.array(given, field.type))
    return pa.Table.from_arrays(arrays, schema=arrow_schema(table))


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
