"""The kinds of the schema in each type system: DuckDB's JSON reader, Arrow, dlt."""

from typing import Any

import pyarrow as pa

from stripe_source.tables.layout import (
    ACCOUNT,
    DELETED,
    DELETED_AT,
    EVENT_TYPE,
    EXTRA,
    INDEX,
    ORDER,
    SOURCE,
    UPDATED,
    VALID_FROM,
    VERSION,
    Column,
    Table,
)

TIME = pa.timestamp("us", tz="UTC")
DECIMAL = pa.decimal128(38, 12)  # Stripe's decimals have up to 12 places


# What `from_json` is told to read. Ids may come as an object, which VARCHAR keeps as its text.
READ = {
    "text": "VARCHAR",
    "integer": "BIGINT",
    "double": "DOUBLE",
    "boolean": "BOOLEAN",
    "timestamp": "BIGINT",
    "timestamp_ms": "BIGINT",
    "decimal": "VARCHAR",
    "json": "JSON",
    "id": "VARCHAR",
    "ids": ["VARCHAR"],
}

ARROW = {
    "text": pa.string(),
    "integer": pa.int64(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "timestamp": TIME,
    "timestamp_ms": TIME,
    "decimal": DECIMAL,
    "json": pa.string(),
    "id": pa.string(),
    "ids": pa.string(),
}

DLT: dict[str, dict[str, Any]] = {
    "text": {"data_type": "text"},
    "integer": {"data_type": "bigint"},
    "double": {"data_type": "double"},
    "boolean": {"data_type": "bool"},
    "timestamp": {"data_type": "timestamp", "timezone": True},
    "timestamp_ms": {"data_type": "timestamp", "timezone": True},
    "decimal": {"data_type": "decimal", "precision": 38, "scale": 12},
    "json": {"data_type": "json"},
    "id": {"data_type": "text"},
    "ids": {"data_type": "json"},
}

# Columns of our own. `_updated_at` is the last change observed, by Stripe's clock.
ACCOUNT_COLUMN = Column(ACCOUNT, "text", "The Stripe account that the row belongs to.")
_INDEX = Column(INDEX, "integer", "The place in the parent's list, from 0.")
_TAIL = (
    Column(UPDATED, "timestamp", "When this version was read, by Stripe's clock."),
    Column(DELETED, "boolean", "Whether Stripe has deleted the object; the last values stay."),
    Column(DELETED_AT, "timestamp", "When the object was deleted."),
    Column(EXTRA, "json", "Fields that the schema does not know, or whose value did not fit."),
)

_VERSION = (
    Column(VERSION, "text", "The event that tells this version, or ``observed:`` and a digest."),
    Column(VALID_FROM, "timestamp", "Since when the object is so: when the event happened."),
    Column(ORDER, "integer", "Of versions with the same valid_from, the highest is the newest."),
    Column(SOURCE, "text", "event, or observed for a version that was read."),
    Column(EVENT_TYPE, "text", "The type of the event."),
)


def all_columns(table: Table) -> tuple[Column, ...]:
    """Every column of a table, in order: account, version, parent, Stripe's, and our own."""
    parent: tuple[Column, ...] = ()
    if table.parent_id:
        text = f"The `id` of the row that owns this one ({table.parent_id.removesuffix('_id')})."
        parent = (Column(table.parent_id, "text", text), _INDEX)
    version = _VERSION if table.history else ()
    return (ACCOUNT_COLUMN, *version, *parent, *table.columns, *_TAIL)


def arrow_schema(table: Table) -> pa.Schema:
    """The Arrow schema in which every batch of this table arrives."""
    fields = [
        pa.field(c.name, ARROW[c.kind], nullable=c.name not in table.key)
        for c in all_columns(table)
    ]
    return pa.schema(fields)
