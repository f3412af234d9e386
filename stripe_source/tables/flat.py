"""Rows out of structs: an object as DuckDB read it, taken apart into the columns of its table.

Arrow gives out the fields of a struct without copying them. As a query over all columns the same
takes DuckDB 20 to 55 ms to plan, whatever it reads.
"""

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from stripe_source.extract.scratch import registered
from stripe_source.tables.layout import (
    ACCOUNT,
    DELETED,
    INDEX,
    UPDATED,
    Column,
    Table,
)
from stripe_source.tables.sql import identifier, plain_id, plain_ids, stamp_of
from stripe_source.tables.types import ARROW, arrow_schema

POSITION, SENT = "position", "sent"
SECONDS = {"timestamp": pa.timestamp("s", tz="UTC"), "timestamp_ms": pa.timestamp("ms", tz="UTC")}


def structs_query(table: Table, items: str) -> str:
    """The items (`items_query`) with their struct ``o`` whole, but for the lists of ids."""
    lists = [
        f"{plain_ids('o.' + '.'.join(map(identifier, column.name.split('__'))))} "
        f"AS {identifier(column.name)}"
        for column in table.columns
        if column.kind == "ids"
    ]
    stamp = f"{stamp_of('sent_at')} AS {SENT}"
    columns = ["parent_id", POSITION, stamp, "account", "o", *lists]
    return f"SELECT {', '.join(columns)} FROM ({items})"


def flattened(table: Table, found: pa.Table) -> pa.Table:
    """The finished rows of what the query found.

    Raises pyarrow.ArrowInvalid for a decimal that is none.
    """
    count = found.num_rows
    ours = {
        ACCOUNT: found["account"],
        INDEX: found[POSITION],
        UPDATED: found[SENT].cast(ARROW["timestamp"]),
        DELETED: pa.repeat(pa.scalar(False), count),
    }
    if table.parent_id:
        ours[table.parent_id] = found["parent_id"]
    fields = _fields(found.select(["o"]))
    columns = {column.name: column for column in table.columns}
    arrays = []
    for field in arrow_schema(table):
        if field.name in ours:
            array = ours[field.name]
        elif (column := columns.get(field.name)) is None:
            array = pa.nulls(count, field.type)
        elif column.kind == "ids":
            array = found[column.name]
        else:
            array = _typed(column, fields["o." + column.name.replace("__", ".")])
        arrays.append(array if array.type == field.type else array.cast(field.type))
    return pa.Table.from_arrays(arrays, schema=arrow_schema(table))


def _fields(rows: pa.Table) -> dict[str, pa.ChunkedArray]:
    """Every field of the structs, by its path."""
    while any(pa.types.is_struct(field.type) for field in rows.schema):
        rows = rows.flatten()
    return dict(zip(rows.column_names, rows.columns, strict=True))


def _typed(column: Column, values: pa.ChunkedArray) -> pa.ChunkedArray:
    if column.kind in SECONDS:
        return values.cast(SECONDS[column.kind])
    if column.kind == "id" and pc.any(pc.starts_with(values, "{")).as_py():
        return _ids(values)
    return values


def _ids(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """The ids of objects that came expanded, where they did."""
    with registered(objects=pa.table({"v": values})) as connection:
        found: duckdb.DuckDBPyRelation = connection.sql(f"SELECT {plain_id('v')} AS v FROM objects")
        return found.to_arrow_table()["v"]
