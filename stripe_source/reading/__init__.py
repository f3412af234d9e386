"""Reads what is due of one resource, batch by batch, and keeps count of it in dlt's state."""

import logging
from collections.abc import Iterable, Iterator
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
from stripe_source.reading.listing import listed
from stripe_source.reading.reading import Reading, Settings
from stripe_source.reading.usage import note_requests
from stripe_source.reading.work import Work, begin_work
from stripe_source.report import Outcome
from stripe_source.tables.ahead import Tables

log = logging.getLogger("stripe_source")

__all__ = ["Reading", "Settings", "batches", "versions"]


def batches(row: Resource, reading: Reading) -> Iterator[Tables]:
    """Read what is due of one resource; yields each batch as its tables."""
    yield from _guarded(row, reading, _read(begin_work(row, reading)))


def versions(reading: Reading) -> Iterator[Tables]:
    """Read the events that tell versions; yields each batch as history tables."""
    kept = [row for row in reading.rows if row.histories]
    work = begin_work(EVENTS_OF_HISTORY, reading)
    yield from _guarded(EVENTS_OF_HISTORY, reading, History(work, kept).batches())


def _guarded(row: Resource, reading: Reading, read: Iterator[Tables]) -> Iterator[Tables]:
    """What is read; a failure leaves out this resource, and no other."""
    try:
        yield from read
    except PermissionDenied as denied:
        _give_up(row, reading, denied, "denied")
    except NotEnabled as missing:
        _give_up(row, reading, missing, "not enabled")
    except (UsageError, AccessError):
        raise  # of the call or the key, and so of every resource
    except StripeSourceError as failure:
        if not reading.report.followed:
            raise  # a plain dlt run has nobody who would look at the report
        _give_up(row, reading, failure, "failed")
    note_requests(reading.report, reading.client.clock)


def _empty_once(batches: Iterable[Tables]) -> Iterator[Tables]:
    """The batches, in which tables without rows come once a run, to be made where they are not.

    dlt takes as long to look at one as at a full one.
    """
    met: set[str] = set()
    for tables in batches:
        yield {name: rows for name, rows in tables.items() if rows.num_rows or name not in met}
        met |= tables.keys()


def _give_up(row: Resource, reading: Reading, why: StripeSourceError, outcome: Outcome) -> None:
    """Read nothing more of it, nor what the run before has left on the way."""
    reading.report.stop_reading(row.name)
    _leave_out(row, reading, why, outcome)


def _leave_out(row: Resource, reading: Reading, why: StripeSourceError, outcome: Outcome) -> None:
    reading.report.skip(row.name, str(why), outcome)
    log.warning("%s is left out (%s): %s", row.name, outcome, why)


def _read(work: Work) -> Iterator[Tables]:
    """Changes first, then what is listed: an object that changed is in the destination already."""
    work.reading.mask_held()
    work.reading.note_emptied()
    bounds = work.reading.settings.bounds
    if work.needs_columns():
        yield work.tables([])
    follows = work.reading.report.runs == 0 and begin(work.row, work.state, work.circumstances())
    work.note_pending()
    parts: tuple[Part, ...] = ("window",) if bounds.end is not None else ("created", "relist")
    lists = (listed(work, part) for part in parts)
    yield from _empty_once(chain(changed(work, follows=follows), chain.from_iterable(lists)))
    if work.refused:
        why = f"{len(work.refused)} changed objects can't be read, and wait: {work.refused[0]}"
        _leave_out(work.row, work.reading, StripeSourceError(why), "failed")
    work.note_pending()
