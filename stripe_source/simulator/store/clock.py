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
        self._held: int | None = None

    @property
    def now(self) -> int:
        """The virtual time in whole seconds."""
        if self._held is not None:
            return self._held
        ran = time.monotonic() - self._since if self._ticking else 0.0
        return self._start + int(ran)

    def move(self, seconds: int) -> None:
        """Move the time on, or back."""
        self._start += seconds

    def at(self, when: int) -> None:
        """Stand at a time while something that was due then is done; until ``release``."""
        self._held = when

    def release(self) -> None:
        """Go on where the clock really is."""
        self._held = None

    def http_date(self) -> str:
        """The time as an HTTP ``Date`` header."""
        return formatdate(self.now, usegmt=True)
