"""Keeps what becomes of rows: at once in the journal, now and then in the warehouse."""

import logging
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from stripe_source.actions.batch.journal import Journal
from stripe_source.actions.batch.records import Record, Records
from stripe_source.errors import causes_of

log = logging.getLogger("stripe_source")

TRIES = 3


@dataclass(frozen=True)
class Log:
    """Where it is kept: a folder for journals, and a table. Without one, there is no table."""

    folder: Path
    records: Records | None = None


class Kept:
    """The records of one run. ``not_loaded`` says why some are in the journal alone."""

    def __init__(self, journal: Journal, records: Records | None, unloaded: list[Record]) -> None:
        self.journal = journal
        self.not_loaded: str | None = None
        self._records = records
        self._unloaded = unloaded
        self._lock = threading.Lock()

    def add(self, made: list[Record]) -> None:
        """Write to the journal, and have it loaded later. Safe for threads."""
        with self._lock:
            self.journal.add(made)
            self._unloaded += made

    def load(self) -> None:
        """Load what the warehouse lacks; where that fails, it waits for the next time."""
        with self._lock:
            waiting = list(self._unloaded)
        if self._records is None or not waiting:
            return
        try:
            self._records.load(waiting)
        except Exception as failure:
            *_, cause = causes_of(failure)
            self.not_loaded = " ".join(str(cause).split())[:300]
            log.info("outcomes are not loaded: %s", self.not_loaded)
            return
        self.not_loaded = None
        with self._lock:
            del self._unloaded[: len(waiting)]

    def load_at_last(self) -> None:
        """Load the rest: a destination that is locked may be free in a moment."""
        for attempt in range(TRIES):
            time.sleep(attempt)
            self.load()
            if self.not_loaded is None:
                return
