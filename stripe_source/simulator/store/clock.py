"""The account's own time: fixed unless advanced, or running with real time when asked."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate


class Clock:
    """Virtual seconds since 1970; every ``created`` and the ``Date`` header come from here."""

    def __init__(self, start: int, *, ticking: bool = False) -> None:
        self._start = start
        self._ticking = ticking
        self._since = time.monotonic()
        self._held: int | None = None
        self._outside: int | None = None

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

    @property
    def outside(self) -> int:
        """The account's own time, also while things happen on a test clock."""
        return self.now if self._outside is None else self._outside

    def at(self, when: int) -> None:
        """Stand at a time, until a block of ``standing`` ends."""
        self._held = when

    @contextmanager
    def standing(self) -> Iterator[None]:
        """Times set by ``at`` inside the block end with it."""
        before = self._held
        try:
            yield
        finally:
            self._held = before

    @contextmanager
    def elsewhere(self, when: int) -> Iterator[None]:
        """Stand at the time of a test clock, while the account's own time stays where it is."""
        self._outside = self.now
        try:
            with self.standing():
                self.at(when)
                yield
        finally:
            self._outside = None

    def http_date(self) -> str:
        """The time as an HTTP ``Date`` header."""
        return formatdate(self.now, usegmt=True)
