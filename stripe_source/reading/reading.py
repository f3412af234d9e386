"""What the resources of one account share, in one run."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

import dlt

from stripe_source.api.account import Account
from stripe_source.api.client import Client
from stripe_source.catalog import Resource
from stripe_source.extract.clocks import Clocks
from stripe_source.extract.feed import REACH, Feed, types_of
from stripe_source.extract.progress import State
from stripe_source.extract.spans import Bounds
from stripe_source.held import Held
from stripe_source.reading.place import Place
from stripe_source.report import AccountReport, Report
from stripe_source.tables.loads import current_load
from stripe_source.tables.masking import Asked
from stripe_source.tables.masks import Masks

HISTORY = "history"  # the name of its state and in reports


@dataclass(frozen=True)
class Settings:
    """What the user wants of a sync.

    ``chunk_rows`` ends a run after about so many rows of a resource; ``reconcile`` names the
    resources that are to be listed whole and compared; ``relist_every`` is in seconds. ``masks``
    are what is ``asked`` to be left out or hashed. With ``several`` accounts, one that refuses does
    not stop the others. ``table_format`` is dlt's, of all tables.
    """

    bounds: Bounds = field(default_factory=Bounds)
    chunk_rows: int | None = None
    reconcile: frozenset[str] = frozenset()
    relist_every: int = 3600
    test_clocks: bool = False
    several: bool = False
    asked: Asked = field(default_factory=Asked)
    masks: Masks = field(default_factory=Masks)
    table_format: str | None = None


@dataclass
class Reading:
    """What the resources of one account share; ``place`` and ``sync`` are those of all accounts."""

    client: Client
    account: Account
    rows: Sequence[Resource]
    settings: Settings
    sync: Report
    place: Place

    def __post_init__(self) -> None:
        """What is read once for all: events, from the oldest cursor within reach, and clocks."""
        self._lock = threading.Lock()
        self._load: str | None = ""
        self.report: AccountReport = self.sync.of(self.account.id)
        self.feed, self.clocks = self._asking()

    def _asking(self) -> tuple[Feed, Clocks]:
        clocks = self.settings.test_clocks
        types = types_of(self.rows)
        return Feed(self.client, types, self._oldest_cursor, clocks), Clocks(self.client)

    def begin_load(self) -> None:
        """Before something is read: a script may run a source again, or in another pipeline.

        What was read once for the run before is then read again.
        """
        load = current_load()
        with self._lock:
            if self._load not in ("", load):
                self.feed, self.clocks = self._asking()
                if not self.sync.followed:
                    self.report = self.sync.accounts[self.account.id] = AccountReport()
            self._load = load

    def held(self) -> Held:
        """What the destination of the pipeline that runs has of the account."""
        return self.place.held(self.account.id)

    def state_of(self, name: str) -> State:
        """What dlt's state has of a resource, read in this run or not; empty if nothing."""
        states = dlt.current.source_state().get("resources", {})
        found: State = states.get(name, {}).get(self.account.id, {})
        return found

    def _oldest_cursor(self) -> int:
        now = self.client.clock.seen()
        ours = [self.state_of(row.name) for row in self.rows if row.events]
        cursors = [state.get("updated", now) for state in ours]
        told = self.state_of(HISTORY).get("read_to", {})
        cursors += [told[row.name] for row in self.rows if row.name in told]
        return int(min([now, *(cursor for cursor in cursors if now - cursor <= REACH)]))
