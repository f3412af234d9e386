"""What the server saw: counters, and a log of the last requests without their keys."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from itertools import takewhile

from stripe_source.simulator.store.account import Account
from stripe_source.simulator.types import Json

DAY = 86400
ALLOCATION_DAYS = 30
READS_PER_TRANSACTION = 500
LEAST_READS = 10_000
"""Reads that Stripe allots (https://docs.stripe.com/rate-limits); told here and not enforced."""


@dataclass
class Stats:
    """Counters since the start, or since ``reset``."""

    log: deque[Json]
    requests: int = 0
    rows: int = 0
    by_path: Counter[str] = field(default_factory=Counter)
    by_status: Counter[int] = field(default_factory=Counter)
    by_reason: Counter[str] = field(default_factory=Counter)
    reads: Counter[int] = field(default_factory=Counter)
    """GETs by day of the virtual clock."""
    in_flight: int = 0
    peak_concurrency: int = 0

    @property
    def rate_limited(self) -> int:
        """How many requests got a 429."""
        return self.by_status[429]

    def enter(self, entry: Json, endpoint: str, now: int) -> None:
        """A request has come in, at a virtual time."""
        self.requests += 1
        self.by_path[endpoint] += 1
        self.reads[now // DAY] += entry["method"] == "GET"
        self.in_flight += 1
        self.peak_concurrency = max(self.peak_concurrency, self.in_flight)
        self.log.append(entry)

    def leave(self, status: int, rows: int, reason: str | None = None) -> None:
        """It has been answered; ``reason`` is which limit it was over."""
        self.in_flight -= 1
        self.by_status[status] += 1
        self.rows += rows
        if reason:
            self.by_reason[reason] += 1

    def reset(self) -> None:
        """Start counting anew."""
        self.requests = self.rows = self.peak_concurrency = 0
        self.by_path.clear()
        self.by_status.clear()
        self.by_reason.clear()
        self.reads.clear()
        self.log.clear()

    def as_json(self, account: Account) -> Json:
        """The counters and the log."""
        return {
            "requests": self.requests,
            "rows": self.rows,
            "rate_limited": self.rate_limited,
            "peak_concurrency": self.peak_concurrency,
            "by_path": dict(self.by_path),
            "by_status": {str(k): v for k, v in self.by_status.items()},
            "by_reason": dict(self.by_reason),
            "read_allocation": allocation(self.reads, account),
            "log": list(self.log),
        }


def allocation(reads: Counter[int], account: Account) -> Json:
    """Reads of the last 30 virtual days beside those that the account's charges allow."""
    now = account.clock.now
    used = sum(n for day, n in reads.items() if day > now // DAY - ALLOCATION_DAYS)
    since = now - ALLOCATION_DAYS * DAY
    newest = reversed(account.collection("/v1/charges").ordered.rows)
    charges = sum(1 for _ in takewhile(lambda row: row.created >= since, newest))
    allowed = max(LEAST_READS, READS_PER_TRANSACTION * charges)
    return {"days": ALLOCATION_DAYS, "used": used, "allowed": allowed, "transactions": charges}
