"""Reads the same of several accounts at once, and hands on together what they have.

An account is mostly waited for: a small one takes a request or two for a list. Tables of many come
as one, for dlt takes up to 20 ms for each, whatever is in it.
"""

import re
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Sequence

from stripe_source.errors import StripeUnavailable
from stripe_source.report import Report
from stripe_source.tables.ahead import BATCH_BYTES
from stripe_source.tables.maker import Tables, joined

AT_ONCE = 8  # accounts of one resource
WAITING = 32  # batches that may wait to be taken
GATHERED_SECONDS = 15.0  # for which they are waited for, to come together
LOOK_EVERY = 1.0  # seconds: dlt waits two for what is under way before it ends a run that failed
POOL = re.compile(r"dlt-pool-\d+-")

Read = Callable[[], Generator[Tables, None, None]]


def together(reads: Sequence[Read], sync: Report) -> Generator[Tables, None, None]:
    """What all of these read, each in its own order, the first ones first.

    Raises what one of them raises; then nothing more is read in the whole sync. dlt's state is
    theirs as it is the caller's.
    """
    gathered = Gathered(reads, sync)
    try:
        gathered.start()
        yield {}  # they read by themselves, and dlt can turn to the next resource
        while (found := gathered.next()) is not None:
            yield found
    finally:
        gathered.stop()


class Gathered:
    """What several readers have read and nobody has taken."""

    def __init__(self, reads: Sequence[Read], sync: Report) -> None:
        self._reads = deque(reads)
        self._left = len(reads)
        self._sync = sync
        self._ready: deque[Tables] = deque()
        self._found: list[Tables] = []
        self._size, self._since = 0, time.monotonic()
        self._failure: BaseException | None = None
        self._changed = threading.Condition()

    def start(self) -> None:
        """Read, in threads that end with the process, some at once."""
        self._sync.gathered.add(self)
        for _ in range(min(AT_ONCE, len(self._reads))):
            threading.Thread(target=self._work, name=_pool(), daemon=True).start()

    def next(self) -> Tables | None:
        """A batch, or nothing yet; None at the end of all. Raises what a reader has raised."""
        until = time.monotonic() + LOOK_EVERY
        while self._size < BATCH_BYTES and (tables := self._taken(until)):
            self._found.append(tables)
            self._size += sum(rows.nbytes for rows in tables.values())
        with self._changed:
            if self._failure is not None:
                raise self._failure
            at_end = not self._left and not self._ready
        if not self._found and at_end:
            return None
        long = time.monotonic() - self._since > GATHERED_SECONDS
        if not (at_end or long or self._size >= BATCH_BYTES):
            return {}
        found = joined(self._found)
        self._found, self._size, self._since = [], 0, time.monotonic()
        return found

    def stop(self, why: BaseException | None = None) -> None:
        """Read nothing more, and drop what is ready; who asks for more is told why."""
        with self._changed:
            closed = StripeUnavailable("the connection to Stripe was closed")
            self._failure = self._failure or why or closed
            self._reads.clear()
            self._ready.clear()
            self._changed.notify_all()

    def _work(self) -> None:
        while True:
            with self._changed:
                if not self._reads:
                    return
                read = self._reads.popleft()
            self._read(read)

    def _read(self, read: Read) -> None:
        """Read one to its end."""
        batches = read()
        try:
            for tables in batches:
                if not self._put(tables):
                    break
        except BaseException as failure:
            with self._changed:
                self._failure = self._failure or failure
            self._sync.stop_gathering(failure, self)
        finally:
            batches.close()
            with self._changed:
                self._left -= 1
                self._changed.notify_all()

    def _put(self, tables: Tables) -> bool:
        """Have tables wait to be taken; False where nothing is wanted any more."""
        with self._changed:
            while tables and len(self._ready) >= WAITING and self._failure is None:
                self._changed.wait()
            if tables and self._failure is None:
                self._ready.append(tables)
                self._changed.notify_all()
            return self._failure is None

    def _taken(self, until: float) -> Tables | None:
        """The next tables that are there until a time; None without."""
        with self._changed:
            while not self._ready and self._left and self._failure is None:
                if not self._changed.wait(until - time.monotonic()):
                    return None
            if self._failure is not None or not self._ready:
                return None
            self._changed.notify_all()
            return self._ready.popleft()


def _pool() -> str:
    """A name by which dlt takes threads for those of the extraction that the caller is one of."""
    own = POOL.match(threading.current_thread().name)
    return (own.group() if own else f"dlt-pool-{threading.get_ident()}-") + "accounts"
