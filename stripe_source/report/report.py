"""A sync as a whole: what it counts over all accounts, and whose turn it is."""

import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from weakref import WeakSet

from stripe_source.api.account import Account
from stripe_source.api.client import Client, Connection
from stripe_source.api.clock import StripeClock
from stripe_source.api.traffic import Traffic
from stripe_source.errors import StripeSourceError
from stripe_source.report.account import AccountReport, Outcome
from stripe_source.tables.ahead import Room
from stripe_source.tables.compare import Drift
from stripe_source.tables.masking import Asked
from stripe_source.tables.oddities import Oddities

# Accounts that are read in one run: twice as many each time until it takes LONG seconds, then half
# as many, for a crash costs one run, and a run costs dlt some seconds, whatever is in it.
FIRST_TURN = 50
LEAST_TURN = 12
LONG = 40.0


class Stoppable(Protocol):
    """What reads in threads of its own."""

    def stop(self, why: BaseException | None = None) -> None:
        """Read nothing more, for what another has raised."""


@dataclass(frozen=True)
class Known:
    """Accounts that a key reads, as Stripe told them, the clock that this set, and when it did.

    ``own`` says that the first is the key's. ``refused`` has why others can't be read. ``asked_at``
    is by this machine's clock.
    """

    accounts: Sequence[Account]
    own: bool
    refused: Mapping[str, StripeSourceError]
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


@dataclass
class Report:
    """Counters of one sync, shared by all its accounts, resources and runs; safe for threads.

    ``accounts`` has what is known of each. ``runs`` counts the packages that are done; where the
    sync is ``followed``, there are as many as it takes until nothing is left. ``uncommitted`` is
    the local state of the last package before, of which rows may have been loaded though the
    destination does not say so. ``whole`` says that a list was read for the first time, or again,
    out of turn: what that takes says nothing of other syncs. ``drift`` has what re-lists out of
    turn found, by table, also where it was nothing. ``began`` is when it began, in seconds by
    Stripe's clock. ``watching`` says that it is one of syncs that follow on each other closely,
    ``asked`` what is masked, and ``known`` whose the keys are that were asked about. ``clients``
    are open, ``gathered`` is what reads of several accounts at once, and what waits to be loaded
    has its ``room``. ``loading`` are the seconds that the last package took to load.
    """

    rows: Counter[str] = field(default_factory=Counter)
    accounts: dict[str, AccountReport] = field(default_factory=dict)
    runs: int = 0
    followed: bool = False
    traffic: Traffic = field(default_factory=Traffic)
    oddities: Oddities = field(default_factory=Oddities)
    uncommitted: dict[str, Any] = field(default_factory=dict)
    drift: dict[str, Drift] = field(default_factory=dict)
    began: int | None = None
    whole: bool = False
    watching: bool = False
    asked: Asked = field(default_factory=Asked)
    known: dict[Any, Known] = field(default_factory=dict, repr=False)
    clients: dict[Connection, Client] = field(default_factory=dict, repr=False)
    loading: float = 0.0
    room: Room = field(default_factory=Room, repr=False)
    started: float = field(default_factory=time.monotonic)
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    gathered: "WeakSet[Stoppable]" = field(default_factory=WeakSet, repr=False)
    _acting: dict[tuple[Connection, str], Client] = field(default_factory=dict, repr=False)
    _turn: list[str] = field(default_factory=list)  # whose turn it is
    _most: int = FIRST_TURN
    _turned: float = field(default_factory=time.monotonic)

    def of(self, account_id: str) -> AccountReport:
        """What is known of an account."""
        with self.lock:
            return self.accounts.setdefault(account_id, AccountReport())

    def add(self, table: str, rows: int) -> None:
        """Count rows that were read for a table."""
        with self.lock:
            self.rows[table] += rows

    def note_drift(self, table: str, missing: int, stale: int, gone: int) -> None:
        """Count rows that were not as Stripe has them."""
        with self.lock:
            self.drift[table] = self.drift.get(table, Drift()) + Drift(missing, stale, gone)

    def client(self, connection: Connection) -> Client:
        """The client of a connection, the same one for all runs of the sync."""
        with self.lock:
            if connection not in self.clients:
                self.clients[connection] = Client(connection, self.traffic)
            return self.clients[connection]

    def acting(self, client: Client, account_id: str) -> Client:
        """The client for a connected account, the same one for all runs of the sync."""
        with self.lock:
            key = (client.connection, account_id)
            return self._acting.setdefault(key, client.acting_for(account_id))

    def stop_gathering(
        self, why: BaseException | None = None, but: "Stoppable | None" = None
    ) -> None:
        """Have nobody read several accounts at once any more; but one, whose failure it is."""
        for each in list(self.gathered):
            if each is not but:
                each.stop(why)

    def turn(self, accounts: Sequence[str]) -> list[str]:
        """Whose turn it is in the run that begins, of all accounts.

        In a run that nobody follows it is everybody's. Else those come first that have had the
        fewest runs, but half of the places are kept for those that are on the way. Of accounts
        that are not among them any more nothing is due.
        """
        for name in self.accounts.keys() - set(accounts):
            if self.accounts[name].is_due:
                self.accounts[name].refuse("it is no longer among the accounts of the key")
        reports = {each: self.of(each) for each in accounts}
        due = [each for each in accounts if reports[each].is_due]
        if self.followed:
            started = [each for each in due if reports[each].runs]
            started.sort(key=lambda each: reports[each].runs)
            new = [each for each in due if not reports[each].runs]
            kept = max(self._most // 2, self._most - len(new))
            due = started[:kept]
            due += new[: self._most - len(due)]
            for each in reports.keys() - set(due):
                reports[each].stop()  # where it is to go on is noted; its memory is for others
        self._turn, self._turned = due, time.monotonic()
        return due

    def end_run(self) -> None:
        """Count a package that is done."""
        self.runs += 1
        for each in self._turn:
            self.accounts[each].runs += 1
        if time.monotonic() - self._turned < LONG:
            self._most *= 2
        else:
            self._most = max(self._most // 2, LEAST_TURN)

    @property
    def is_due(self) -> bool:
        """Whether something is still to be read."""
        return any(each.is_due for each in self.accounts.values())

    @property
    def skipped(self) -> dict[str, str]:
        """What was left out and why."""
        refused = {n: r.refused for n, r in self.accounts.items() if r.refused is not None}
        return refused | self._all({n: r.skipped for n, r in self.accounts.items()})

    @property
    def outcomes(self) -> dict[str, Outcome]:
        """What was left out and how; an account that refused is denied."""
        refused: dict[str, Outcome] = {
            name: "denied" for name, each in self.accounts.items() if each.refused is not None
        }
        return refused | self._all({n: r.outcomes for n, r in self.accounts.items()})

    @property
    def relisted(self) -> dict[str, str]:
        """Why resources were listed whole, out of turn."""
        return self._all({n: r.relisted for n, r in self.accounts.items()})

    def _all(self, each: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        """What is known of resources, by their names, of several accounts ``account/resource``."""
        several = len(each) > 1
        return {
            f"{account}/{name}" if several else name: value
            for account, found in each.items()
            for name, value in found.items()
        }

    def close(self) -> None:
        """Close the clients, each once, and read nothing ahead any more."""
        with self.lock:
            clients, self.clients = list(self.clients.values()), {}
            accounts = list(self.accounts.values())
        self.stop_gathering()
        for client in clients:
            client.close()
        for each in accounts:
            each.stop()
        self.room.maker.stop()

    @property
    def share(self) -> float:
        """How far the reading is, from 0 to 1, by the time spans covered."""
        with self.lock:
            parts = [each.share for each in self.accounts.values()]
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
