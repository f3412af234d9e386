"""Erases a customer: what is personal of it is blanked wherever the warehouse keeps it.

That is in its own row, in those of all that belonged to it (invoices, charges, disputes ...), in
their histories and events, and in what was recorded of batches and plays. Which rows belong to it
is told by ids, which stay, as amounts and times do: the books still add up. The ids are kept in
``_stripe_erased``, by which later syncs leave out what Stripe still shows.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
from dlt.common.pipeline import get_dlt_pipelines_dir
from dlt.destinations.job_client_impl import SqlJobClientBase
from dlt.destinations.sql_client import SqlClientBase

from stripe_source.actions.batch.journal import hold_all, rewrite_journals
from stripe_source.actions.batch.records import TABLE as RECORDS
from stripe_source.actions.batch.records import Record
from stripe_source.actions.belonging import CARD, in_stripe
from stripe_source.actions.dataset import Dataset
from stripe_source.actions.outcome import Json
from stripe_source.actions.properties import flat
from stripe_source.alone import alone_in_pipeline
from stripe_source.api.client import Client
from stripe_source.errors import UsageError
from stripe_source.tables.erased import ERASED, EVENT, EVENT_OBJECT, blanks, links
from stripe_source.tables.every import every_table
from stripe_source.tables.layout import Table
from stripe_source.tables.plays import DELIVERIES, PERSONAL
from stripe_source.tables.plays import JSON as JSON_OF_PLAYS
from stripe_source.tables.types import TIME

AT_ONCE = 200  # ids in one condition
ROUNDS = 5  # customer, charge, dispute, balance transaction, and one more
TELLING = ("name", "email", "phone", "business_name", "individual_name")


@dataclass
class Erasure:
    """Erases customers in a dataset, and in the journals of a folder.

    Raises UsageError while a sync, or a batch, runs on this machine: it could bring back what goes.
    """

    client: Client
    dataset: Dataset
    journals: Path

    def count(self, customer: Json) -> int:
        """How many rows of the tables belong to the customer."""
        with self._work() as work:
            return work.count(work.belongings(self._ids(customer)))

    def note(self, customer: Json) -> None:
        """Note the ids of all that belongs to it, by which later syncs leave its data out."""
        with self._work() as work, hold_all(self.journals):
            ids = sorted(work.belongings(self._ids(customer)))
        rows = pa.table(
            {
                "id": pa.array(ids, pa.string()),
                "customer_id": pa.array([str(customer["id"])] * len(ids), pa.string()),
                "erased_at": pa.array([datetime.now(UTC)] * len(ids), TIME),
            }
        )
        self.dataset.merge(ERASED, rows, ["id"], [])

    def forget(self, customer: Json) -> None:
        """Take the note back."""
        with self._work() as work:
            work.forget(str(customer["id"]))

    def blank(self, customer: Json) -> int:
        """Blank what is personal in all that was noted; gives in how many rows of the tables."""
        with self._work() as work, hold_all(self.journals):
            ids = work.noted(str(customer["id"]))
            told = Told(ids, work.values(ids, customer))
            rows = work.count(ids)
            # The tables last: after a kill they still tell what to look for in the rest.
            rewrite_journals(self.journals, told.without)
            work.blank_records(told)
            work.blank_plays(told)
            work.empty_staging()
            work.blank(ids)
        return rows

    def _ids(self, customer: Json) -> set[str]:
        """The customer, and what Stripe has of it: maybe more than was ever loaded."""
        return {str(customer["id"]), *in_stripe(self.client, str(customer["id"]))}

    @contextmanager
    def _work(self) -> Iterator["_Work"]:
        with (
            alone_in_pipeline(Path(get_dlt_pipelines_dir()), self.dataset.pipeline_name),
            self.dataset.pipeline() as pipeline,
            pipeline.destination_client() as client,
        ):
            if not isinstance(client, SqlJobClientBase):
                raise UsageError("this destination answers no SQL: nothing can be erased in it")
            yield _Work(client)


@dataclass(frozen=True)
class Told:
    """What tells that a record is of a customer: ids, and values by the property they are of.

    Values are in lower case: an email in a file may be written otherwise.
    """

    ids: Collection[str]
    values: Mapping[str, Collection[str]]

    def without(self, record: Record) -> Record:
        """The record, without what is personal if it is of the customer."""
        known = self.values.get(record.matching_property or "", ())
        matched = (record.matching_value or "").lower() in known
        error = (record.why or "").lower()
        if record.object_id in self.ids or matched or any(each in error for each in self.quoted):
            return replace(record, matching_value=None, why=None)
        return record

    @property
    def quoted(self) -> list[str]:
        """Values as errors show them."""
        return [f"'{each}'" for name in TELLING for each in self.values.get(name, ())]


class _Work:
    """The tables of a destination that are there, with their columns."""

    def __init__(self, client: SqlJobClientBase) -> None:
        self.client = client
        self.sql: SqlClientBase[Any] = client.sql_client
        names = [*every_table(), RECORDS, ERASED, *PERSONAL]
        self.there = {name: set(found) for name, found in client.get_storage_tables(names) if found}

    def values(self, ids: Collection[str], customer: Json) -> dict[str, set[str]]:
        """What the customer is or was called, and how others know it, by property."""
        found: dict[str, set[str]] = defaultdict(set)
        shown = [customer]
        for name in ("customers", "customers_history"):
            columns = [each for each in (*TELLING, "metadata") if each in self.there.get(name, ())]
            for condition in self._some("id", ids) if columns else ():
                rows = self._select(name, ", ".join(columns), condition)
                shown += [dict(zip(columns, row, strict=True)) for row in rows]
        for each in shown:
            keys = each.get("metadata") or {}
            keys = orjson.loads(keys) if isinstance(keys, str) else keys
            for path, value in flat({**each, "metadata": keys}).items():
                if value and (path in TELLING or path.startswith("metadata.")):
                    found[path].add(str(value).lower())
        return found

    def noted(self, customer: str) -> set[str]:
        """The ids that were noted for a customer."""
        rows = self._select(ERASED, "id", self._in("customer_id", [customer]))
        return {customer, *(str(identifier) for (identifier,) in rows)}

    def forget(self, customer: str) -> None:
        """Drop what was noted."""
        table = self.sql.make_qualified_table_name(ERASED)
        self.sql.execute_sql(f"DELETE FROM {table} WHERE {self._in('customer_id', [customer])}")

    def belongings(self, ids: set[str]) -> set[str]:
        """The ids, those of what belongs to them, and of what belongs to that."""
        new, ids = set(ids), set(ids)
        for _ in range(ROUNDS):
            found: set[str] = set()
            for table in self._tables():
                if table.object != EVENT and "id" in self.there[table.name]:
                    cards = CARD in self.there[table.name]
                    for condition in self._conditions(table, new):
                        rows = self._select(table.name, f"id, {CARD}" if cards else "id", condition)
                        found |= {str(each) for row in rows for each in row if each}
            new = found - ids
            if not new:
                break
            ids |= new
        return ids

    def count(self, ids: Collection[str]) -> int:
        """How many rows belong to the ids."""
        found = 0
        for table in self._tables():
            if conditions := list(self._conditions(table, ids)):
                together = " OR ".join(f"({each})" for each in conditions)
                found += int(self._select(table.name, "count(*)", together)[0][0])
        return found

    def blank(self, ids: Collection[str]) -> None:
        """Blank what is personal in the rows that belong to the ids."""
        for table in self._tables():
            columns = [name for name in blanks(table) if name in self.there[table.name]]
            for condition in self._conditions(table, ids):
                self._blank(table.name, columns, condition)

    def blank_records(self, told: Told) -> None:
        """The same in what was recorded of batches, where a row may have no id."""
        if RECORDS not in self.there:
            return
        conditions = list(self._some("object_id", told.ids))
        for name, values in told.values.items():
            matched = self._in("matching_property", [name])
            lower = self._some("matching_value", values, lower=True)
            conditions += [f"{matched} AND {each}" for each in lower]
        conditions += [self._like("why", each) for each in told.quoted]
        for condition in conditions:
            self._blank(RECORDS, ["matching_value", "why"], condition)

    def blank_plays(self, told: Told) -> None:
        """The same in what plays have seen and delivered, which may be rows of any model.

        A row is the customer's where it names one of the ids, or the email.
        """
        emails = told.values.get("email", ())
        for table, columns in PERSONAL.items():
            if table not in self.there:
                continue
            for some in _batched([*told.ids, *emails]):
                names = [name for name in columns if name in JSON_OF_PLAYS]
                found = [self._like(name, f'"{each}"') for name in names for each in some]
                condition = " OR ".join(found)
                if table == DELIVERIES:  # there is nothing left to deliver
                    self._do(
                        table,
                        f"UPDATE {{}} SET status = 'dead' WHERE status = 'pending' "
                        f"AND ({condition})",
                    )
                self._blank(table, columns, condition)
            for some in _batched(emails):  # what a row is told by can't be blank
                found = [self._like("row_key", f'"{each}"') for each in some]
                self._do(table, f"DELETE FROM {{}} WHERE {' OR '.join(found)}")

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
        for some in _batched(ids):
            found = [self._in(name, some) for name in names]
            if table.object == EVENT and EVENT_OBJECT in self.there[table.name]:
                found += [self._like(EVENT_OBJECT, f'"{identifier}"') for identifier in some]
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

    def _do(self, name: str, statement: str) -> None:
        """Carry out a statement on a table, which stands for ``{}`` in it."""
        table = self.sql.make_qualified_table_name(name)
        self.sql.execute_sql(statement.replace("{}", table, 1))

    def _in(self, column: str, values: Collection[str], *, lower: bool = False) -> str:
        literals = ", ".join(self._literal(value) for value in values)
        name = self.sql.escape_column_name(column)
        return f"{f'lower({name})' if lower else name} IN ({literals})"

    def _some(self, column: str, values: Collection[str], *, lower: bool = False) -> Iterator[str]:
        """Conditions that a column has one of the values, some of them in each."""
        return (self._in(column, some, lower=lower) for some in _batched(values))

    def _like(self, column: str, text: str) -> str:
        escaped = text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
        name = f"lower(CAST({self.sql.escape_column_name(column)} AS VARCHAR))"
        return f"{name} LIKE {self._literal(f'%{escaped.lower()}%')} ESCAPE '!'"

    def _literal(self, value: str) -> str:
        return str(self.sql.capabilities.escape_literal(value))


def _batched(values: Collection[str]) -> Iterator[list[str]]:
    some = sorted(values)
    for start in range(0, len(some), AT_ONCE):
        yield some[start : start + AT_ONCE]
