"""Rows as a database's driver gives them, as Arrow in a table's own types."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from stripe_source.tables.layout import Column, Table
from stripe_source.tables.types import TIME, arrow_schema

POSTGRES_JSON = (114, 3802)  # numbers of the types json and jsonb, which psycopg2 parses


def described(cursor: Any) -> Sequence[Any]:
    """What a driver says of a result's columns; SQLAlchemy keeps it one level deeper."""
    native = cursor.native_cursor
    return getattr(native, "description", None) or native.cursor.description or ()


def as_arrow(columns: Sequence[Column], codes: Sequence[Any], rows: Sequence[Any]) -> pa.Table:
    """Rows of Python values; JSON that a driver has parsed becomes text again.

    ``codes`` are the driver's for the columns' types.
    """
    by_column = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    arrays = {}
    for column, code, values in zip(columns, codes, by_column, strict=True):
        is_json = column.kind in ("json", "ids")
        parsed = code in POSTGRES_JSON
        arrays[column.name] = pa.array([_text(v, parsed) for v in values] if is_json else values)
    return pa.table(arrays)


def _text(value: Any, parsed: bool) -> str | None:
    """JSON as text: a string is one already, unless the driver has parsed it to that."""
    if value is None or (isinstance(value, str) and not parsed):
        return value
    return orjson.dumps(value).decode()


def as_time(value: datetime | str | None) -> datetime | None:
    """A time of a driver's; SQLite's are texts, in UTC."""
    if isinstance(value, str):
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    return value


def fitted(table: Table, found: pa.Table) -> pa.Table:
    """The rows in the table's own Arrow schema; columns that are not there are null."""
    schema = arrow_schema(table)
    arrays = [
        _as(field.type, found[field.name])
        if field.name in found.column_names
        else pa.nulls(found.num_rows, field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def _as(kind: pa.DataType, values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Values in a type; SQLite's times are texts, in UTC."""
    if kind == TIME and values.type == pa.string():
        return pc.assume_timezone(values.cast(pa.timestamp(TIME.unit)), "UTC")
    return values.cast(kind)
