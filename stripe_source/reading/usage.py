"""Keeps in dlt's state what the last syncs asked of Stripe: `status` projects a month from it."""

import dlt

from stripe_source.api.clock import StripeClock
from stripe_source.report import Report

SYNCS = "syncs"  # in the state of the source: [[when it began, requests, whole], ...]
KEPT = 10


def note_requests(report: Report, clock: StripeClock) -> None:
    """Note how many requests this sync has made so far; a sync of several runs is one entry.

    Every resource calls it at its end, so that what the last one notes is the sum of the run.
    """
    state = dlt.current.source_state()
    with report.lock:
        syncs = state.setdefault(SYNCS, [])
        if report.began is None or not syncs or syncs[-1][0] != report.began:
            report.began = clock.seen()
            syncs.append([report.began, 0, False])
            del syncs[:-KEPT]
        syncs[-1][1:] = [report.traffic.requests, report.whole]
