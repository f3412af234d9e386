"""Rate limits as token buckets in real time, caps on concurrency, and the answers of what is over.

Stripe's documented limits (https://docs.stripe.com/rate-limits) are the presets of
``SimulatorConfig(limits=...)``. Where several limits could refuse, the first of these does:
concurrency, the account's rate, the endpoint's, the object's.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from stripe_source.simulator.api.errors import ApiError, rate_limited
from stripe_source.simulator.config import SimulatorConfig

REASONS = (
    "global-rate",
    "endpoint-rate",
    "global-concurrency",
    "endpoint-concurrency",
    "resource-specific",
)
"""What ``Stripe-Rate-Limited-Reason`` may say."""


class Bucket:
    """``rate`` tokens a second, a second's worth at most."""

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self.tokens = max(rate, 1.0)
        self.at = time.monotonic()

    def take(self) -> bool:
        """Whether a token was there."""
        now = time.monotonic()
        full = max(self.rate, 1.0)
        self.tokens = min(full, self.tokens + (now - self.at) * self.rate)
        self.at = now
        if self.tokens < 1.0:
            return False
        self.tokens -= 1.0
        return True


class Limits:
    """The buckets of one account; ``config`` may be changed while it serves."""

    def __init__(self, config: SimulatorConfig) -> None:
        self.config = config
        self.buckets: dict[str, Bucket] = {}
        self.running: Counter[str] = Counter()

    @contextmanager
    def admitted(self, endpoint: str, written: str | None = None) -> Iterator[None]:
        """Hold a place while a request runs, or raise the 429 of the first limit that it is over.

        ``written`` is the path of the one object that it would change.
        """
        self._check_concurrency(endpoint)
        self._check_rates(endpoint, written)
        self.running[""] += 1
        self.running[endpoint] += 1
        try:
            yield
        finally:
            self.running[""] -= 1
            self.running[endpoint] -= 1

    def _check_concurrency(self, endpoint: str) -> None:
        caps = self.config.max_concurrency, self.config.endpoint_concurrency
        if caps[0] is not None and self.running[""] >= caps[0]:
            raise self._refused("global-concurrency")
        if caps[1] is not None and self.running[endpoint] >= caps[1]:
            raise self._refused("endpoint-concurrency")

    def _check_rates(self, endpoint: str, written: str | None) -> None:
        if not self._take("", self.config.global_rate):
            raise self._refused("global-rate")
        if not self._take(*self._limiter(endpoint)):
            raise self._refused("endpoint-rate")
        if written and not self._take(written, self.config.resource_rate):
            raise self._refused("resource-specific")

    def _limiter(self, endpoint: str) -> tuple[str, float | None]:
        """A bucket's name and rate: all searches share one, and so do all requests for files."""
        if endpoint in self.config.endpoint_rates:
            return endpoint, self.config.endpoint_rates[endpoint]
        if endpoint.endswith("/search"):
            return "search", self.config.search_rate
        if endpoint.startswith("/v1/files"):
            return "files", self.config.files_rate
        return endpoint, self.config.endpoint_rate

    def _take(self, name: str, rate: float | None) -> bool:
        if rate is None:
            return True
        bucket = self.buckets.get(name)
        if bucket is None or bucket.rate != rate:
            bucket = self.buckets[name] = Bucket(rate)
        return bucket.take()

    def _refused(self, reason: str) -> ApiError:
        error = rate_limited(reason)
        if self.config.retry_after is not None:
            error.headers["Retry-After"] = f"{self.config.retry_after:g}"
        return error
