"""The account's own time: fixed unless advanced, or running with real time when asked."""

from __future__ import annotations

import time
from email.utils import formatdate


class Clock:
    """Virtual seconds since 1970; every ``created`` and the ``Date`` header come from here."""

    def __init__(self, start: int, *, ticking: bool = False) -> None:
        self._start = start
        self._ticking = ticking
        self._since = time.monotonic()

    @property
    def now(self) -> int:
        """The virtual time in whole seconds."""
        ran = time.monotonic() - self._since if self._ticking else 0.0
        return self._start + int(ran)

    def advance(self, seconds: int) -> int:
        """Move the time on and return it."""
        self._start += seconds
        return self.now

    def http_date(self) -> str:
        """The time as an HTTP ``Date`` header."""
        return formatdate(self.now, usegmt=True)
