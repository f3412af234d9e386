"""What a destination says of its syncs: how far each resource has come, and what they cost.

Nothing is asked of Stripe. The state is the destination's own, as a sync would restore it; the
local working folder, which may be another machine's or a crashed run's, is not looked at.
"""

import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dlt
from dlt.common.destination import Destination
from dlt.destinations.impl.duckdb.configuration import DuckDbCredentials

from stripe_source.catalog import CATALOG, Resource
from stripe_source.destination import duckdb
from stripe_source.errors import UsageError
from stripe_source.extract.loaded import accounts_in
from stripe_source.extract.progress import Part, pending, pending_changes
from stripe_source.held import Held
from stripe_source.reading.usage import SYNCS
from stripe_source.tables.compare import Drift
from stripe_source.tables.layout import tables_of

MONTH = 30 * 86_400  # seconds, as in Stripe's read allowance
PARTS: dict[Part, str] = {"created": "new rows", "relist": "re-list", "window": "window"}


@dataclass(frozen=True)
class Relisted:
    """The last re-list that came to its end: when (Unix seconds), why, and what it found."""

    at: int
    why: str
    drift: dict[str, Drift]


@dataclass(frozen=True)
class ResourceStatus:
    """How far one resource has come, of all accounts. Times are Unix seconds by Stripe's clock.

    ``rows`` and ``deleted`` (tombstones) are None where the destination answers no SQL. Everything
    ``created`` before that time has been read, and every change before ``updated``, but for what is
    ``pending``; ``current`` is the time since when changes may be missing.
    """

    name: str
    rows: int | None
    deleted: int | None
    created: int | None
    updated: int | None
    current: int | None
    pending: list[str] = field(default_factory=list)
    relisted: Relisted | None = None

    def lag(self, now: float) -> int | None:
        """Seconds since the rows were last as Stripe has them."""
        return None if self.current is None else max(int(now) - self.current, 0)


@dataclass(frozen=True)
class Usage:
    """What the last syncs asked of Stripe, and a month of it; ``interval`` is in seconds."""

    requests_a_sync: float
    interval: float
    requests_a_month: int


@dataclass(frozen=True)
class Status:
    """Whose data a dataset holds, and how far it has come; of several accounts, the last one."""

    accounts: list[str]
    livemode: bool
    resources: list[ResourceStatus]
    usage: Usage | None


def read_status(destination: Destination[Any, Any], dataset: str, pipeline_name: str) -> Status:
    """The status of a pipeline, from its destination alone.

    Raises UsageError where there is no database, or nothing of this pipeline in the dataset.
    """
    with restored(destination, dataset, pipeline_name) as (copy, source):
        return _status(source, Held(copy, accounts_in(source)))


@contextmanager
def restored(
    destination: Destination[Any, Any], dataset: str, pipeline_name: str, *, writing: bool = False
) -> Iterator[tuple[dlt.Pipeline, dict[str, Any]]]:
    """A pipeline as the destination has it, in a working folder of its own, and our state in it.

    Raises UsageError where there is no database, or nothing of this pipeline in the dataset.
    """
    reading = _for_reading(destination)
    with tempfile.TemporaryDirectory() as folder:
        copy = dlt.pipeline(
            pipeline_name,
            pipelines_dir=folder,
            destination=destination if writing else reading,
            dataset_name=dataset,
        )
        try:
            copy.sync_destination()
            source = copy.state.get("sources", {}).get("stripe_source")
            if source is None or "account" not in source:
                raise UsageError(
                    f"the dataset '{dataset}' has nothing of a pipeline '{pipeline_name}'; "
                    "run 'stripe-source sync' first"
                )
            yield copy, source
        finally:
            copy.deactivate()


def usage_of(syncs: Sequence[Sequence[int]]) -> Usage | None:
    """A month at the pace of these syncs, [when it began, requests, whole] each.

    The requests of a sync are what the time since the one before costs: the first only begins the
    time, and those that listed something ``whole`` tell the pace alone. None where there is no pace
    yet.
    """
    ordinary = [requests for _, requests, whole in syncs[1:] if not whole]
    if not ordinary or syncs[-1][0] <= syncs[0][0]:
        return None
    requests = sum(ordinary) / len(ordinary)
    interval = (syncs[-1][0] - syncs[0][0]) / (len(syncs) - 1)
    return Usage(requests, interval, round(requests * MONTH / interval))


def _for_reading(destination: Destination[Any, Any]) -> Destination[Any, Any]:
    """A DuckDB file is opened for reading alone: others may read it, too, and none is made."""
    credentials = destination.config_params.get("credentials")
    if not isinstance(destination, duckdb) or not isinstance(credentials, str):
        return destination
    path = credentials.removeprefix("duckdb:///")
    if ":" in path:
        return destination
    if not Path(path).is_file():
        raise UsageError(f"there is no {Path(path).name} here; run 'stripe-source sync' first")
    return duckdb(DuckDbCredentials(path, read_only=True))


def _status(source: dict[str, Any], held: Held) -> Status:
    accounts = accounts_in(source)
    resources = []
    for name, row in CATALOG.items():
        known = source.get("resources", {}).get(name, {})
        states = [known[account] for account in accounts if account in known]
        if states:
            resources.append(_resource(row, states, held))
    livemode = source["account"]["livemode"]
    return Status(accounts, livemode, resources, usage_of(source.get(SYNCS, [])))


def _resource(row: Resource, states: Sequence[dict[str, Any]], held: Held) -> ResourceStatus:
    rows, deleted = held.count(tables_of(row)[0]) if held.readable else (None, None)
    updated = [state.get("updated") if row.events else None for state in states]
    created = [state.get("created", {}).get("read_to") for state in states]
    current = [_current(row, *each) for each in zip(states, updated, created, strict=True)]
    return ResourceStatus(
        row.name,
        rows,
        deleted,
        _least(created),
        _least(updated),
        _least(current),
        _of_all([_pending(state) for state in states]),
        max(filter(None, map(_relisted, states)), key=lambda last: last.at, default=None),
    )


def _least(times: Sequence[int | None]) -> int | None:
    """The earliest of them; None where one is not known."""
    known = [time for time in times if time is not None]
    return min(known) if len(known) == len(times) else None


def _of_all(pending: Sequence[list[str]]) -> list[str]:
    """What is pending; of several accounts, with how many of them it is."""
    if len(pending) == 1:
        return pending[0]
    counted = Counter(each for left in pending for each in left)
    return [f"{what} of {number:,} accounts" for what, number in counted.items()]


def _current(
    row: Resource, state: dict[str, Any], updated: int | None, created: int | None
) -> int | None:
    """Changes are seen by events, else when the list is read again; else there are none."""
    if row.events:
        return updated
    if row.relist in ("never", "new"):
        return created
    at: int | None = state.get("relisted", {}).get("at", state.get("updated"))
    return at


def _pending(state: dict[str, Any]) -> list[str]:
    found = []
    for part, words in PARTS.items():
        if pending(state, part) or (part == "relist" and "refill" in state):
            first = part == "created" and state["created"].get("backfill")
            found.append("backfill" if first else words)
    if changes := len(pending_changes(state)):
        found.append(f"{changes:,} changes")
    return found


def _relisted(state: dict[str, Any]) -> Relisted | None:
    last = state.get("relisted")
    if last is None:
        return None
    drift = {table: Drift(*numbers) for table, numbers in last["drift"].items()}
    return Relisted(last["at"], last["why"], drift)
