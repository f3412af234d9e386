"""Reads what is due of one resource, batch by batch, and keeps count of it in dlt's state."""

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import dlt
import pyarrow as pa
import pyarrow.compute as pc

from stripe_source.api.account import Account
from stripe_source.api.client import Client
from stripe_source.catalog import Resource
from stripe_source.errors import (
    AccessError,
    NotEnabled,
    PermissionDenied,
    StripeSourceError,
    UsageError,
)
from stripe_source.extract.plan import Bounds, advance, due, has_pending, note_newest
from stripe_source.extract.reader import ListReader, Read
from stripe_source.extract.spans import Span, seconds
from stripe_source.report import Outcome, Report
from stripe_source.schema import load_schema
from stripe_source.settings import API_VERSION, STRIPE_EPOCH
from stripe_source.tables.batch import Batch
from stripe_source.tables.layout import tables_of

log = logging.getLogger("stripe_source")

BATCH_ROWS = 2_000  # rows that are turned into Arrow at once: enough to vectorise, some 12 MB
CHUNK_SECONDS = 60.0  # in bounded runs: what is read is committed once a minute, at the least
EMPTY_PAGE = b'{"object": "list", "data": [], "has_more": false}'

Tables = dict[str, pa.Table]
State = dict[str, Any]


@dataclass
class Reading:
    """What the resources of one source share."""

    client: Client
    account: Account
    bounds: Bounds
    chunk_rows: int | None
    report: Report

    def progress(self, row: Resource, pending: Sequence[Span]) -> None:
        """Report how much of a resource is still to be read."""
        oldest = self.account.created or STRIPE_EPOCH
        self.report.at(row.name, seconds(pending, self.client.clock.seen(), oldest))


def batches(row: Resource, reading: Reading) -> Iterator[Tables]:
    """Read what is due of one resource; yields each batch as its tables."""
    state: State = _state(row, reading)
    if state.get("columns") != API_VERSION:
        state["columns"] = API_VERSION
        yield _tables(row, reading, [])
    try:
        yield from _read(row, reading, state)
    except PermissionDenied as denied:
        _leave_out(row, reading, denied, "denied")
    except NotEnabled as missing:
        _leave_out(row, reading, missing, "not enabled")
    except (UsageError, AccessError):
        raise  # of the call or the key, and so of every resource
    except StripeSourceError as failure:
        if reading.chunk_rows is None:
            raise  # a plain dlt run has nobody who would look at the report
        _leave_out(row, reading, failure, "failed")


def _leave_out(row: Resource, reading: Reading, why: StripeSourceError, outcome: Outcome) -> None:
    reading.report.skip(row.name, str(why), outcome)
    log.warning("%s is left out (%s): %s", row.name, outcome, why)


def _state(row: Resource, reading: Reading) -> State:
    """The state of a resource in this account, after a check that the dataset is this account's."""
    whose = {"account": reading.account.id, "livemode": reading.account.livemode}
    known = dlt.current.source_state().setdefault("account", whose)
    if known != whose:
        raise UsageError(
            f"this dataset holds {_whose(known)}, the key belongs to {_whose(whose)}: "
            "give the pipeline another name (--pipeline-name, another file) or the dataset "
            "(--dataset)"
        )
    reading.client.clock.not_before(dlt.current.source_state().get("stamp", 0.0))
    accounts: State = dlt.current.resource_state(row.name)
    state: State = accounts.setdefault(reading.account.id, {})
    return state


def _whose(account: State) -> str:
    return f"{'live' if account['livemode'] else 'test'} data of account {account['account']}"


def _read(row: Resource, reading: Reading, state: State) -> Iterator[Tables]:
    go_on = reading.report.runs > 0
    spans = due(row, state, reading.bounds, reading.client.clock.seen(), go_on=go_on)
    reader = ListReader(reading.client, row, spans)
    reading.progress(row, spans)
    collected: list[Read] = []
    total, started = 0, time.monotonic()
    for read in reader.pages():
        collected.append(read)
        total += read.page.rows
        reading.progress(row, read.pending)
        long = time.monotonic() - started > CHUNK_SECONDS
        if reading.chunk_rows is not None and (long or total >= reading.chunk_rows):
            reader.stop()
        if sum(r.page.rows for r in collected) >= BATCH_ROWS or not read.pending:
            yield _flush(row, reading, state, collected)
            collected = []
    if collected:
        yield _flush(row, reading, state, collected)


def _flush(row: Resource, reading: Reading, state: State, collected: list[Read]) -> Tables:
    """Turn the pages into tables, and note in the state that they are read."""
    pending = collected[-1].pending
    tables = _tables(row, reading, collected)
    advance(state, reading.bounds, pending)
    shared = dlt.current.source_state()
    shared["stamp"] = max([shared.get("stamp", 0.0), *(read.sent_at for read in collected)])
    if row.created_field in tables[row.name].column_names:
        latest = pc.max(tables[row.name][row.created_field]).as_py()
        if latest is not None:
            note_newest(state, reading.bounds, int(latest.timestamp()))
    report = reading.report
    (report.pending.add if has_pending(state, reading.bounds) else report.pending.discard)(row.name)
    for name, table in tables.items():
        report.add(name, table.num_rows)
    return tables


def _tables(row: Resource, reading: Reading, reads: list[Read]) -> Tables:
    dated = "created" in load_schema(row.object).columns
    bounds = reading.bounds if row.cursor is None and dated else Bounds()
    batch = Batch(
        resource=row,
        account_id=reading.account.id,
        pages=[read.page.body for read in reads] or [EMPTY_PAGE],
        sent_at=[read.sent_at for read in reads] or [0.0],
        bounds=bounds,
        oddities=reading.report.oddities,
    )
    return {table.name: batch.table(table) for table in tables_of(row)}
