"""What the server saw: counters, and a log of the last requests without their keys."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field

from stripe_source.simulator.types import Json


@dataclass
class Stats:
    """Counters since the start, or since ``reset``."""

    log: deque[Json]
    requests: int = 0
    rows: int = 0
    by_path: Counter[str] = field(default_factory=Counter)
    by_status: Counter[int] = field(default_factory=Counter)
    in_flight: int = 0
    peak_concurrency: int = 0

    @property
    def rate_limited(self) -> int:
        """How many requests got a 429."""
        return self.by_status[429]

    def enter(self, entry: Json, endpoint: str) -> None:
        """A request has come in."""
        self.requests += 1
        self.by_path[endpoint] += 1
        self.in_flight += 1
        self.peak_concurrency = max(self.peak_concurrency, self.in_flight)
        self.log.append(entry)

    def leave(self, status: int, rows: int) -> None:
        """It has been answered."""
        self.in_flight -= 1
        self.by_status[status] += 1
        self.rows += rows

    def reset(self) -> None:
        """Start counting anew."""
        self.requests = self.rows = self.peak_concurrency = 0
        self.by_path.clear()
        self.by_status.clear()
        self.log.clear()

    def as_json(self) -> Json:
        """The counters and the log."""
        return {
            "requests": self.requests,
            "rows": self.rows,
            "rate_limited": self.rate_limited,
            "peak_concurrency": self.peak_concurrency,
            "by_path": dict(self.by_path),
            "by_status": {str(k): v for k, v in self.by_status.items()},
            "log": list(self.log),
        }
