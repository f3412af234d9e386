"""Reads a list, and makes its tables, while what came before is still being loaded.

A thread reads pages and turns them into batches of tables, up to a limit; whoever loads them takes
what is ready. What was not taken is not noted anywhere as read: a crash costs it.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from stripe_source.errors import StripeUnavailable
from stripe_source.extract.reader import ListReader, Read
from stripe_source.extract.spans import Span
from stripe_source.tables.maker import Maker, Tables, is_batch, joined

ROOM = 96_000_000  # bytes of tables that may wait to be loaded, of all resources together
# What is handed on at once: dlt takes up to 20 ms for each table, whatever is in it.
BATCH_BYTES = 16_000_000
BATCH_SECONDS = 4.0
MOST_ROWS = 250_000


@dataclass
class Room:
    """How much waits to be loaded, of all lists that are read together.

    The ``maker`` makes the tables of all.
    """

    limit: int = ROOM
    used: int = 0
    maker: Maker = field(default_factory=Maker, repr=False)
    changed: threading.Condition = field(default_factory=threading.Condition, repr=False)


@dataclass(frozen=True)
class Made:
    """A batch: pages and the tables made of them, and what of the list is then still to be read."""

    reads: Sequence[Read]
    left: tuple[Span, ...]
    tables: Tables

    @property
    def rows(self) -> int:
        """Rows of the list, and of lists inside them that were fetched."""
        return sum(read.page.weight for read in self.reads)

    @property
    def size(self) -> int:
        """Bytes of the tables."""
        return sum(table.nbytes for table in self.tables.values())


class Ahead:
    """Batches of a list, made ahead of whoever takes them.

    Some ``most`` rows at the most are in a batch, and wait to be taken. The text of a page is
    dropped when it is tables; with ``keys``, which rows were on it is kept. ``left`` is what is to
    be read behind the last batch taken, ``since`` when a run last left the list on the way, and
    ``held_up`` says that reading has since stood still for want of room.
    """

    def __init__(
        self,
        reader: ListReader,
        make: Callable[[Sequence[Read]], Tables],
        room: Room,
        *,
        most: int | None = None,
        keys: bool = False,
    ) -> None:
        self.left = reader.pending
        self.since = time.monotonic()
        self.held_up = False
        self._reader = reader
        self._make = make
        self._room = room
        self._most = most or MOST_ROWS
        self._keys = keys
        self._ready: deque[Made] = deque()
        self._failure: BaseException | None = None
        self._done = False
        self._stopped = False
        threading.Thread(target=self._work, name="ahead", daemon=True).start()

    def stop(self) -> None:
        """Read nothing more, and drop what is ready."""
        self._reader.stop()
        with self._room.changed:
            self._stopped = True
            self._room.used -= sum(batch.size for batch in self._ready)
            self._ready.clear()
            self._room.changed.notify_all()

    def leave(self) -> None:
        """Leave the list on the way: it is read on, and another run takes what is ready."""
        self.since, self.held_up = time.monotonic(), False

    def batches(self, wanted: Callable[[], int]) -> Iterator[Made]:
        """What is ready each time, as one batch, of as many rows as are ``wanted`` then.

        What was made as one batch comes as one. Raises what reading raises.
        """
        while (batch := self._next(wanted())) is not None:
            self.left = batch.left
            yield batch

    def _next(self, wanted: int) -> Made | None:
        with self._room.changed:
            while not self._ready and not self._done:
                self._room.changed.wait()
            if self._ready:
                batch = _one(self._taken(wanted))
                self._room.used -= batch.size
                self._room.changed.notify_all()
                return batch
        if self._failure is not None:
            raise self._failure
        if self._stopped:
            raise StripeUnavailable("the connection to Stripe was closed")
        return None

    def _taken(self, wanted: int) -> list[Made]:
        """The batches that are ready, the first and as many more as are wanted."""
        taken = [self._ready.popleft()]
        while self._ready and sum(b.rows for b in taken) + self._ready[0].rows <= wanted:
            taken.append(self._ready.popleft())
        return taken

    def _work(self) -> None:
        try:
            for batch in self._made():
                if not self._put(batch):
                    return
        except BaseException as failure:
            self._failure = failure
        finally:
            with self._room.changed:
                self._done = True
                self._room.changed.notify_all()

    def _made(self) -> Iterator[Made]:
        """Parsed pages, as many as make a batch."""
        batch, began = Made([], self.left, {}), time.monotonic()
        for reads, left in self._collected():
            tables = self._make(reads)
            told = [replace(read, page=read.page.told(keys=self._keys)) for read in reads]
            batch = _one([batch, Made(told, left, tables)])
            long = time.monotonic() - began > BATCH_SECONDS
            if long or batch.size > BATCH_BYTES or batch.rows >= self._most:
                yield batch
                batch, began = Made([], left, {}), time.monotonic()
        if batch.reads:
            yield batch

    def _collected(self) -> Iterator[tuple[Sequence[Read], tuple[Span, ...]]]:
        """The pages, as many as are parsed at once, and what is left behind them."""
        collected: list[Read] = []
        began = time.monotonic()
        for read in self._reader.pages():
            collected.append(read)
            long = time.monotonic() - began > BATCH_SECONDS
            if long or is_batch((r.page for r in collected), self._most):
                yield collected, read.pending
                collected, began = [], time.monotonic()
        if collected:
            yield collected, collected[-1].pending

    def _put(self, batch: Made) -> bool:
        """Have a batch wait to be taken; False where nothing is wanted any more."""
        size = batch.size
        with self._room.changed:
            while not self._stopped and self._is_full(batch.rows, size):
                self.held_up = True
                self._room.changed.wait()
            if self._stopped:
                return False
            self._ready.append(batch)
            self._room.used += size
            self._room.changed.notify_all()
            return True

    def _is_full(self, rows: int, size: int) -> bool:
        """Whether a batch has to wait: one of each list may always be ready."""
        if not self._ready:
            return False
        waiting = sum(batch.rows for batch in self._ready)
        return waiting + rows > self._most or self._room.used + size > self._room.limit


def _one(parts: Sequence[Made]) -> Made:
    """Batches that follow on each other as one; all are of the same tables."""
    reads = [read for batch in parts for read in batch.reads]
    return Made(reads, parts[-1].left, joined(batch.tables for batch in parts))
