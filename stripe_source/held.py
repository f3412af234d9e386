"""What the destination holds, read back: for tombstones, for comparing, and for `verify`."""

from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from copy import copy
from datetime import datetime
from threading import BoundedSemaphore, RLock
from typing import Any

import dlt
import duckdb
import pyarrow as pa
from dlt.common.destination.exceptions import SqlClientNotAvailable
from dlt.common.storages.exceptions import CurrentLoadPackageStateNotAvailable
from dlt.destinations.exceptions import DatabaseUndefinedRelation
from dlt.destinations.impl.filesystem.filesystem import FilesystemClient
from dlt.destinations.sql_client import SqlClientBase
from sqlglot import exp

from stripe_source.errors import DestinationError
from stripe_source.inventory import having_rows
from stripe_source.lake.reading import FilesSqlClient, reader_of
from stripe_source.tables.dialect import literal
from stripe_source.tables.erased import ERASED, Erased
from stripe_source.tables.fetched import as_arrow, as_time, described, fitted
from stripe_source.tables.hints import Names
from stripe_source.tables.latest import latest
from stripe_source.tables.layout import ACCOUNT, DELETED, Table
from stripe_source.tables.policy import Policy, policy_of
from stripe_source.tables.types import all_columns, arrow_schema

UNREADABLE = "the destination can't be read back: it answers no SQL"
IDS = 1_000  # in one query
AT_ONCE = 8  # connections, of all accounts and resources


def emptied() -> frozenset[str]:
    """The tables that dlt drops or empties before it loads what is read now, by its ``refresh``."""
    try:
        state: Any = dlt.current.load_package_state()["state"]
    except CurrentLoadPackageStateNotAvailable:
        return frozenset()
    found = [*state.get("dropped_tables", ()), *state.get("truncated_tables", ())]
    return frozenset(table["name"] for table in found)


class Held:
    """The rows of some accounts in a pipeline's destination, of which it shows one at a time.

    A table that is not there holds nothing, nor does one that is ``emptied`` before what is read
    now is loaded (`emptied`), nor a destination without SQL: ``readable`` is False for that.
    ``erased`` are the objects of customers that were erased.
    """

    def __init__(
        self, pipeline: dlt.Pipeline, accounts: Sequence[str], emptied: Collection[str] = ()
    ) -> None:
        self._emptied = emptied
        self._columns: dict[str, set[str]] = {}
        self._filled: dict[str, frozenset[str]] = {}
        self._accounts = accounts
        self._account = accounts[0]
        self._pipeline = pipeline
        self._policies: dict[str | None, Policy] = {}
        # dlt resolves configuration in a context that its extracting threads share: not in theirs.
        with ThreadPoolExecutor(1) as apart:
            # dlt's type for these clients is narrower than what destinations give.
            self._client: Any = apart.submit(pipeline.destination_client).result()
            self._template = apart.submit(_reader, self._client).result()
            # What can't be loaded by several jobs at once, as DuckLake with a catalog in a file,
            # can't be opened by several threads.
            alone = self._client.capabilities.loader_parallelism_strategy == "sequential"
            self._turn: AbstractContextManager[Any] = (
                RLock() if alone else BoundedSemaphore(AT_ONCE)
            )
            # At once, too: not every client may be opened by several threads.
            self.erased = apart.submit(self._erased).result()

    def of(self, account_id: str) -> "Held":
        """The same for another account."""
        other = copy(self)
        other._account = account_id
        return other

    @property
    def readable(self) -> bool:
        """Whether the destination answers SQL at all."""
        return self._template is not None

    @property
    def keeps_blanks(self) -> bool:
        """Whether an empty text stays one: dlt loads Postgres by CSV, in which it becomes NULL."""
        return self._template is None or self._template.capabilities.sqlglot_dialect != "postgres"

    def _erased(self) -> Erased:
        with suppress(DatabaseUndefinedRelation, DestinationError), self._asking() as client:
            name = client.make_qualified_table_name(ERASED)
            rows = client.execute_sql(f"SELECT id FROM {name}") or []
            return Erased(frozenset(str(identifier) for (identifier,) in rows))
        return Erased()

    def policy(self, table_format: str | None) -> Policy:
        """How rows come into the tables of a format."""
        if table_format not in self._policies:
            self._policies[table_format] = policy_of(self._client.capabilities, table_format)
        return self._policies[table_format]

    def _source(self, client: SqlClientBase[Any], table: Table) -> str:
        """The rows of a table as SQL: where versions are appended, the latest of each."""
        name = client.make_qualified_table_name(table.name)
        stored = self._client.schema.tables.get(table.name, {})
        if self.policy(stored.get("table_format")).merges:
            return name
        return f"({latest(table, name)}) AS latest"

    def names(self, table: Table, *, beside_parent: bool) -> Names:
        """The full names that merge a table, with its parent's where that is loaded beside it."""
        if self._template is None:
            raise DestinationError(UNREADABLE)
        name, staged = self._template.get_qualified_table_names(table.name)
        parent = None
        if table.parent and beside_parent:
            parent = str(self._template.make_qualified_table_name(table.parent))
        return Names(str(name), str(staged), parent)

    def has_rows(self, table: Table) -> bool:
        """Whether any row of the account is there."""
        if not self.readable or table.name in self._emptied:
            return False
        if table.name not in self._filled:  # one query for all accounts
            self._filled[table.name] = frozenset(self._with_rows(table))
        return self._account in self._filled[table.name]

    def _with_rows(self, table: Table) -> list[str]:
        """The accounts that have rows in a table."""
        with self._asking() as client:
            name = client.make_qualified_table_name(table.name)
            query = having_rows(name, [self._literal(client, each) for each in self._accounts])
            return [account for (account,) in client.execute_sql(query) or []]
        return []

    def count(self, table: Table) -> tuple[int, int]:
        """The rows of all accounts that Stripe still has, and the tombstones."""
        with self._asking() as client:
            name = self._source(client, table)
            every = ", ".join(self._literal(client, each) for each in self._accounts)
            counted = f"count(*), sum(CASE WHEN {DELETED} THEN 1 ELSE 0 END)"
            query = f"SELECT {counted} FROM {name} WHERE {ACCOUNT} IN ({every})"
            for rows, deleted in client.execute_sql(query) or []:
                return int(rows) - int(deleted or 0), int(deleted or 0)
        return 0, 0

    def ids(self, table: Table, condition: str = "true") -> list[str]:
        """The ids of what is not deleted, where a condition on the columns holds."""
        rows = self._fetch(table, "id", f"NOT {DELETED} AND ({condition})")
        return [identifier for (identifier,) in rows]

    def sample(
        self, table: Table, most: int, created: str | None, condition: str = "true"
    ) -> list[tuple[str, datetime | None]]:
        """Some ids at random, tombstones too, each with the time that a column has."""
        if self._template is None:
            raise DestinationError(UNREADABLE)
        random = exp.Rand().sql(dialect=self._template.capabilities.sqlglot_dialect)
        some = f"({condition}) ORDER BY {random} LIMIT {most}"
        rows = self._fetch(table, f"id, {created or 'NULL'}", some)
        return [(found, as_time(at)) for found, at in rows]

    def tombstones(self, table: Table, condition: str = "true") -> list[str]:
        """The ids of what is deleted."""
        rows = self._fetch(table, "id", f"{DELETED} AND ({condition})")
        return [identifier for (identifier,) in rows]

    def repeated(self, table: Table) -> list[tuple[str, ...]]:
        """The keys, but for the account, that more than one row has."""
        names = ", ".join(name for name in table.key if name != ACCOUNT)
        return self._fetch(table, names, f"true GROUP BY {names} HAVING count(*) > 1")

    def astray(self, own: Table, child: Table) -> list[tuple[str, ...]]:
        """The keys of rows that are not marked as their parent is, or that have none."""
        names = [name for name in child.key if name != ACCOUNT]
        with self._asking() as client:
            parents = self._query(client, own, f"id AS p_id, {DELETED} AS p_deleted", "true")
            shown = f"{', '.join(names)}, {DELETED} AS c_deleted"
            children = self._query(client, child, shown, "true")
            query = (
                f"SELECT {', '.join(names)} FROM ({children}) AS c LEFT JOIN ({parents}) AS p "
                f"ON p_id = {child.parent_id} WHERE p_id IS NULL OR p_deleted <> c_deleted"
            )
            return [tuple(row) for row in client.execute_sql(query) or []]
        return []

    def rows(self, table: Table, column: str, values: Sequence[str]) -> pa.Table:
        """The rows with one of these values in a column, in the table's own Arrow schema."""
        parts = [arrow_schema(table).empty_table()]
        for start in range(0, len(values), IDS):
            parts += self._read(table, column, values[start : start + IDS])
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
            if isinstance(client, FilesSqlClient):
                found = client.arrow(query, table.name)
            elif isinstance(connection, duckdb.DuckDBPyConnection):
                found = connection.sql(query).to_arrow_table()
            else:
                with client.execute_query(query) as cursor:
                    codes = [description[1] for description in described(cursor)]
                    found = as_arrow(columns, codes, cursor.fetchall())
            yield fitted(table, found)

    def _columns_of(self, client: SqlClientBase[Any], table: Table) -> set[str]:
        if table.name not in self._columns:
            with client.execute_query(self._query(client, table, "*", "1 = 0")) as cursor:
                self._columns[table.name] = {c[0].lower() for c in described(cursor)}
        return self._columns[table.name]

    def _fetch(self, table: Table, selected: str, condition: str) -> list[tuple[Any, ...]]:
        with self._asking() as client:
            query = self._query(client, table, selected, condition)
            return [tuple(row) for row in client.execute_sql(query) or []]
        return []

    def _query(
        self, client: SqlClientBase[Any], table: Table, selected: str, condition: str
    ) -> str:
        name = self._source(client, table)
        account = f"{ACCOUNT} = {self._literal(client, self._account)}"
        if table.name in self._emptied:
            account = f"1 = 0 AND {account}"
        return f"SELECT {selected} FROM {name} WHERE {account} AND {condition}"

    @contextmanager
    def _asking(self) -> Iterator[SqlClientBase[Any]]:
        """A connection of this thread's own; a table that isn't there ends the block."""
        if self._template is None:
            raise DestinationError(UNREADABLE)
        with self._turn, suppress(DatabaseUndefinedRelation), _another(self._template) as client:
            yield client

    @staticmethod
    def _literal(client: SqlClientBase[Any], value: str) -> str:
        return literal(client.capabilities, value)


def _reader(client: Any) -> SqlClientBase[Any] | None:
    """What answers SQL, if anything does."""
    try:
        if isinstance(client, FilesystemClient):
            return reader_of(client)
        found: SqlClientBase[Any] | None = getattr(client, "sql_client", None)
    except (NotImplementedError, SqlClientNotAvailable):  # files where DuckDB can't read them
        return None
    return found


def _another(template: SqlClientBase[Any]) -> SqlClientBase[Any]:
    """One like it: dlt's clients hold one connection each."""
    if isinstance(template, FilesSqlClient):  # whose database goes with it
        return reader_of(template.remote_client)
    client = object.__new__(type(template))
    # Sets are what a connection has, as the databases that SQLite has attached.
    own = {name: set(v) if isinstance(v, set) else v for name, v in vars(template).items()}
    vars(client).update(own)
    return client
