"""Keeps requests under Stripe's rate limits, for the account and for each endpoint.

Limits by https://docs.stripe.com/rate-limits: 100 requests a second in live mode and 25 in a
sandbox, 25 for an endpoint, and 20 for all searches together. Requests are spaced evenly; a 429
slows the pace that Stripe names in ``Stripe-Rate-Limited-Reason``, and every good answer brings it
a step back towards the limit.
"""

import threading
import time
from dataclasses import dataclass

LIVE_RATE = 100.0
SANDBOX_RATE = 25.0
ENDPOINT_RATE = 25.0
SEARCH_RATE = 20.0
SEARCH = "search"  # all searches are one endpoint

SLOWER = 0.7  # what a 429 leaves of the pace
FASTER = 0.02  # what a good answer adds, as a share of the limit
FLOOR = 0.5  # requests a second: the slowest pace
REST = 1.0  # seconds of silence after a 429; more 429s within them say nothing new


@dataclass(frozen=True)
class Limits:
    """Requests a second, for the account, for each endpoint and for all searches."""

    account: float
    endpoint: float = ENDPOINT_RATE
    search: float = SEARCH_RATE

    def of(self, endpoint: str) -> float:
        """The limit of an endpoint by itself."""
        return self.search if endpoint == SEARCH else self.endpoint


def limits_for(livemode: bool) -> Limits:
    """Stripe's published limits for this kind of key."""
    return Limits(LIVE_RATE if livemode else SANDBOX_RATE)


class Pace:
    """Evenly spaced turns at a rate that can fall and recover. Safe for threads."""

    def __init__(self, limit: float) -> None:
        self.limit = limit
        self.rate = limit
        self._next = 0.0
        self._rested = 0.0
        self._lock = threading.Lock()

    def turn(self) -> float:
        """Book the next turn and return the seconds until it."""
        with self._lock:
            now = time.monotonic()
            at = max(now, self._next)
            self._next = at + 1 / self.rate
            return at - now

    def slow(self) -> None:
        """Slow down after a 429, once for all that arrive together."""
        with self._lock:
            now = time.monotonic()
            if now < self._rested:
                return
            self.rate = max(self.rate * SLOWER, min(self.rate, FLOOR))
            self._rested = now + REST
            self._next = max(self._next, self._rested)

    def recover(self) -> None:
        """One step back towards the limit."""
        if self.rate < self.limit:
            with self._lock:
                self.rate = min(self.rate + self.limit * FASTER, self.limit)


class Limiter:
    """The account's pace and one for each endpoint."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._account = Pace(limits.account)
        self._endpoints: dict[str, Pace] = {}
        self._lock = threading.Lock()

    def wait(self, endpoint: str) -> float:
        """Block until this endpoint may be asked; returns the seconds that it took.

        The account's turn is booked only when the endpoint's has come, so that a crowd in front of
        one endpoint doesn't hold up the others.
        """
        waited = 0.0
        for pace in (self._endpoint(endpoint), self._account):
            seconds = pace.turn()
            if seconds > 0:
                time.sleep(seconds)
                waited += seconds
        return waited

    def limited(self, endpoint: str, reason: str | None) -> None:
        """Note a 429 with its ``Stripe-Rate-Limited-Reason``."""
        whole_account = reason is not None and reason.startswith("global")
        (self._account if whole_account else self._endpoint(endpoint)).slow()

    def served(self, endpoint: str) -> None:
        """Note a good answer."""
        self._endpoint(endpoint).recover()
        self._account.recover()

    def _endpoint(self, endpoint: str) -> Pace:
        with self._lock:
            if endpoint not in self._endpoints:
                self._endpoints[endpoint] = Pace(self.limits.of(endpoint))
            return self._endpoints[endpoint]
