"""The check of everything that a pipeline has loaded, resource by resource."""

import logging
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import dlt
import pyarrow as pa
import pyarrow.compute as pc

from stripe_source.accounts import Member
from stripe_source.api.account import Account
from stripe_source.api.client import Client
from stripe_source.blanking import MASKS
from stripe_source.catalog import CATALOG, Resource
from stripe_source.connect import selection
from stripe_source.errors import (
    AccessError,
    DestinationError,
    NotEnabled,
    PermissionDenied,
    StripeSourceError,
    UsageError,
)
from stripe_source.extract.clocks import Clocks
from stripe_source.extract.feed import DAY, REACH, Feed, types_of
from stripe_source.extract.loaded import accounts_in
from stripe_source.extract.progress import State, pending, pending_changes
from stripe_source.held import UNREADABLE, Held
from stripe_source.report import Outcome, Report
from stripe_source.tables.masking import Asked
from stripe_source.verify.checking import Check, Place
from stripe_source.verify.findings import Findings

log = logging.getLogger("stripe_source")

SAMPLE = 200  # objects of each table
AT_ONCE = 8  # resources


@dataclass(frozen=True)
class Wanted:
    """What is to be compared.

    ``resources`` are by default all that have been synced. ``sample`` is how many objects of each
    are read, beside the newest page of its list; None reads everything. What is masked is what the
    syncs have noted, with ``hash_secret``.
    """

    resources: str | list[str] | None = None
    sample: int | None = SAMPLE
    hash_secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class TableCheck:
    """How many rows of a table were compared, and what differs (schema: ``findings.FOUND``)."""

    name: str
    compared: int
    differences: pa.Table

    def count(self, kind: str) -> int:
        """How many are missing, stale, gone or repeated."""
        return int(pc.sum(pc.equal(self.differences["difference"], kind)).as_py() or 0)

    @property
    def unsynced(self) -> int:
        """How many of all are explained by an event since the last sync."""
        return int(pc.sum(self.differences["unsynced"]).as_py() or 0)


@dataclass(frozen=True)
class Verification:
    """What was found. ``pending`` are resources of which a sync has still to read something.

    ``days`` is how long ago the oldest change cursor was moved. Of several ``accounts``, a resource
    and a key are named with theirs: ``acct_1/customers``. ``accounts_left`` are those that the
    dataset holds, too. ``sample`` is as it was asked for.
    """

    accounts: list[str]
    tables: list[TableCheck]
    skipped: dict[str, str]
    outcomes: dict[str, Outcome]
    pending: list[str]
    days: int
    requests: int
    accounts_left: list[str]
    sample: int | None

    @property
    def differences(self) -> int:
        """How many rows differ in all."""
        return sum(table.differences.num_rows for table in self.tables)

    @property
    def exit_code(self) -> int:
        """0 no difference, 1 some or a failure, 3 where the key may not read some, 4 where none."""
        outcomes = set(self.outcomes.values())
        if self.differences or "failed" in outcomes:
            return 1
        if "denied" in outcomes:
            return 3 if self.tables else 4
        return 0


def verify(
    pipeline: dlt.Pipeline, source: State, members: Sequence[Member], wanted: Wanted, report: Report
) -> Verification:
    """Compare what a pipeline has loaded with these accounts, one after the other.

    ``pipeline`` and ``source``, its state, are as ``status.restored`` gives them, ``members`` and
    ``report`` as for a sync.

    Raises UsageError where there is nothing to compare or the dataset lacks an account, and what
    the client and the destination raise.
    """
    masks = Asked.noted(source.get(MASKS, {}), wanted.hash_secret).masks()
    findings, pending, days = Findings(), [], 0
    several = len(members) > 1
    every = Held(pipeline, [account.id for _, account in members])
    for client, account in members:
        own = report.of(account.id)
        try:
            states = _states(source, account, wanted.resources)
            if not every.readable:
                raise DestinationError(UNREADABLE)
            place = Place(
                client, every.of(account.id), account.id, Clocks(client), report, own, masks
            )
            found = list(_checked(place, states, wanted.sample))
        except (UsageError, AccessError) as refusal:
            if not several:
                raise
            own.refuse(str(refusal))
            continue
        for each in found:
            findings.take_in(each.of_account(account.id) if several else each)
        behind = [name for name, state in states.items() if _is_pending(state)]
        pending += [f"{account.id}/{name}" if several else name for name in behind]
        days = max(days, _days_behind(states, client.clock.seen()))
    return Verification(
        accounts=[account.id for _, account in members],
        tables=[
            TableCheck(name, findings.compared[name], findings.of(name))
            for name in sorted(findings.compared)
        ],
        skipped=report.skipped,
        outcomes=report.outcomes,
        pending=pending,
        days=days,
        requests=report.traffic.requests,
        accounts_left=[name for name in accounts_in(source) if name not in report.accounts],
        sample=wanted.sample,
    )


def _checked(place: Place, states: dict[str, State], sample: int | None) -> Iterator[Findings]:
    """What the checks of an account's resources find."""
    rows = [CATALOG[name] for name in states]
    place.report.expect(states)
    told = _Told(place.client, rows, states)
    checks = [Check(row, place, states[row.name], told.changed(row)) for row in rows]
    with ThreadPoolExecutor(AT_ONCE) as threads:
        done = list(threads.map(lambda check: _run(check, sample), checks))
    yield from (found for found in done if found is not None)


def _states(source: State, account: Account, resources: str | list[str] | None) -> dict[str, State]:
    """What dlt's state has of each resource that is to be compared.

    Raises UsageError for an account that the dataset does not hold.
    """
    accounts = accounts_in(source)
    if account.id not in accounts or account.livemode != source["account"]["livemode"]:
        held = ", ".join(accounts[:3]) + (", ..." if len(accounts) > 3 else "")
        raise UsageError(
            f"the dataset holds {held}, the key belongs to {account.id}: give a key of these, or "
            "name them (--stripe-account, --accounts)"
        )
    every = source.get("resources", {})
    known = {
        name: every[name][account.id]
        for name in CATALOG
        if "created" in every.get(name, {}).get(account.id, {})
    }
    if resources is not None:
        wanted = [row.name for row in selection(resources)]
        if never := ", ".join(name for name in wanted if name not in known):
            raise UsageError(f"never synced: {never}")
        return {name: known[name] for name in wanted}
    if not known:
        raise UsageError("nothing has been synced but windows of time, which are not kept up")
    return known


class _Told:
    """What the events since the last sync tell of each resource."""

    def __init__(self, client: Client, rows: Sequence[Resource], states: dict[str, State]) -> None:
        now = client.clock.seen()
        self._states = states
        self._near = [
            row for row in rows if row.events and now - states[row.name]["updated"] <= REACH
        ]
        since = min([now, *(states[row.name]["updated"] for row in self._near)])
        clocks = any(state.get("clocks") for state in states.values())
        self._feed = Feed(client, types_of(self._near), lambda: since, clocks)

    def changed(self, row: Resource) -> Collection[str]:
        """The ids of objects that changed since; none where the events can't be had."""
        state = self._states[row.name]
        changes = pending_changes(state)
        if row in self._near:
            try:
                changes += self._feed.news(row, state["updated"], state["seen"]).changes
            except StripeSourceError as missing:
                log.warning("what changed since the last sync can't be told apart: %s", missing)
        return {change.id for change in changes}


def _run(check: Check, sample: int | None) -> Findings | None:
    """The check of one resource; None where it can't be read, which the report then says."""
    name, report = check.row.name, check.place.report
    try:
        if sample is None:
            check.whole()
        else:
            check.sample(sample)
    except PermissionDenied as denied:
        report.skip(name, str(denied), "denied")
    except NotEnabled as missing:
        report.skip(name, str(missing), "not enabled")
    except (UsageError, AccessError, DestinationError):
        raise  # of the key or the destination, and so of every resource
    except StripeSourceError as failure:
        report.skip(name, str(failure), "failed")
    else:
        report.at(name, 0)
        return check.findings
    return None


def _days_behind(states: dict[str, State], now: int) -> int:
    cursors: list[int] = [
        state["updated"] for name, state in states.items() if CATALOG[name].events
    ]
    return (now - min([now, *cursors])) // DAY


def _is_pending(state: State) -> bool:
    parts = (pending(state, "created"), pending(state, "relist"), pending_changes(state))
    return any(parts) or "refill" in state
