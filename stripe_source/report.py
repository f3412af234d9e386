"""What a sync has done so far: the numbers behind progress bar, summary and exit code."""

import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Literal

from stripe_source.api.account import Account, read_account
from stripe_source.api.client import Client, Connection, Traffic
from stripe_source.api.clock import StripeClock
from stripe_source.tables.ahead import Ahead, Room
from stripe_source.tables.compare import Drift
from stripe_source.tables.oddities import Oddities

ASK_AGAIN = 1_800.0  # seconds


@dataclass(frozen=True)
class Known:
    """An account as Stripe told it, the clock that this set, and when (by this machine's)."""

    account: Account
    clock: StripeClock
    asked_at: float


@dataclass(frozen=True)
class Speed:
    """Rows and requests a second, and what share that is of what Stripe's limits allow.

    The limit that counts is the narrowest for what was asked: the account's, or an endpoint's.
    """

    rows: float
    requests: float
    limit_share: float


Accounts = dict[Connection, Known]
Outcome = Literal["denied", "not enabled", "failed"]


@dataclass
class Report:
    """Counters of one sync, shared by all its resources and runs; safe for threads.

    ``skipped`` holds what was left out and why, ``outcomes`` how: denied to the key, a feature that
    is not enabled, or failed. ``runs`` counts the packages that are done; where it is ``followed``,
    there are as many as it takes until nothing is ``pending``. ``uncommitted`` is the
    local state of the last package before, of which rows may have been loaded though the
    destination does not say so. ``listed`` are the ids that a re-list under way has met.
    ``whole`` says that a list was read for the first time, or again, out of turn: what that takes
    says nothing of other syncs. ``relisted`` has why resources were listed whole, out of turn, and
    ``drift`` what that found, by table, also where it was nothing. ``began`` is when it began, in
    seconds by Stripe's clock. ``watching`` says that it is one of syncs that follow on each other
    closely, and ``accounts`` whose the keys are that were asked about. ``clients`` are open, and
    ``ahead`` has the lists that are read while others are loaded, by resource and part, in the
    ``room`` that there is. ``loading`` are the seconds that the last package took to load.
    """

    rows: Counter[str] = field(default_factory=Counter)
    skipped: dict[str, str] = field(default_factory=dict)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    runs: int = 0
    followed: bool = False
    traffic: Traffic = field(default_factory=Traffic)
    oddities: Oddities = field(default_factory=Oddities)
    pending: set[str] = field(default_factory=set)
    listed: dict[str, set[str]] = field(default_factory=dict)
    uncommitted: dict[str, Any] = field(default_factory=dict)
    relisted: dict[str, str] = field(default_factory=dict)
    drift: dict[str, Drift] = field(default_factory=dict)
    began: int | None = None
    whole: bool = False
    watching: bool = False
    accounts: Accounts = field(default_factory=dict, repr=False)
    clients: dict[Connection, Client] = field(default_factory=dict, repr=False)
    loading: float = 0.0
    ahead: dict[tuple[str, str], Ahead] = field(default_factory=dict, repr=False)
    room: Room = field(default_factory=Room, repr=False)
    started: float = field(default_factory=time.monotonic)
    _left: dict[str, tuple[int, int]] = field(default_factory=dict)  # now, and at most
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def add(self, table: str, rows: int) -> None:
        """Count rows that were read for a table."""
        with self.lock:
            self.rows[table] += rows

    def note_drift(self, table: str, missing: int, stale: int, gone: int) -> None:
        """Count rows that were not as Stripe has them."""
        with self.lock:
            self.drift[table] = self.drift.get(table, Drift()) + Drift(missing, stale, gone)

    def account(self, client: Client, account_id: str | None) -> Account:
        """The account of the client's key, which Stripe is asked for every half an hour.

        The answer sets the client's clock. Without a new one the client goes on with the clock
        that the last one set, which is behind Stripe's by the time since it was last answered.
        """
        known = self.accounts.get(client.connection)
        if known is None or abs(time.time() - known.asked_at) > ASK_AGAIN:
            known = Known(read_account(client, account_id), client.clock, time.time())
            self.accounts[client.connection] = known
        client.clock = known.clock
        return known.account

    def client(self, connection: Connection) -> Client:
        """The client of a connection, the same one for all runs of the sync."""
        with self.lock:
            if connection not in self.clients:
                self.clients[connection] = Client(connection, self.traffic)
            return self.clients[connection]

    def stop_reading(self, resource: str) -> None:
        """Read none of its lists ahead any more."""
        with self.lock:
            keys = [key for key in self.ahead if key[0] == resource]
            stopped = [self.ahead.pop(key) for key in keys]
        for each in stopped:
            each.stop()

    def close(self) -> None:
        """Close the clients, each once, and read nothing ahead any more."""
        with self.lock:
            clients, self.clients = list(self.clients.values()), {}
            ahead = list(self.ahead.values())
        for client in clients:
            client.close()
        for each in ahead:
            each.stop()
        self.room.maker.shutdown(wait=False)

    def expect(self, resources: Iterable[str]) -> None:
        """Note which resources are to be read."""
        with self.lock:
            for resource in resources:
                self._left.setdefault(resource, (1, 1))

    def at(self, resource: str, left: int) -> None:
        """Note how much of a resource is still to be read, in seconds of its time span."""
        with self.lock:
            most = max(left, self._left.get(resource, (0, 1))[1])
            self._left[resource] = (left, most)

    def skip(self, resource: str, why: str, outcome: Outcome) -> None:
        """Note a resource that was left out."""
        with self.lock:
            self.skipped[resource] = why
            self._left[resource] = (0, 1)
            self.pending.discard(resource)  # or a sync would ask again and again
            self.outcomes[resource] = outcome

    @property
    def share(self) -> float:
        """How far the reading is, from 0 to 1, by the time spans covered."""
        with self.lock:
            parts = [1 - left / most for left, most in self._left.values()]
        return sum(parts) / len(parts) if parts else 0.0

    @property
    def seconds(self) -> float:
        """Seconds since the sync began."""
        return time.monotonic() - self.started

    @property
    def speed(self) -> Speed:
        """How fast it has been so far, over all."""
        seconds = max(self.seconds, 0.001)
        return Speed(
            rows=sum(self.rows.values()) / seconds,
            requests=self.traffic.requests / seconds,
            limit_share=self.traffic.least / seconds,
        )


_current: ContextVar[Report | None] = ContextVar("report", default=None)


@contextmanager
def filling(report: Report) -> Iterator[None]:
    """Have the sources that are made in the block fill in this report, which is followed up.

    It is no argument of the source, for dlt would look for one in the user's environment.
    """
    report.followed = True
    token = _current.set(report)
    try:
        yield
    finally:
        _current.reset(token)


def current_report() -> Report:
    """The report to fill in, or a new one for a source that nobody watches."""
    return _current.get() or Report()
