"""What the resources of one source share, in one run."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import dlt

from stripe_source.api.account import Account
from stripe_source.api.client import Client
from stripe_source.catalog import Resource
from stripe_source.extract.clocks import Clocks
from stripe_source.extract.feed import REACH, Feed, types_of
from stripe_source.extract.loaded import states_of
from stripe_source.extract.progress import State
from stripe_source.extract.spans import Bounds
from stripe_source.held import Held, emptied
from stripe_source.inventory import find_emptied
from stripe_source.report import Report

HISTORY = "history"  # the name of its state and in reports


@dataclass(frozen=True)
class Settings:
    """What the user wants of a sync.

    ``chunk_rows`` ends a run after about so many rows of a resource; ``reconcile`` names the
    resources that are to be listed whole and compared; ``relist_every`` is in seconds.
    ``table_format`` is dlt's, of all tables.
    """

    bounds: Bounds = field(default_factory=Bounds)
    chunk_rows: int | None = None
    reconcile: frozenset[str] = frozenset()
    relist_every: int = 3600
    test_clocks: bool = False
    table_format: str | None = None


@dataclass
class Reading:
    """What the resources of one source share."""

    client: Client
    account: Account
    rows: Sequence[Resource]
    settings: Settings
    report: Report

    def __post_init__(self) -> None:
        """What is read once for all: events, from the oldest cursor within reach, and clocks."""
        self._lock = threading.Lock()
        self._held: Held | None = None
        self._place: tuple[Any, str] | None = None
        self._noted = False
        clocks = self.settings.test_clocks
        self.feed = Feed(self.client, types_of(self.rows), self._oldest_cursor, clocks)
        self.clocks = Clocks(self.client)

    def held(self) -> Held:
        """What the destination of the pipeline that runs has of the account."""
        pipeline = dlt.current.pipeline()
        place = (pipeline.destination, pipeline.dataset_name)
        with self._lock:
            if self._held is None or place != self._place:
                self._held = Held(pipeline, self.account.id, emptied())
                self._place = place
                self._noted = self.report.followed  # a sync has done it
            return self._held

    @property
    def last_held(self) -> Held:
        """The same once it was asked for: to ask dlt for the pipeline takes 5 ms."""
        return self._held or self.held()

    def state_of(self, name: str) -> State:
        """What dlt's state has of a resource, read in this run or not; empty if nothing."""
        states = dlt.current.source_state().get("resources", {})
        found: State = states.get(name, {}).get(self.account.id, {})
        return found

    def note_emptied(self) -> None:
        """In a plain dlt run, note once which tables somebody has emptied."""
        self.held()
        with self._lock:
            ours = states_of(dlt.current.source_state(), self.account.id)
            if not self._noted and any(ours.values()):
                place = (dlt.current.pipeline(), dlt.current.source().name, self.account.id)
                with ThreadPoolExecutor(1) as apart:  # as for `Held`
                    apart.submit(find_emptied, *place, ours, emptied()).result()
            self._noted = True

    def _oldest_cursor(self) -> int:
        now = self.client.clock.seen()
        ours = [self.state_of(row.name) for row in self.rows if row.events]
        cursors = [state.get("updated", now) for state in ours]
        told = self.state_of(HISTORY).get("read_to", {})
        cursors += [told[row.name] for row in self.rows if row.name in told]
        return int(min([now, *(cursor for cursor in cursors if now - cursor <= REACH)]))
