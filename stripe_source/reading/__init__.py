"""Reads what is due of one resource, batch by batch, and keeps count of it in dlt's state."""

import logging
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain

from stripe_source.catalog import Resource
from stripe_source.errors import (
    AccessError,
    NotEnabled,
    PermissionDenied,
    StripeSourceError,
    UsageError,
)
from stripe_source.extract.plan import begin
from stripe_source.extract.progress import Part
from stripe_source.reading.changing import changed
from stripe_source.reading.history import EVENTS_OF_HISTORY, History
from stripe_source.reading.limited import limited
from stripe_source.reading.listing import listed
from stripe_source.reading.place import Place
from stripe_source.reading.reading import Reading, Settings
from stripe_source.reading.together import together
from stripe_source.reading.usage import note_requests
from stripe_source.reading.work import Work, begin_work
from stripe_source.report import Outcome
from stripe_source.tables.maker import Tables

log = logging.getLogger("stripe_source")

__all__ = ["Place", "Reading", "Settings", "batches", "versions"]


def batches(row: Resource, readings: Sequence[Reading], name: str) -> Iterator[Tables]:
    """Read what is due of one resource, of all accounts; yields each batch as its tables.

    ``name`` is that of dlt's resource which does.
    """
    due = [reading for reading in readings if row in reading.rows]
    found = _empty_once(_of_all(row, due, _read))
    yield from limited(name, found, several=len(readings) > 1)


def versions(readings: Sequence[Reading], name: str) -> Iterator[Tables]:
    """Read the events that tell versions; yields each batch as history tables."""
    due = [each for each in readings if any(row.histories for row in each.rows)]
    found = _of_all(EVENTS_OF_HISTORY, due, _versions)
    yield from limited(name, found, several=len(readings) > 1)


def _of_all(
    row: Resource, readings: Sequence[Reading], read: Callable[[Work], Iterator[Tables]]
) -> Generator[Tables, None, None]:
    """What all accounts have; a single one is read in the thread that asks."""
    reads = [partial(_guarded, row, each, read) for each in readings]
    return reads[0]() if len(reads) == 1 else together(reads, readings[0].sync)


def _guarded(
    row: Resource, reading: Reading, read: Callable[[Work], Iterator[Tables]]
) -> Generator[Tables, None, None]:
    """What is read; a failure leaves out this resource, and no other."""
    reading.begin_load()
    if reading.report.refused is not None or reading.client.is_closed:
        return
    try:
        yield from read(begin_work(row, reading))
    except PermissionDenied as denied:
        _give_up(row, reading, denied, "denied")
    except NotEnabled as missing:
        _give_up(row, reading, missing, "not enabled")
    except UsageError:
        raise  # of the call, and so of all that is to be read
    except AccessError as refusal:
        if not reading.settings.several:
            raise  # of the key, and so of every resource
        _give_up_account(reading, refusal)
    except StripeSourceError as failure:
        if reading.report.refused is not None:
            return  # the account was given up, and with it what is read of it elsewhere
        if not reading.sync.followed:
            raise  # a plain dlt run has nobody who would look at the report
        _give_up(row, reading, failure, "failed")
    note_requests(reading.sync, reading.client.clock)


def _empty_once(batches: Iterable[Tables]) -> Generator[Tables, None, None]:
    """The batches, in which tables without rows come once a run, to be made where they are not.

    dlt takes as long to look at one as at a full one.
    """
    met: set[str] = set()
    for tables in batches:
        yield {name: rows for name, rows in tables.items() if rows.num_rows or name not in met}
        met |= tables.keys()


def _give_up(row: Resource, reading: Reading, why: StripeSourceError, outcome: Outcome) -> None:
    """Read nothing more of it, nor what the run before has left on the way."""
    reading.report.stop(row.name)
    _leave_out(row, reading, why, outcome)


def _leave_out(row: Resource, reading: Reading, why: StripeSourceError, outcome: Outcome) -> None:
    reading.report.skip(row.name, str(why), outcome)
    log.warning("%s is left out (%s): %s", row.name, outcome, why)


def _give_up_account(reading: Reading, why: AccessError) -> None:
    """Read nothing more of an account; the others are."""
    if reading.report.refused is None:
        log.warning("%s is left out: %s", reading.account.id, why)
    reading.report.refuse(str(why))


def _versions(work: Work) -> Iterator[Tables]:
    return History(work, [row for row in work.reading.rows if row.histories]).batches()


def _read(work: Work) -> Iterator[Tables]:
    """Changes first, then what is listed: an object that changed is in the destination already."""
    work.reading.place.prepare()
    bounds = work.reading.settings.bounds
    if work.needs_columns():
        yield work.tables([])
    follows = work.reading.report.runs == 0 and begin(work.row, work.state, work.circumstances())
    work.note_pending()
    parts: tuple[Part, ...] = ("window",) if bounds.end is not None else ("created", "relist")
    lists = (listed(work, part) for part in parts)
    yield from chain(changed(work, follows=follows), chain.from_iterable(lists))
    if work.refused:
        why = f"{len(work.refused)} changed objects can't be read, and wait: {work.refused[0]}"
        _leave_out(work.row, work.reading, StripeSourceError(why), "failed")
    work.note_pending()
