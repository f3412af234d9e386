"""Where the pipeline that runs loads to, and what it has there: asked once for all accounts."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import dlt

from stripe_source.extract.loaded import states_of
from stripe_source.held import Held, emptied
from stripe_source.inventory import find_emptied
from stripe_source.tables.loads import current_load


class Place:
    """The destination of the pipeline that runs, for as long as it loads one package.

    A source can be run by one pipeline, then by another, or twice.
    """

    def __init__(self, accounts: Sequence[str], *, followed: bool) -> None:
        self._accounts = accounts
        self._followed = followed  # by a sync, which has noted what somebody has emptied
        self._lock = threading.Lock()
        self._held: Held | None = None
        self._load: str | None = None
        self._noted: str | None = ""

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

    def note_emptied(self) -> None:
        """In a plain dlt run, note once which tables somebody has emptied."""
        if self._followed:
            return
        self.held(self._accounts[0])
        with self._lock:
            source = dlt.current.source_state()
            ours = {account: states_of(source, account) for account in self._accounts}
            if self._noted != self._load and any(map(any, map(dict.values, ours.values()))):
                place = (dlt.current.pipeline(), dlt.current.source().name)
                with ThreadPoolExecutor(1) as apart:  # as for `Held`
                    apart.submit(find_emptied, *place, ours, emptied()).result()
            self._noted = self._load
