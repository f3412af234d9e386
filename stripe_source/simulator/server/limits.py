"""Rate limits as token buckets, in real time, and the answers of what is over them."""

from __future__ import annotations

import time

from stripe_source.simulator.api.errors import rate_limited
from stripe_source.simulator.config import SimulatorConfig


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
    """The limits of one account; ``config`` may be changed while it serves."""

    def __init__(self, config: SimulatorConfig) -> None:
        self.config = config
        self.buckets: dict[str, Bucket] = {}

    def check(self, endpoint: str, in_flight: int) -> None:
        """Raise the 429 of the first limit that this request is over."""
        cap = self.config.max_concurrency
        if cap is not None and in_flight > cap:
            raise rate_limited("global-concurrency")
        if not self._take("", self.config.global_rate):
            raise rate_limited("global-rate")
        rate = self.config.endpoint_rates.get(endpoint, self.config.endpoint_rate)
        if not self._take(endpoint, rate):
            raise rate_limited("endpoint-rate")

    def _take(self, name: str, rate: float | None) -> bool:
        if rate is None:
            return True
        bucket = self.buckets.get(name)
        if bucket is None or bucket.rate != rate:
            bucket = self.buckets[name] = Bucket(rate)
        return bucket.take()
