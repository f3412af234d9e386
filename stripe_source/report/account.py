"""What a sync has done of one account: what was left out, and what is still to be read."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from stripe_source.tables.ahead import Ahead

Outcome = Literal["denied", "not enabled", "failed"]


@dataclass
class AccountReport:
    """Where one account stands in a sync, shared by its resources and runs; safe for threads.

    ``skipped`` holds what was left out and why, ``outcomes`` how: denied to the key, a feature that
    is not enabled, or failed. ``refused`` says why Stripe lets nobody at the account at all.
    ``runs`` counts the packages that it has had a part in; where the sync is followed, there are as
    many as it takes until nothing is ``pending``. ``listed`` are the ids that a re-list under way
    has met, ``relisted`` has why resources were listed whole, out of turn. ``ahead`` has the lists
    that are read while others are loaded, by resource and part.
    """

    skipped: dict[str, str] = field(default_factory=dict)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    refused: str | None = None
    runs: int = 0
    pending: set[str] = field(default_factory=set)
    listed: dict[str, set[str]] = field(default_factory=dict)
    relisted: dict[str, str] = field(default_factory=dict)
    ahead: dict[tuple[str, str], Ahead] = field(default_factory=dict, repr=False)
    _left: dict[str, tuple[int, int]] = field(default_factory=dict)  # now, and at most
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def expect(self, resources: Iterable[str]) -> None:
        """Note which resources are to be read."""
        with self._lock:
            for resource in resources:
                self._left.setdefault(resource, (1, 1))

    def at(self, resource: str, left: int) -> None:
        """Note how much of a resource is still to be read, in seconds of its time span."""
        with self._lock:
            most = max(left, self._left.get(resource, (0, 1))[1])
            self._left[resource] = (left, most)

    def skip(self, resource: str, why: str, outcome: Outcome) -> None:
        """Note a resource that was left out."""
        with self._lock:
            self.skipped[resource] = why
            self._left[resource] = (0, 1)
            self.pending.discard(resource)  # or a sync would ask again and again
            self.outcomes[resource] = outcome

    def refuse(self, why: str) -> None:
        """Note that nothing of the account can be read, and read nothing more."""
        with self._lock:
            self.refused = why
            self._left = dict.fromkeys(self._left, (0, 1))
            self.pending.clear()
        self.stop()

    def stop(self, resource: str | None = None) -> None:
        """Read none of its lists ahead any more, or none of one resource."""
        with self._lock:
            keys = [key for key in self.ahead if resource in (None, key[0])]
            stopped = [self.ahead.pop(key) for key in keys]
        for each in stopped:
            each.stop()

    @property
    def is_due(self) -> bool:
        """Whether a sync has something to read of it."""
        return self.refused is None and (not self.runs or bool(self.pending))

    @property
    def share(self) -> float:
        """How far the reading is, from 0 to 1, by the time spans covered."""
        if self.refused is not None:
            return 1.0
        with self._lock:
            parts = [1 - left / most for left, most in self._left.values()]
        return sum(parts) / len(parts) if parts else 0.0
