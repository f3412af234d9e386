"""What goes over the wire, counted, beside what Stripe's limits allow."""

import threading
from dataclasses import dataclass, field

from stripe_source.api.limiter import Limits


@dataclass
class Traffic:
    """What has gone over the wire so far; safe for threads.

    ``limited`` are answers that said 429, ``waited`` the seconds that requests stood in line for a
    limit, all threads together. ``least`` are the seconds in which the limits would have let all of
    the requests through.
    """

    requests: int = 0
    limited: int = 0
    retried: int = 0
    waited: float = 0.0
    _least: dict[str, float] = field(default_factory=dict, repr=False)  # by endpoint, "" is all
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def least(self) -> float:
        """Seconds, by the limit that is the narrowest for these requests."""
        with self._lock:
            return max(self._least.values(), default=0.0)

    def sent(self, endpoint: str, limits: Limits) -> None:
        """Count a request."""
        with self._lock:
            self.requests += 1
            for name, limit in (("", limits.account), (endpoint, limits.of(endpoint))):
                self._least[name] = self._least.get(name, 0.0) + 1 / limit

    def add(self, limited: int = 0, retried: int = 0, waited: float = 0.0) -> None:
        """Count what became of them."""
        with self._lock:
            self.limited += limited
            self.retried += retried
            self.waited += waited
