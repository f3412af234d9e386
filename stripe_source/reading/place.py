"""Where the pipeline that runs loads to, and what it has there: asked once for all accounts."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import dlt

from stripe_source.blanking import MASKS, blank, note_masks
from stripe_source.extract.loaded import states_of, tables_in
from stripe_source.held import Held, emptied
from stripe_source.inventory import find_emptied
from stripe_source.tables.loads import current_load
from stripe_source.tables.masking import Asked


class Place:
    """The destination of the pipeline that runs, for as long as it loads one package.

    A source can be run by one pipeline, then by another, or twice.
    """

    def __init__(self, accounts: Sequence[str], asked: Asked, *, followed: bool) -> None:
        self._accounts = accounts
        self._asked = asked  # what is to be masked
        self._followed = followed  # by a sync, which has noted what somebody has emptied
        self._lock = threading.Lock()
        self._held: Held | None = None
        self._load: str | None = None
        self._prepared: str | None = ""

    @property
    def last(self) -> Held:
        """What was held when it was last asked for, of the first account."""
        return self._held or self.held(self._accounts[0])

    def held(self, account_id: str) -> Held:
        """What it has of an account."""
        load = current_load()
        with self._lock:
            if self._held is None or load != self._load:  # to ask dlt for the pipeline takes 5 ms
                self._held = Held(dlt.current.pipeline(), self._accounts, emptied())
                self._load = load
            return self._held.of(account_id)

    def prepare(self) -> None:
        """Once a load, before anything is read: bring in line what it has already.

        What is masked from now on is blanked; in a plain dlt run, tables that somebody has emptied
        are noted. Raises UsageError where nothing is said of masks with which tables were loaded.
        """
        self.held(self._accounts[0])
        with self._lock:
            if self._prepared != self._load:
                self._mask()
                self._note_emptied()
            self._prepared = self._load

    def _mask(self) -> None:
        state = dlt.current.source_state()
        new, loaded = self._asked.since(state.get(MASKS, {})), tables_in(state)
        if new:
            # Where nothing was ever committed, a load that broke off may have left rows unmasked.
            of = (new, loaded or _selected())
            with ThreadPoolExecutor(1) as apart:  # as for `Held`
                place = dlt.current.pipeline()
                apart.submit(blank, place, *of, committed=bool(loaded)).result()
        note_masks(state, self._asked.note())

    def _note_emptied(self) -> None:
        source = dlt.current.source_state()
        ours = {account: states_of(source, account) for account in self._accounts}
        if not self._followed and any(any(states.values()) for states in ours.values()):
            place = (dlt.current.pipeline(), dlt.current.source().name)
            with ThreadPoolExecutor(1) as apart:
                apart.submit(find_emptied, *place, ours, emptied()).result()


def _selected() -> set[str]:
    """The tables that are loaded in this run."""
    resources = dlt.current.source().resources.selected.values()
    return {str(resource.table_name) for resource in resources}
