"""The customers that are known without search, which finds what was written a minute late."""

import threading
from collections import defaultdict

from stripe_source.actions.outcome import Json
from stripe_source.actions.properties import flat


class Known:
    """Ids of customers by the values that they had when they were last seen; safe for threads.

    ``complete`` says that all customers of the account have been listed, and ``listed_at`` when the
    newest were, by Stripe's clock.
    """

    def __init__(self) -> None:
        self.complete = False
        self.listed_at: float | None = None
        self._ids: dict[tuple[str, str], set[str]] = defaultdict(set)
        self.lock = threading.RLock()

    def add(self, customer: Json) -> None:
        """Note a customer as it is now."""
        with self.lock:
            for path, value in flat(customer).items():
                if value is not None:
                    self._ids[path, str(value)].add(str(customer["id"]))

    def having(self, path: str, value: str) -> set[str]:
        """The ids of those that had the value, and may have it no longer."""
        with self.lock:
            return set(self._ids.get((path, value), ()))
