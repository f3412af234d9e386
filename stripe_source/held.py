"""What the destination holds, read back: for tombstones, for comparing, and for `verify`."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

import dlt
import duckdb
import orjson
import pyarrow as pa
from dlt.common.destination.exceptions import SqlClientNotAvailable
from dlt.destinations.exceptions import DatabaseUndefinedRelation
from dlt.destinations.sql_client import SqlClientBase

from stripe_source.errors import DestinationError
from stripe_source.tables.layout import ACCOUNT, DELETED, Column, Table
from stripe_source.tables.types import all_columns, arrow_schema

UNREADABLE = "the destination can't be read back: it answers no SQL"
AT_ONCE = 1_000  # ids in one query


class Held:
    """The rows of one account in a pipeline's destination.

    A table that is not there holds nothing, and so does a destination without SQL: ``readable`` is
    False for that.
    """

    def __init__(self, pipeline: dlt.Pipeline, account_id: str) -> None:
        self._columns: dict[str, set[str]] = {}
        self._account = account_id
        # dlt resolves configuration in a context that its extracting threads share: not in theirs.
        with ThreadPoolExecutor(1) as apart:
            try:
                self._template: SqlClientBase[Any] | None = apart.submit(
                    pipeline.sql_client
                ).result()
            except SqlClientNotAvailable:
                self._template = None

    @property
    def readable(self) -> bool:
        """Whether the destination answers SQL at all."""
        return self._template is not None

    def names(self, table: Table) -> tuple[str, str]:
        """The table's full name, and that of the one where its rows are staged."""
        if self._template is None:
            raise DestinationError(UNREADABLE)
        name, staging = self._template.get_qualified_table_names(table.name)
        return str(name), str(staging)

    def has_rows(self, table: Table) -> bool:
        """Whether any row of the account is there."""
        return self.readable and bool(self._fetch(table, "1", "true LIMIT 1"))

    def count(self, table: Table) -> tuple[int, int]:
        """The rows that Stripe still has, and the tombstones."""
        counted = f"count(*), sum(CASE WHEN {DELETED} THEN 1 ELSE 0 END)"
        for rows, deleted in self._fetch(table, counted, "true"):
            return int(rows) - int(deleted or 0), int(deleted or 0)
        return 0, 0

    def ids(self, table: Table, condition: str = "true") -> list[str]:
        """The ids of what is not deleted, where a condition on the columns holds."""
        rows = self._fetch(table, "id", f"NOT {DELETED} AND ({condition})")
        return [identifier for (identifier,) in rows]

    def rows(self, table: Table, column: str, values: Sequence[str]) -> pa.Table:
        """The rows with one of these values in a column, in the table's own Arrow schema."""
        parts = [arrow_schema(table).empty_table()]
        for start in range(0, len(values), AT_ONCE):
            parts += self._read(table, column, values[start : start + AT_ONCE])
        return pa.concat_tables(parts)

    def _read(self, table: Table, column: str, values: Sequence[str]) -> Iterator[pa.Table]:
        """Without the columns that the destination does not have yet; they are null."""
        with self._asking() as client:
            there = self._columns_of(client, table)
            columns = [c for c in all_columns(table) if c.name in there]
            names = ", ".join(client.escape_column_name(c.name) for c in columns)
            literals = ", ".join(self._literal(client, value) for value in values)
            condition = f"{client.escape_column_name(column)} IN ({literals})"
            query = self._query(client, table, names, condition)
            connection = client.native_connection
            if isinstance(connection, duckdb.DuckDBPyConnection):
                found = connection.cursor().sql(query).to_arrow_table()
            else:
                found = _arrow(columns, list(client.execute_sql(query) or []))
            yield _fitted(table, found)

    def _columns_of(self, client: SqlClientBase[Any], table: Table) -> set[str]:
        if table.name not in self._columns:
            with client.execute_query(self._query(client, table, "*", "1 = 0")) as cursor:
                self._columns[table.name] = {c[0].lower() for c in cursor.description or ()}
        return self._columns[table.name]

    def _fetch(self, table: Table, selected: str, condition: str) -> list[tuple[Any, ...]]:
        with self._asking() as client:
            query = self._query(client, table, selected, condition)
            return [tuple(row) for row in client.execute_sql(query) or []]
        return []

    def _query(
        self, client: SqlClientBase[Any], table: Table, selected: str, condition: str
    ) -> str:
        name = client.make_qualified_table_name(table.name)
        account = f"{ACCOUNT} = {self._literal(client, self._account)}"
        return f"SELECT {selected} FROM {name} WHERE {account} AND {condition}"

    @contextmanager
    def _asking(self) -> Iterator[SqlClientBase[Any]]:
        """A connection of this thread's own; a table that isn't there ends the block."""
        if self._template is None:
            raise DestinationError(UNREADABLE)
        client = object.__new__(type(self._template))
        vars(client).update(vars(self._template))  # dlt's clients hold one connection each
        with suppress(DatabaseUndefinedRelation), client:
            yield client

    @staticmethod
    def _literal(client: SqlClientBase[Any], value: str) -> str:
        return str(client.capabilities.escape_literal(value))


def _arrow(columns: Sequence[Column], rows: list[Any]) -> pa.Table:
    """Rows of Python values; JSON that a driver has parsed becomes text again."""
    by_column = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    arrays = {
        column.name: pa.array(
            [_text(v) for v in values] if column.kind in ("json", "ids") else values
        )
        for column, values in zip(columns, by_column, strict=True)
    }
    return pa.table(arrays)


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else orjson.dumps(value).decode()


def _fitted(table: Table, found: pa.Table) -> pa.Table:
    schema = arrow_schema(table)
    arrays = [
        found[field.name].cast(field.type)
        if field.name in found.column_names
        else pa.nulls(found.num_rows, field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(arrays, schema=schema)
