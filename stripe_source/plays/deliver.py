"""Delivers what is due: many plays and rows at a time, in order for each row.

What came of an attempt is recorded after it, several at once: whatever ends the process between
has a delivery sent again, with its id.
"""

import logging
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from stripe_source.api.limiter import Pace
from stripe_source.plays.deliveries import Deliveries, Delivery, Ended
from stripe_source.plays.play import Play
from stripe_source.plays.targets.target import Closed, Failed, Refused, Send, Withdrawn

log = logging.getLogger("stripe_source")

BACKOFF = (5, 300, 1_800, 7_200, 18_000, 36_000, 36_000)
"""Seconds to the next attempt: the schedule that the Standard Webhooks specification recommends."""

THREADS = 8  # of a play
PATIENCE = 10.0  # seconds that a run waits for a next attempt
GIVE_UP = 5  # attempts one after the other for which a target was down
LOOK_EVERY = 0.1
WHY = 300  # characters


@dataclass
class Line:
    """The deliveries of one play, under way.

    Of those that are ``due``, ``counts`` has how many were delivered, are dead, or failed and wait.
    ``closed`` says why no
    more are sent by this run, ``withdrawn`` why none are to be sent at all.
    """

    play: Play
    send: Send
    due: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    closed: str | None = None
    withdrawn: str | None = None
    down: int = 0

    def __post_init__(self) -> None:
        """A pace of its own."""
        self.pace = Pace(self.play.limits.rate)


@dataclass(frozen=True)
class Until:
    """When to stop: at a time (of ``time.monotonic``), or when somebody says so."""

    stop: threading.Event = field(default_factory=threading.Event)
    deadline: float | None = None

    @property
    def now(self) -> bool:
        """Whether it is time."""
        return self.stop.is_set() or (self.deadline is not None and self.left <= 0)

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return PATIENCE if self.deadline is None else self.deadline - time.monotonic()

    def wait(self, seconds: float) -> None:
        """Wait, unless it is time before."""
        if seconds > 0:
            self.stop.wait(min(seconds, max(self.left, 0)) if self.deadline else seconds)


Progress = Callable[[Sequence[Line]], None]


def deliver(
    lines: Sequence[Line],
    deliveries: Deliveries,
    until: Until,
    progress: Progress = lambda _: None,
) -> None:
    """Deliver what is due of these plays, and what becomes due within seconds.

    Everything that was sent is recorded, also where this is interrupted.
    """
    while not until.now:
        with _Round(lines, deliveries, until) as round_:
            soonest = round_.begin()
            round_.finish(progress)
        if round_.submitted:
            continue
        pause = None if soonest is None else (soonest - datetime.now(UTC)).total_seconds()
        if pause is None or pause > min(PATIENCE, until.left):
            return
        until.wait(max(pause, 0.01))


class _Round:
    """Once through all that is due."""

    def __init__(self, lines: Sequence[Line], deliveries: Deliveries, until: Until) -> None:
        self.lines, self.deliveries, self.until = lines, deliveries, until
        self.done: queue.SimpleQueue[tuple[Line, Ended]] = queue.SimpleQueue()
        self.pools = [ThreadPoolExecutor(THREADS, thread_name_prefix="play") for _ in lines]
        self.submitted = 0
        self.under_way = 0
        self.lock = threading.Lock()

    def __enter__(self) -> "_Round":
        return self

    def __exit__(self, *exc: object) -> None:
        """What is under way comes to its end, and is recorded."""
        if exc[0] is not None:
            self.until.stop.set()
        for pool in self.pools:
            pool.shutdown(wait=True, cancel_futures=True)
        self._record(self._drained())

    def begin(self) -> datetime | None:
        """Hand out what is due; gives when the next one is that is not."""
        now, later = datetime.now(UTC), []
        for line, pool in zip(self.lines, self.pools, strict=True):
            if line.closed:
                continue
            for group in _by_row(self.deliveries.due(line.play.name, now)):
                self.submitted += 1
                with self.lock:
                    self.under_way += 1
                pool.submit(self._in_turn, line, group)
            if next_at := self.deliveries.next_at(line.play.name, now):
                later.append(next_at)
        return min(later, default=None)

    def finish(self, progress: Progress) -> None:
        """Record what comes of them until all have come to their end."""
        while True:
            ended = self._drained()
            self._record(ended)
            if ended:
                progress(self.lines)
            with self.lock:
                if not self.under_way and self.done.empty():
                    return
            time.sleep(0.0 if ended else LOOK_EVERY / 10)

    def _in_turn(self, line: Line, group: Sequence[Delivery]) -> None:
        """The changes of one row; one that has to wait holds up those behind it."""
        try:
            for each in group:
                if not self._may(line):
                    return
                self.until.wait(line.pace.turn())
                if not self._may(line):
                    return
                ended = _attempt(line, each)
                if ended is None:
                    return
                self.done.put((line, ended))
                if ended.status == "pending":
                    return
        finally:
            with self.lock:
                self.under_way -= 1

    def _may(self, line: Line) -> bool:
        return line.closed is None and not self.until.now

    def _drained(self) -> list[tuple[Line, Ended]]:
        found = []
        while not self.done.empty():
            found.append(self.done.get())
        return found

    def _record(self, ended: Sequence[tuple[Line, Ended]]) -> None:
        self.deliveries.record([each for _, each in ended])
        for line, each in ended:
            line.counts["waiting" if each.status == "pending" else each.status] += 1


def _by_row(waiting: Sequence[Delivery]) -> list[list[Delivery]]:
    """The deliveries of each row, in their order; rows in the order of their first."""
    found: dict[str, list[Delivery]] = {}
    for each in waiting:
        found.setdefault(each.row_key, []).append(each)
    return list(found.values())


def _attempt(line: Line, each: Delivery) -> Ended | None:
    """Send it once. None where that says nothing of this delivery."""
    identifier, tried = each.change.id, each.attempts + 1
    now = datetime.now(UTC)
    try:
        outcome = line.send(each.change, each.attempts)
    except Refused as refusal:
        return Ended(identifier, "dead", tried, now, why=_short(refusal))
    except Withdrawn as end:
        line.withdrawn = line.closed = _short(end)
        return None
    except Closed as end:
        line.closed = _short(end)
        return None
    except Failed as failure:
        _note_down(line, failure)
        why = _short(failure)
        if tried >= line.play.limits.attempts:
            return Ended(identifier, "dead", tried, now, why=why)
        wait = max(BACKOFF[min(tried, len(BACKOFF)) - 1], failure.wait)
        return Ended(identifier, "pending", tried, now, now + timedelta(seconds=wait), why=why)
    except Exception as failure:  # a fault of ours: this delivery is not worth all others
        log.exception("the play %s", line.play.name)
        return Ended(identifier, "dead", tried, now, why=_short(failure))
    line.down = 0
    return Ended(identifier, "delivered", tried, datetime.now(UTC), outcome=outcome[:WHY])


def _note_down(line: Line, failure: Failed) -> None:
    """A target that is down is left alone until the next run."""
    line.down = line.down + 1 if failure.down else 0
    if line.down >= GIVE_UP or failure.wait > PATIENCE:
        line.closed = _short(failure)


def _short(failure: Exception) -> str:
    text = " ".join(str(failure).split()) or type(failure).__name__
    return text[:WHY]
