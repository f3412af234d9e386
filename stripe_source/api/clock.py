"""Stripe's clock, read from the Date header of its answers."""

import threading
import time
from email.utils import parsedate_to_datetime


class StripeClock:
    """Tells Stripe's time in two ways: never ahead of it for cursors, never back for versions.

    The header has whole seconds and is stamped before the answer travels, so a single answer's time
    is late by up to a second and the latency; the best estimate is the latest that any answer gave.
    Between answers the monotonic clock counts, which nobody can set back.
    """

    def __init__(self) -> None:
        self._seen: int | None = None
        self._offset = time.time() - time.monotonic()  # what to add to the monotonic clock
        self._least = float("-inf")
        self._lock = threading.Lock()

    def observe(self, date_header: str | None) -> None:
        """Set the clock by one answer; a missing or malformed header changes nothing."""
        try:
            stripe = parsedate_to_datetime(date_header or "").timestamp()
        except ValueError:
            return
        offset = stripe - time.monotonic()
        with self._lock:
            self._offset = offset if self._seen is None else max(self._offset, offset)
            self._seen = max(self._seen or 0, int(stripe))

    def not_before(self, stamp: float) -> None:
        """Go on behind a stamp of an earlier sync, so that what is read now counts as newer."""
        with self._lock:
            self._least = max(self._least, stamp - time.monotonic())

    def seen(self) -> int:
        """The latest second that an answer named; the local clock's before any answer."""
        return int(time.time()) if self._seen is None else self._seen

    def stamp(self) -> float:
        """Seconds since 1970 for what is asked for now: later than every stamp before it."""
        return time.monotonic() + max(self._offset, self._least)
