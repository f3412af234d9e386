"""The dlt source: each catalog row becomes a dlt resource for each of its tables."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import dlt
import pyarrow as pa
import pyarrow.compute as pc
from dlt.common.destination.exceptions import SqlClientNotAvailable
from dlt.common.typing import TSecretStrValue
from dlt.extract import DltResource

from stripe_source.api.account import Account, read_account
from stripe_source.api.client import Client
from stripe_source.catalog import Resource
from stripe_source.connect import client_for, selection
from stripe_source.dates import span_of
from stripe_source.errors import (
    AccessError,
    NotEnabled,
    PermissionDenied,
    StripeSourceError,
    UsageError,
)
from stripe_source.extract.plan import Bounds, advance, due, has_pending, newest
from stripe_source.extract.reader import ListReader, Read
from stripe_source.extract.spans import Span, seconds
from stripe_source.report import Outcome, Report, current_report
from stripe_source.schema import load_schema
from stripe_source.settings import API_VERSION, STRIPE_EPOCH
from stripe_source.tables.batch import Batch
from stripe_source.tables.hints import hints_for, merge_into
from stripe_source.tables.layout import Table, tables_of
from stripe_source.tables.types import Window

log = logging.getLogger("stripe_source")

BATCH_ROWS = 2_000  # rows that are turned into Arrow at once: enough to vectorise, some 12 MB
CHUNK_SECONDS = 60.0  # in bounded runs: what is read is committed once a minute, at the least
EMPTY_PAGE = b'{"object": "list", "data": [], "has_more": false}'

# dlt compares its schema with Arrow's for every batch and warns that JSON comes as text, as it
# must.
logging.getLogger("dlt").addFilter(lambda record: "merging arrow schema" not in record.getMessage())

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


@dlt.source(name="stripe_source", section="stripe_source", max_table_nesting=0)
def stripe_source(
    resources: str | list[str] | None = None,
    stripe_secret_key: TSecretStrValue | None = None,
    start_date: Any = None,
    end_date: Any = None,
    api_base: str | None = None,
    stripe_account: str | None = None,
    account_id: str | None = None,
    requests_per_second: float | None = None,
    endpoint_requests_per_second: float | None = None,
    chunk_rows: int | None = None,
) -> Iterator[DltResource]:
    """Every Stripe object as a dlt resource.

    Args:
        resources: Names from the catalog, as a list or with commas; ``all``; None for the default
            selection: customers, products, prices, plans, coupons, subscriptions, invoices.
        stripe_secret_key: A secret or restricted key; else STRIPE_SECRET_KEY or STRIPE_API_KEY.
        start_date: Only rows created since then (ISO date or time, UTC; or Unix seconds).
        end_date: Only rows created before then; a one-off window that moves no cursor.
        api_base: Another address than Stripe's; else STRIPE_API_BASE.
        stripe_account: A connected account to read, sent as ``Stripe-Account``.
        account_id: The account's id where the key may not read ``/v1/account``.
        requests_per_second: The account's limit; by default Stripe's for the kind of key.
        endpoint_requests_per_second: The limit of each endpoint.
        chunk_rows: Stop each resource after about so many rows; the next run goes on from there.

    Raises UsageError and AccessError before anything is loaded.
    """
    rows = selection(resources)
    bounds = Bounds(*span_of(start_date, end_date))
    report = current_report()
    client = client_for(
        stripe_secret_key,
        api_base=api_base,
        stripe_account=stripe_account,
        requests_per_second=requests_per_second,
        endpoint_requests_per_second=endpoint_requests_per_second,
        traffic=report.traffic,
    )
    report.closing.append(client.close)
    account = read_account(client, account_id)
    reading = Reading(client, account, bounds, chunk_rows, report)
    report.expect(row.name for row in rows)
    for row in rows:
        yield from resources_of(row, reading)


def resources_of(row: Resource, reading: Reading) -> Iterator[DltResource]:
    """The dlt resources of one catalog row: an unselected one that reads, one for each table."""
    base = dlt.resource(
        _batches,
        name=f"{row.name}_pages",
        selected=False,
        parallelized=True,
    )(row, reading)
    for table in tables_of(row):
        shared = table.name != row.name and table.parent_id is None
        yield dlt.transformer(
            _picker(table),
            data_from=base,
            name=f"{row.name}_{table.name}" if shared else table.name,
            table_name=table.name,
            **hints_for(table),
        )


def _picker(table: Table) -> Callable[[Tables], Iterator[pa.Table]]:
    named = False

    def pick(tables: Tables) -> Iterator[Any]:
        """The rows of one table out of a batch; the first with the merge for this destination."""
        nonlocal named
        rows = tables[table.name]
        disposition = None if named else _disposition(table)
        named = True
        if disposition is None:
            yield rows
        else:
            hints = dlt.mark.make_hints(write_disposition=disposition)
            yield dlt.mark.with_hints(rows, hints)

    return pick


def _disposition(table: Table) -> Any:
    """How to merge into this table where it is loaded; None where the destination has no SQL."""
    try:
        client = dlt.current.pipeline().sql_client()
    except SqlClientNotAvailable:
        return None
    return merge_into(table, *client.get_qualified_table_names(table.name))


def _batches(row: Resource, reading: Reading) -> Iterator[Tables]:
    """Read what is due of one resource; yields each batch as its tables."""
    state: State = _state(row, reading)
    if state.get("columns") != API_VERSION:
        state["columns"] = API_VERSION
        yield _tables(row, reading, [])
    try:
        yield from _read(row, reading, state)
    except (UsageError, AccessError) as refusal:
        if not isinstance(refusal, PermissionDenied):
            raise
        _leave_out(row, reading, refusal, "denied")
    except NotEnabled as missing:
        _leave_out(row, reading, missing, "not enabled")
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
            newest(state, reading.bounds, int(latest.timestamp()))
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
        window=Window(bounds.start, bounds.end),
        oddities=reading.report.oddities,
    )
    return {table.name: batch.table(table) for table in tables_of(row)}
