"""Erases a customer: what is personal of it is blanked wherever the warehouse keeps it.

That is in its own row, in those of all that belonged to it (invoices, charges, disputes ...), in
their histories and events, and in what was recorded of batches. Which rows belong to it is told by
ids, which stay, as amounts and times do: the books still add up. The ids are kept in
``_stripe_erased``, by which later syncs leave out what Stripe still shows.
"""

import threading
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
from dlt.common.pipeline import get_dlt_pipelines_dir
from dlt.destinations.job_client_impl import SqlJobClientBase
from dlt.destinations.sql_client import SqlClientBase

from stripe_source.actions.batch.journal import rewrite_journals
from stripe_source.actions.batch.records import TABLE as RECORDS
from stripe_source.actions.batch.records import Record
from stripe_source.actions.dataset import Dataset
from stripe_source.actions.outcome import Json
from stripe_source.actions.properties import flat
from stripe_source.alone import alone
from stripe_source.errors import UsageError
from stripe_source.tables.erased import ERASED, EVENT, SHOWN, blanks, links
from stripe_source.tables.every import every_table
from stripe_source.tables.layout import Table

AT_ONCE = 200  # ids in one condition
ROUNDS = 5  # customer, charge, dispute, balance transaction, and one more
TELLING = ("name", "email", "phone", "business_name", "individual_name")
SHORTEST = 4  # letters of a value that is looked for inside of texts


@dataclass
class Erasure:
    """Erases customers in a dataset, and in the journals of a folder. Safe for threads."""

    dataset: Dataset
    journals: Path
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __call__(self, customer: Json, dry_run: bool) -> int:
        """Erase a customer, as Stripe shows it; gives how many rows are blanked, or would be.

        Raises UsageError while a sync runs on this machine, which could bring back what goes.
        """
        with self._lock, alone(Path(get_dlt_pipelines_dir()), self.dataset.pipeline_name):
            with self.dataset.pipeline() as pipeline, pipeline.destination_client() as client:
                if not isinstance(client, SqlJobClientBase):
                    raise UsageError("this destination answers no SQL: nothing can be erased in it")
                work = _Work(client, str(customer["id"]))
                values = work.values() | set(_telling(customer))
                ids = work.belongings()
                if dry_run:
                    return work.count(ids)
            self._note(ids, str(customer["id"]))  # first: a sync after a kill brings nothing back
            with self.dataset.pipeline() as pipeline, pipeline.destination_client() as client:
                assert isinstance(client, SqlJobClientBase)  # noqa: S101 - as it was before
                work = _Work(client, str(customer["id"]))
                blanked = work.blank(ids) + work.blank_records(ids, values)
                work.empty_staging()
            return blanked + rewrite_journals(
                self.journals, lambda record: _without(record, ids, values)
            )

    def _note(self, ids: Collection[str], customer: str) -> None:
        now = datetime.now(UTC)
        rows = pa.table(
            {
                "id": pa.array(sorted(ids), pa.string()),
                "customer_id": pa.array([customer] * len(ids), pa.string()),
                "erased_at": pa.array([now] * len(ids), pa.timestamp("us", tz="UTC")),
            }
        )
        self.dataset.merge(ERASED, rows, ["id"], [])


class _Work:
    """The tables of a destination that are there, with their columns."""

    def __init__(self, client: SqlJobClientBase, customer: str) -> None:
        self.client = client
        self.sql: SqlClientBase[Any] = client.sql_client
        self.customer = customer
        names = [*every_table(), RECORDS]
        self.there = {name: set(found) for name, found in client.get_storage_tables(names) if found}

    def values(self) -> set[str]:
        """What the customer is or was called, and how it is reached, by its rows."""
        found: set[str] = set()
        for name in ("customers", "customers_history"):
            columns = [column for column in TELLING if column in self.there.get(name, ())]
            if columns:
                rows = self._select(name, ", ".join(columns), self._in("id", [self.customer]))
                found |= {str(value) for row in rows for value in row if value}
        return found

    def belongings(self) -> set[str]:
        """The ids of the customer, of what belongs to it, and of what belongs to that."""
        ids = {self.customer}
        new = set(ids)
        for _ in range(ROUNDS):
            found: set[str] = set()
            for table in self._tables():
                if table.object != EVENT and "id" in self.there[table.name]:
                    for condition in self._conditions(table, new):
                        rows = self._select(table.name, "id", condition)
                        found |= {str(identifier) for (identifier,) in rows}
            new = found - ids
            if not new:
                break
            ids |= new
        return ids

    def count(self, ids: Collection[str]) -> int:
        """How many rows belong to the ids."""
        return sum(
            int(self._select(table.name, "count(*)", condition)[0][0])
            for table in self._tables()
            for condition in self._conditions(table, ids)
        )

    def blank(self, ids: Collection[str]) -> int:
        """Blank what is personal in the rows that belong to the ids."""
        blanked = 0
        for table in self._tables():
            columns = [name for name in blanks(table) if name in self.there[table.name]]
            for condition in self._conditions(table, ids):
                blanked += int(self._select(table.name, "count(*)", condition)[0][0])
                self._blank(table.name, columns, condition)
        return blanked

    def blank_records(self, ids: Collection[str], values: Collection[str]) -> int:
        """The same in what was recorded of batches, where a row may have no id."""
        if RECORDS not in self.there:
            return 0
        conditions = [self._in("object_id", some) for some in _batched(ids, AT_ONCE)]
        conditions += [self._in("matching_value", some) for some in _batched(values, AT_ONCE)]
        conditions += [self._like("error", value) for value in values if len(value) >= SHORTEST]
        blanked = 0
        for condition in conditions:
            filled = f"({condition}) AND (matching_value IS NOT NULL OR error IS NOT NULL)"
            blanked += int(self._select(RECORDS, "count(*)", filled)[0][0])
            self._blank(RECORDS, ["matching_value", "error"], condition)
        return blanked

    def empty_staging(self) -> None:
        """dlt leaves the last load in the staging schema, unless it is told not to."""
        with self.sql.with_staging_dataset():
            for name, columns in self.client.get_storage_tables([*every_table(), RECORDS]):
                if columns:
                    self.sql.execute_sql(f"DELETE FROM {self.sql.make_qualified_table_name(name)}")

    def _tables(self) -> Iterator[Table]:
        return (table for name, table in every_table().items() if name in self.there)

    def _conditions(self, table: Table, ids: Collection[str]) -> Iterator[str]:
        """Conditions for the rows that belong to the ids."""
        names = [name for name in links(table) if name in self.there[table.name]]
        for some in _batched(ids, AT_ONCE):
            found = [self._in(name, some) for name in names]
            if table.object == EVENT and SHOWN in self.there[table.name]:
                found += [self._like(SHOWN, f'"{identifier}"') for identifier in some]
            if found:
                yield " OR ".join(found)

    def _select(self, name: str, selected: str, condition: str) -> list[tuple[Any, ...]]:
        table = self.sql.make_qualified_table_name(name)
        rows = self.sql.execute_sql(f"SELECT {selected} FROM {table} WHERE {condition}")
        return [tuple(row) for row in rows or []]

    def _blank(self, name: str, columns: Collection[str], condition: str) -> None:
        table = self.sql.make_qualified_table_name(name)
        changes = ", ".join(f"{self.sql.escape_column_name(each)} = NULL" for each in columns)
        self.sql.execute_sql(f"UPDATE {table} SET {changes} WHERE {condition}")

    def _in(self, column: str, values: Collection[str]) -> str:
        literals = ", ".join(self._literal(value) for value in values)
        return f"{self.sql.escape_column_name(column)} IN ({literals})"

    def _like(self, column: str, text: str) -> str:
        escaped = text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
        name = self.sql.escape_column_name(column)
        return f"CAST({name} AS VARCHAR) LIKE {self._literal(f'%{escaped}%')} ESCAPE '!'"

    def _literal(self, value: str) -> str:
        return str(self.sql.capabilities.escape_literal(value))


def _batched(values: Collection[str], most: int) -> Iterator[list[str]]:
    some = sorted(values)
    for start in range(0, len(some), most):
        yield some[start : start + most]


def _telling(customer: Json) -> Iterator[str]:
    """What a customer is called and how it is reached, and by which keys others know it."""
    for path, value in flat(customer).items():
        if value and (path in TELLING or path.startswith("metadata.")):
            yield str(value)


def _without(record: Record, ids: Collection[str], values: Collection[str]) -> Record:
    """A record without what is personal, if it is of the customer."""
    error = record.error or ""
    named = any(value in error for value in values if len(value) >= SHORTEST)
    if record.object_id in ids or record.matching_value in values or named:
        return replace(record, matching_value=None, error=None)
    return record
