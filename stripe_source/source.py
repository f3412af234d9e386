"""The dlt source: each catalog row becomes a dlt resource for each of its tables."""

from collections.abc import Callable, Iterator
from math import inf
from typing import Any

import dlt
from dlt.common.typing import TSecretStrValue
from dlt.extract import DltResource

from stripe_source.catalog import Resource
from stripe_source.connect import connection_to, selection
from stripe_source.dates import span_of
from stripe_source.errors import UsageError
from stripe_source.extract.spans import Bounds
from stripe_source.held import Held
from stripe_source.reading import Reading, Settings, batches, versions
from stripe_source.report import current_report
from stripe_source.tables.ahead import Tables
from stripe_source.tables.hints import hints_at, hints_for, quiet_dlt
from stripe_source.tables.history import histories_of
from stripe_source.tables.layout import Table, feeder, tables_of
from stripe_source.tables.loads import with_load

# What dlt's configuration gives as a text where a name could stand, too.
SWITCHES = {"true": True, "all": True, "false": False}

quiet_dlt()


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
    reconcile: str | list[str] | bool | None = None,
    relist_every: float = 1.0,
    include_test_clocks: bool = False,
    also: str | list[str] | None = None,
    table_format: str | None = None,
) -> Iterator[DltResource]:
    """Every Stripe object as a dlt resource.

    Args:
        resources: Names from the catalog, as a list or with commas; ``all``; None for the default
            selection: customers, products, prices, plans, coupons, tax_rates, subscriptions,
            invoices.
        stripe_secret_key: A secret or restricted key; else STRIPE_SECRET_KEY or STRIPE_API_KEY.
        start_date: Only rows created since then (ISO date or time, UTC; or Unix seconds).
        end_date: Only rows created before then; a one-off window that moves no cursor.
        api_base: Another address than Stripe's; else STRIPE_API_BASE.
        stripe_account: A connected account to read, sent as ``Stripe-Account``.
        account_id: The account's id where the key may not read ``/v1/account``.
        requests_per_second: The account's limit; by default Stripe's for the kind of key.
        endpoint_requests_per_second: The limit of each endpoint.
        chunk_rows: Stop each resource after about so many rows; the next run goes on from there.
        reconcile: List these resources whole (True or ``all`` for all that are selected), load what
            differs from the destination, and mark what is gone.
        relist_every: Hours between re-lists that take more than one request (README).
        include_test_clocks: Load objects that live on a test clock, too.
        also: More names, beside those of ``resources`` or the default selection.
        table_format: ``delta`` or ``iceberg``, of all tables, in a destination of files.

    Raises UsageError and AccessError before anything is loaded.
    """
    rows = list(dict.fromkeys([*selection(resources), *(selection(also) if also else ())]))
    bounds = Bounds(*span_of(start_date, end_date))
    reconciled = _reconciled(reconcile, rows)
    if reconciled and bounds.end is not None:
        raise UsageError("reconcile compares whole lists: it can't be had with an end date")
    if not 0 <= relist_every < inf:
        raise UsageError(f"relist_every must be 0 hours or more, not {relist_every:g}")
    report = current_report()
    client = report.client(
        connection_to(
            stripe_secret_key,
            api_base=api_base,
            stripe_account=stripe_account,
            requests_per_second=requests_per_second,
            endpoint_requests_per_second=endpoint_requests_per_second,
        )
    )
    account = report.account(client, account_id)
    settings = Settings(
        bounds=bounds,
        chunk_rows=chunk_rows,
        reconcile=reconciled,
        relist_every=int(relist_every * 3600),
        test_clocks=include_test_clocks,
        table_format=table_format or None,
    )
    reading = Reading(client, account, rows, settings, report)
    report.expect(row.name for row in rows)
    for row in rows:
        yield from resources_of(row, reading)
    yield from history_resources(reading)


def _reconciled(reconcile: str | list[str] | bool | None, rows: list[Resource]) -> frozenset[str]:
    """The names of the resources to reconcile. Raises UsageError for one that is not selected."""
    selected = frozenset(row.name for row in rows)
    if isinstance(reconcile, str):
        reconcile = SWITCHES.get(reconcile.lower(), reconcile)
    if reconcile == ["all"]:
        reconcile = True
    if reconcile is None or isinstance(reconcile, bool):
        return selected if reconcile else frozenset()
    named = frozenset(row.name for row in selection(reconcile))
    if not named <= selected:
        missing = ", ".join(sorted(named - selected))
        raise UsageError(f"reconcile names resources that are not selected: {missing}")
    return named


def resources_of(row: Resource, reading: Reading) -> Iterator[DltResource]:
    """The dlt resources of one catalog row: an unselected one that reads, one for each table."""
    base = dlt.resource(
        batches,
        name=f"{row.name}_pages",
        selected=False,
        parallelized=True,
    )(row, reading)
    for table in tables_of(row):
        yield dlt.transformer(
            _picker(table, reading),
            data_from=base,
            name=feeder(row, table),
            table_name=table.name,
            **hints_for(table, reading.settings.table_format),
        )
    for history in histories_of(row).values():
        yield _history(history, base, reading, f"{row.name}_{history.name}_observed")


def history_resources(reading: Reading) -> Iterator[DltResource]:
    """The dlt resources of all histories, fed by the events: one that reads, one for each table."""
    tables = {h.name: h for row in reading.rows for h in histories_of(row).values()}
    base = dlt.resource(versions, name="history_pages", selected=False, parallelized=True)(reading)
    for name, history in tables.items():
        yield _history(history, base, reading, name)


def _history(history: Table, base: DltResource, reading: Reading, name: str) -> DltResource:
    found: DltResource = dlt.transformer(
        _picker(history, reading),
        data_from=base,
        name=name,
        table_name=history.name,
        **hints_for(history, reading.settings.table_format),
    )
    return found


def _picker(table: Table, reading: Reading) -> Callable[[Tables], Iterator[Any]]:
    known: Held | None = None

    def pick(tables: Tables) -> Iterator[Any]:
        """The rows of one table out of a batch, with the merge wherever they go to a new place."""
        nonlocal known
        rows, held = tables.get(table.name), reading.last_held
        if rows is None:
            return
        if held is known:
            yield with_load(rows)
        else:
            known = held
            hints = dlt.mark.make_hints(**_hints(table, reading))
            yield dlt.mark.with_hints(with_load(rows), hints)

    return pick


def _hints(table: Table, reading: Reading) -> dict[str, Any]:
    """How rows come into the table where this pipeline loads them."""
    held = reading.last_held
    policy = held.policy(reading.settings.table_format)
    return hints_at(table, policy, held.names(table) if policy.by_sql else None)
