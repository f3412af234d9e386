"""The report that the sources fill in which are made at the moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from stripe_source.report.report import Report

_current: ContextVar[Report | None] = ContextVar("report", default=None)


@contextmanager
def filling(report: Report) -> Iterator[None]:
    """Have the sources that are made in the block fill in this report, which is followed up.

    It is no argument of the source, for dlt would look for one in the user's environment.
    """
    report.followed = True
    token = _current.set(report)
    try:
        yield
    finally:
        _current.reset(token)


def current_report() -> Report:
    """The report to fill in, or a new one for a source that nobody watches."""
    return _current.get() or Report()
