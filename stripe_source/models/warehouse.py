"""A destination that answers SQL, as the models see it: its names, and what is loaded."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import dlt
from dlt.destinations.exceptions import DatabaseException
from dlt.destinations.job_client_impl import SqlJobClientBase
from dlt.destinations.sql_client import SqlClientBase
from sqlglot import exp

from stripe_source.errors import DestinationError, UsageError
from stripe_source.models.render import Loaded, Schemas, columns_of
from stripe_source.models.shelf import MODELS, Shelf
from stripe_source.tables.every import every_table
from stripe_source.tables.loads import LOADS

Client = SqlClientBase[Any]
TESTED = ("duckdb", "postgres")
"""The dialects in which models are deployed by the tests; that others can be is not promised."""
NO_SCHEMAS = ("sqlite",)


@dataclass
class Warehouse:
    """A destination that answers SQL: its client, its names and which tables are loaded.

    ``shelf`` says which models are meant.
    """

    client: Client
    schemas: Schemas
    loaded: Loaded = field(default_factory=Loaded)
    shelf: Shelf = MODELS

    def select(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query. Raises DestinationError where it fails."""
        with explained(self.schemas.models):
            return [tuple(row) for row in self.client.execute_sql(sql) or []]

    def rows(
        self, name: str, limit: int, key: Sequence[str]
    ) -> tuple[list[str], list[tuple[Any, ...]]]:
        """The columns of a view and its first rows by a key."""
        quoted = (exp.to_identifier(name, quoted=True).sql(self.schemas.dialect) for name in key)
        order = f" ORDER BY {', '.join(quoted)}" if key else ""
        with (
            explained(f"model '{name}'"),
            self.client.execute_query(
                f"SELECT * FROM {self.view(name)}{order} LIMIT {limit}"
            ) as cursor,
        ):
            names = [str(column[0]) for column in cursor.description or []]
            return names, [tuple(row) for row in cursor.fetchall()]

    def query(self, sql: str) -> list[dict[str, Any]]:
        """The rows of a user's query, in which plain names are tables, then models.

        Raises UsageError where two columns have one name: it would not be clear which is meant.
        """
        places = [self.schemas.raw, *([self.schemas.models] if self.deployed() else [])]
        names = ",".join(f'"{name}"' for name in places)
        if not sql.strip():
            raise UsageError("there is no SQL in the query")
        with explained("the query"):
            if self.schemas.dialect == "duckdb":
                self.client.execute_sql(f"SET search_path = '{names}'")
                self.client.execute_sql("SET TimeZone = 'UTC'")
            elif self.schemas.dialect == "postgres":
                self.client.execute_sql(f"SET search_path = {names}")
                self.client.execute_sql("SET default_transaction_read_only = on")
            with self.client.execute_query(sql) as cursor:
                columns = [str(column[0]) for column in cursor.description or []]
                if twice := [name for name, n in Counter(columns).items() if n > 1]:
                    raise UsageError(f"the query has two columns '{twice[0]}': name one otherwise")
                return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]

    def deployed(self) -> frozenset[str]:
        """The views and tables in the models' schema, whosever they are."""
        rows = self.select(
            "SELECT table_name FROM information_schema.tables "
            f"WHERE table_schema = '{self.schemas.models}'"
        )
        return frozenset(str(name) for (name,) in rows)

    def view(self, name: str) -> str:
        """A model's full name, as SQL."""
        table = self.schemas.table(name, self.schemas.models)
        return table.sql(dialect=self.schemas.dialect)


class NoViews(UsageError):
    """The destination can't have the views."""


@contextmanager
def warehouse(pipeline: dlt.Pipeline, shelf: Shelf = MODELS) -> Iterator[Warehouse]:
    """The pipeline's destination, with the schema of a shelf's models.

    Raises NoViews for one that can't have any.
    """
    with pipeline.destination_client() as job_client:
        if not isinstance(job_client, SqlJobClientBase):
            raise NoViews("this destination answers no SQL: it has no views of models")
        client = job_client.sql_client
        dialect = str(client.capabilities.sqlglot_dialect)
        if dialect in NO_SCHEMAS:
            raise NoViews("this destination has no schemas, in which the views of models would be")
        with explained(str(client.dataset_name)):
            tables = job_client.get_storage_tables([*every_table(), LOADS])
            loaded = _loaded(tables)
        if not loaded.tables - {LOADS}:
            raise NoViews(f"nothing is loaded in the dataset '{client.dataset_name}': sync first")
        yield Warehouse(client, _schemas(client, dialect, shelf), loaded, shelf)


def _loaded(tables: Iterable[tuple[str, Mapping[str, Any]]]) -> Loaded:
    """What is there, by the tables and their columns as the destination has them."""
    there = {name: {column.lower() for column in columns} for name, columns in tables if columns}
    lacking = {name: frozenset(columns_of(name)) - there[name] for name in there if name != LOADS}
    return Loaded(frozenset(there), {name: gone for name, gone in lacking.items() if gone})


def _schemas(client: Client, dialect: str, shelf: Shelf) -> Schemas:
    raw = str(client.dataset_name)
    if dialect == "duckdb":
        catalog = str(client.execute_sql("SELECT current_database()")[0][0])  # type: ignore[index]
        if catalog.lower() == raw.lower():
            raise NoViews(
                f"DuckDB can't have views in a file that is named as its schema, '{raw}': "
                "give the file or the dataset another name"
            )
    models = f"{raw}_{shelf.name}"
    longest = client.capabilities.max_identifier_length
    if longest and len(models) > longest:  # it would be cut, and be another schema's name
        raise NoViews(f"the name {models} is longer than {longest} letters: shorten the dataset's")
    return Schemas(dialect, raw, models)


@contextmanager
def explained(what: str) -> Iterator[None]:
    """Say in one line what the destination refuses, as a DestinationError."""
    try:
        yield
    except DatabaseException as failure:
        lines = str(failure).strip().splitlines() or [type(failure).__name__]
        raise DestinationError(f"{what}: {lines[0]}") from failure
