"""Reads the same of several accounts at once, and hands on together what they have.

An account is mostly waited for: a small one takes a request or two for a list. Tables of many come
as one, for dlt takes up to 20 ms for each, whatever is in it.
"""

import re
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa

from stripe_source.tables.ahead import BATCH_BYTES
from stripe_source.tables.maker import Tables

AT_ONCE = 8  # accounts of one resource; some nine resources are read at once
WAITING = 32  # batches that may wait to be taken
GATHERED_SECONDS = 15.0  # for which they are waited for, to come together
POOL = re.compile(r"dlt-pool-\d+-")

Read = Callable[[], Generator[Tables, None, None]]


def together(reads: Sequence[Read]) -> Iterator[Tables]:
    """What all of these read, each in its own order, the first ones first.

    Raises what one of them raises, and then reads nothing more. dlt's state is theirs as it is
    the caller's.
    """
    gathered = Gathered(len(reads))
    threads = ThreadPoolExecutor(min(AT_ONCE, len(reads)), thread_name_prefix=_pool())
    for read in reads:
        threads.submit(gathered.read, read)
    try:
        yield {}  # they read by themselves, and dlt can turn to the next resource
        while (found := gathered.next()) is not None:
            yield found
    finally:
        gathered.stop()
        threads.shutdown(wait=False, cancel_futures=True)


class Gathered:
    """What ``left`` readers have read and nobody has taken."""

    def __init__(self, left: int) -> None:
        self._left = left
        self._ready: deque[Tables] = deque()
        self._failure: BaseException | None = None
        self._stopped = False
        self._changed = threading.Condition()

    def read(self, read: Read) -> None:
        """Read one to its end, in whatever thread."""
        batches = read()
        try:
            for tables in batches:
                if not self._put(tables):
                    break
        except BaseException as failure:
            with self._changed:
                self._failure = self._failure or failure
        finally:
            batches.close()
            with self._changed:
                self._left -= 1
                self._changed.notify_all()

    def next(self) -> Tables | None:
        """What comes in the next seconds, up to a batch; None at the end of all."""
        found: dict[str, list[pa.Table]] = {}
        size, until = 0, time.monotonic() + GATHERED_SECONDS
        while size < BATCH_BYTES and (tables := self._taken(until)):
            for name, rows in tables.items():
                found.setdefault(name, []).append(rows)
                size += rows.nbytes
        if self._failure is not None:
            raise self._failure
        if not found and not self._left and not self._ready:
            return None
        return {name: pa.concat_tables(parts) for name, parts in found.items()}

    def stop(self) -> None:
        """Read nothing more, and drop what is ready."""
        with self._changed:
            self._stopped = True
            self._ready.clear()
            self._changed.notify_all()

    def _put(self, tables: Tables) -> bool:
        """Have tables wait to be taken; False where nothing is wanted any more."""
        with self._changed:
            while tables and len(self._ready) >= WAITING and not self._over:
                self._changed.wait()
            if tables and not self._over:
                self._ready.append(tables)
                self._changed.notify_all()
            return not self._over

    @property
    def _over(self) -> bool:
        return self._stopped or self._failure is not None

    def _taken(self, until: float) -> Tables | None:
        """The next tables that are there until a time; None without."""
        with self._changed:
            while not self._ready and self._left and self._failure is None:
                if not self._changed.wait(until - time.monotonic()):
                    return None
            if not self._ready:
                return None
            self._changed.notify_all()
            return self._ready.popleft()


def _pool() -> str:
    """A name by which dlt takes threads for those of the extraction that the caller is one of."""
    own = POOL.match(threading.current_thread().name)
    return (own.group() if own else f"dlt-pool-{threading.get_ident()}-") + "accounts"
