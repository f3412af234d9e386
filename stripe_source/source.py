"""The dlt source: each catalog row becomes a dlt resource for each of its tables."""

import logging
from collections.abc import Callable, Iterator
from math import inf
from typing import Any

import dlt
from dlt.common.typing import TSecretStrValue
from dlt.extract import DltResource

from stripe_source.accounts import Member, members_of, wanted_accounts
from stripe_source.catalog import Resource, select
from stripe_source.connect import keys_in, names_of, selection
from stripe_source.dates import span_of
from stripe_source.errors import UsageError
from stripe_source.extract.spans import Bounds
from stripe_source.held import Held
from stripe_source.reading import Place, Reading, Settings, batches, versions
from stripe_source.reading.limited import LimitedResource
from stripe_source.report import Report, current_report
from stripe_source.tables.hints import hints_at, hints_for, quiet_dlt
from stripe_source.tables.history import histories_of
from stripe_source.tables.layout import Table, feeder, tables_of
from stripe_source.tables.loads import with_load
from stripe_source.tables.maker import Tables
from stripe_source.tables.masking import Asked
from stripe_source.tables.policy import Policy

# What dlt's configuration gives as a text where a name could stand, too.
SWITCHES = {"true": True, "all": True, "false": False}
LEAST_SECRET = 16  # letters; whoever guesses it finds out whose hash is which by trying e-mails

log = logging.getLogger("stripe_source")

quiet_dlt()


@dlt.source(name="stripe_source", section="stripe_source", max_table_nesting=0)
def stripe_source(
    resources: str | list[str] | None = None,
    stripe_secret_key: TSecretStrValue | None = None,
    start_date: Any = None,
    end_date: Any = None,
    api_base: str | None = None,
    stripe_account: str | None = None,
    accounts: str | list[str] | None = None,
    account_id: str | None = None,
    requests_per_second: float | None = None,
    endpoint_requests_per_second: float | None = None,
    chunk_rows: int | None = None,
    reconcile: str | list[str] | bool | None = None,
    relist_every: float = 1.0,
    include_test_clocks: bool = False,
    also: str | list[str] | None = None,
    exclude_columns: str | list[str] | None = None,
    hash_columns: str | list[str] | None = None,
    hash_secret: TSecretStrValue | None = None,
    table_format: str | None = None,
) -> Iterator[DltResource]:
    """Every Stripe object as a dlt resource.

    Args:
        resources: Names from the catalog, as a list or with commas; ``all``; None for the default
            selection: customers, products, prices, plans, coupons, tax_rates, subscriptions,
            invoices.
        stripe_secret_key: A secret or restricted key, or several with commas, of an account each;
            else STRIPE_SECRET_KEY or STRIPE_API_KEY.
        start_date: Only rows created since then (ISO date or time, UTC; or Unix seconds).
        end_date: Only rows created before then; a one-off window that moves no cursor.
        api_base: Another address than Stripe's; else STRIPE_API_BASE.
        stripe_account: A connected account to read, sent as ``Stripe-Account``.
        accounts: Accounts to read together: ids of connected ones, as a list or with commas, or
            ``all``: the key's own and all that are connected to it.
        account_id: The account's id where the key may not read ``/v1/account``.
        requests_per_second: The account's limit; by default Stripe's for the kind of key.
        endpoint_requests_per_second: The limit of each endpoint.
        chunk_rows: Stop each resource after about so many rows; the next run goes on from there.
        reconcile: List these resources whole (True or ``all`` for all that are selected), load what
            differs from the destination, and mark what is gone.
        relist_every: Hours between re-lists that take more than one request (README).
        include_test_clocks: Load objects that live on a test clock, too.
        also: More names, beside those of ``resources`` or the default selection.
        exclude_columns: Columns that are left out (null), as ``customers.email``, or ``email`` in
            every table; ``personal`` for all that may hold something personal (README).
        hash_columns: Texts that come as HMAC-SHA256, by the same names.
        hash_secret: The secret for that.
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
    asked = Asked(
        _names("exclude_columns", exclude_columns),
        _names("hash_columns", hash_columns),
        hash_secret,
    )
    masks = asked.masks()
    if masks.hashed and len(masks.secret) < LEAST_SECRET:
        log.warning("hash_secret is so short that hashes can be guessed: give it 16 letters")
    report = current_report()
    report.asked = asked
    wanted = wanted_accounts(accounts, account_id)
    members = members_of(
        report,
        wanted,
        stripe_secret_key,
        api_base=api_base,
        stripe_account=stripe_account,
        requests_per_second=requests_per_second,
        endpoint_requests_per_second=endpoint_requests_per_second,
    )
    settings = Settings(
        bounds=bounds,
        chunk_rows=chunk_rows,
        reconcile=reconciled,
        relist_every=int(relist_every * 3600),
        test_clocks=include_test_clocks,
        several=bool(wanted.names) or len(keys_in(stripe_secret_key)) > 1,
        asked=asked,
        masks=masks,
        table_format=table_format or None,
    )
    readings = _readings(report, members, rows, settings)
    for row in rows:
        if any(row in reading.rows for reading in readings):
            yield from resources_of(row, readings)
    yield from history_resources(readings)


def _readings(
    report: Report, members: list[Member], rows: list[Resource], settings: Settings
) -> list[Reading]:
    """What is read in this run: of the accounts whose turn it is, what is still to be read."""
    turn = report.turn([account.id for _, account in members])
    place = Place(turn, settings.asked, followed=report.followed)
    every = {account.id: (client, account) for client, account in members}
    readings = []
    for name in turn:
        known = report.of(name)
        left = {row.name for row in select(sorted(known.pending))} if known.runs else set()
        due = [row for row in rows if row.name in left or not known.runs]
        known.expect(row.name for row in due)
        readings.append(Reading(*every[name], due, settings, report, place))
    return readings


def _names(what: str, names: str | list[str] | None) -> frozenset[str] | None:
    return None if names is None else frozenset(names_of(what, names))


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


def resources_of(row: Resource, readings: list[Reading]) -> Iterator[DltResource]:
    """The dlt resources of one catalog row: an unselected one that reads, one for each table."""
    name = f"{row.name}_pages"
    base = dlt.resource(
        batches, name=name, selected=False, parallelized=True, _impl_cls=LimitedResource
    )(row, readings, name)
    reading = readings[0]
    for table in tables_of(row):
        yield _loaded(table, base, reading, feeder(row, table))
    for history in histories_of(row).values():
        yield _loaded(history, base, reading, f"{row.name}_{history.name}_observed")


def history_resources(readings: list[Reading]) -> Iterator[DltResource]:
    """The dlt resources of all histories, fed by the events: one that reads, one for each table."""
    rows = (row for reading in readings for row in reading.rows)
    tables = {h.name: h for row in rows for h in histories_of(row).values()}
    name = "history_pages"
    base = dlt.resource(
        versions, name=name, selected=False, parallelized=True, _impl_cls=LimitedResource
    )(readings, name)
    for table, history in tables.items():
        yield _loaded(history, base, readings[0], table)


def _loaded(table: Table, base: DltResource, reading: Reading, name: str) -> DltResource:
    """The dlt resource of this name, that loads a table with what a base reads of it."""
    found: DltResource = dlt.transformer(  # type: ignore[call-overload]
        _picker(table, reading, name),
        data_from=base,
        name=name,
        table_name=table.name,
        _impl_cls=LimitedResource,
        **hints_for(table, reading.settings.table_format),
    )
    return found


def _picker(table: Table, reading: Reading, name: str) -> Callable[[Tables], Iterator[Any]]:
    known: Held | None = None

    def pick(tables: Tables) -> Iterator[Any]:
        """The rows of one table out of a batch, with the merge wherever they go to a new place."""
        nonlocal known
        rows, held = tables.get(table.name), reading.place.last
        if rows is None:
            return
        if held is known:
            yield with_load(rows)
        else:
            known = held
            policy = held.policy(reading.settings.table_format)
            resources = dlt.current.source().resources
            _refuse_hints(table, policy, resources[name])
            names = None
            if policy.by_sql:  # a parent that is selected has a table before anything is merged
                names = held.names(table, beside_parent=table.parent in resources.selected)
            hints = hints_at(table, policy, names)
            yield dlt.mark.with_hints(with_load(rows), dlt.mark.make_hints(**hints))

    return pick


def _refuse_hints(table: Table, policy: Policy, resource: DltResource) -> None:
    """Raises UsageError where a script has hinted at what would load other rows than the account's.

    The merge asks for the table by its name, and so does what compares and marks what is gone.
    """
    if resource.table_name != table.name:
        raise UsageError(
            f"the table of {resource.name} can't have another name than {table.name}: give the "
            "pipeline another dataset_name instead"
        )
    said: Any = resource.write_disposition
    if policy.merges and (said["disposition"] if isinstance(said, dict) else said) != "merge":
        raise UsageError(
            f"rows of {resource.name} are merged, and a write disposition can't be set: to load "
            "all of them anew, refresh it"
        )
