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
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Self

from stripe_source.api.limiter import Pace
from stripe_source.errors import DestinationError
from stripe_source.plays.deliveries import Deliveries, Delivery, Ended
from stripe_source.plays.play import Play
from stripe_source.plays.targets.target import AT_ONCE, Closed, Failed, Refused, Send, Withdrawn

log = logging.getLogger("stripe_source")

BACKOFF = (5, 300, 1_800, 7_200, 18_000, 36_000, 36_000)
"""Seconds to the next attempt: the schedule that the Standard Webhooks specification recommends."""

PATIENCE = 10.0  # seconds that a run waits for a next attempt
HUNG = 600.0  # seconds without a result, after which what is under way is left to itself
GRACE = 30.0  # seconds for what is under way when it is time to stop
GIVE_UP = 5  # attempts one after the other for which a target was down
LOOK_EVERY = 0.05
TOLD = 300  # characters of an outcome, or of a reason


@dataclass
class Line:
    """The deliveries of one play, under way.

    Of those that are ``due``, ``counts`` has how many were delivered or are dead. ``closed`` says
    why no more are sent by this run, ``not_before`` until when the target wants to be left alone,
    ``withdrawn`` why none are to be sent at all.
    """

    play: Play
    send: Send
    due: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    closed: str | None = None
    not_before: datetime | None = None
    withdrawn: str | None = None
    down: int = 0

    def __post_init__(self) -> None:
        """A pace of its own."""
        self.pace = Pace(self.play.limits.rate)


@dataclass(frozen=True)
class Until:
    """When to stop: so many seconds after the deliveries began, or when somebody says so."""

    stop: threading.Event = field(default_factory=threading.Event)
    seconds: float | None = None


Progress = Callable[[Sequence[Line]], None]


def deliver(
    lines: Sequence[Line],
    deliveries: Deliveries,
    until: Until,
    progress: Progress = lambda _: None,
) -> None:
    """Deliver what is due of these plays, and what becomes due within seconds.

    Everything that was sent is recorded, also where this is interrupted. Raises DestinationError
    where it can't be; it is sent again then.
    """
    end = _End(until)
    while not end.reached:
        with _Pass(lines, deliveries, end) as one:
            soonest = one.begin()
            one.finish(progress)
        if one.recorded:
            continue
        pause = None if soonest is None else (soonest - datetime.now(UTC)).total_seconds()
        if pause is None or pause > min(PATIENCE, end.left):
            return
        end.wait(max(pause, 0.01))


class _End:
    """The time at which a run has to be over, by the monotonic clock."""

    def __init__(self, until: Until) -> None:
        self._stop = until.stop
        self._at = None if until.seconds is None else time.monotonic() + until.seconds
        self.broken = threading.Event()

    @property
    def reached(self) -> bool:
        """Whether it is time."""
        return self._stop.is_set() or self.broken.is_set() or self.left <= 0

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return PATIENCE if self._at is None else self._at - time.monotonic()

    def wait(self, seconds: float) -> None:
        """Wait, unless it is time before."""
        if seconds > 0:
            self._stop.wait(seconds if self._at is None else min(seconds, max(self.left, 0)))


class _Pass:
    """Once through all that is due."""

    def __init__(self, lines: Sequence[Line], deliveries: Deliveries, end: _End) -> None:
        self.lines, self.deliveries, self.end = lines, deliveries, end
        self.done: queue.SimpleQueue[tuple[Line, Ended]] = queue.SimpleQueue()
        self.pools = [ThreadPoolExecutor(AT_ONCE, thread_name_prefix="play") for _ in lines]
        self.recorded = 0
        self.under_way = 0
        self.lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        """What is under way comes to its end, and is recorded; what hangs is left to itself.

        Who interrupts it for the second time need not wait for that.
        """
        try:
            if exc[0] is not None and not self.end.reached:
                self.end.broken.set()
                with suppress(DestinationError):  # which is why, then
                    self.finish(lambda _: None)
        finally:
            for pool in self.pools:
                pool.shutdown(wait=False, cancel_futures=True)

    def begin(self) -> datetime | None:
        """Hand out what is due; gives when the next one is that is not."""
        now, later = datetime.now(UTC), []
        for line, pool in zip(self.lines, self.pools, strict=True):
            if line.closed:
                continue
            due = self.deliveries.due(line.play.name, now)
            if line.play.target.once:
                self.deliveries.note_first([each.change.id for each in due], now)
            for group in _by_row(due):
                with self.lock:
                    self.under_way += 1
                pool.submit(self._in_turn, line, group)
            if next_at := self.deliveries.next_at(line.play.name, now):
                later.append(next_at)
        return min(later, default=None)

    def finish(self, progress: Progress) -> None:
        """Record what comes of them until all have come to their end."""
        quiet_since, gone_at = time.monotonic(), 0.0
        while True:
            with self.lock:
                over = not self.under_way
            ended = self._ended(wait=not over)
            self._record(ended)
            if ended:
                quiet_since = time.monotonic()
                progress(self.lines)
            elif over or time.monotonic() - quiet_since > HUNG:
                return
            if self.end.reached:
                gone_at = gone_at or time.monotonic()
                if time.monotonic() - gone_at > GRACE:
                    return

    def _in_turn(self, line: Line, group: Sequence[Delivery]) -> None:
        """The changes of one row; one that has to wait holds up those behind it."""
        try:
            for each in group:
                if self._may(line):
                    self.end.wait(line.pace.turn())
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
        return line.closed is None and not self.end.reached

    def _ended(self, *, wait: bool) -> list[tuple[Line, Ended]]:
        """What has come to its end; a moment is waited for the first."""
        found = []
        try:
            found.append(self.done.get(timeout=LOOK_EVERY) if wait else self.done.get_nowait())
            while True:
                found.append(self.done.get_nowait())
        except queue.Empty:
            return found

    def _record(self, ended: Sequence[tuple[Line, Ended]]) -> None:
        self.deliveries.record([each for _, each in ended])
        self.recorded += len(ended)
        for line, each in ended:
            if each.status != "pending":
                line.counts[each.status] += 1


def _by_row(due: Sequence[Delivery]) -> list[list[Delivery]]:
    """The deliveries of each row, in their order; rows in the order of their first."""
    found: dict[str, list[Delivery]] = {}
    for each in due:
        found.setdefault(each.row_key, []).append(each)
    return list(found.values())


def _attempt(line: Line, each: Delivery) -> Ended | None:
    """Send it once. None where that says nothing of this delivery."""
    identifier, tried = each.change.id, each.attempts + 1
    now = datetime.now(UTC)
    try:
        outcome = _clean(line.send(each.change, each.first_at))
    except Refused as refusal:
        return Ended(identifier, "dead", tried, now, why=_said(refusal))
    except Withdrawn as end:
        line.withdrawn = line.closed = _said(end)
        return None
    except Closed as end:
        line.closed = _said(end)
        return None
    except Failed as failure:
        _note_down(line, failure, now)
        why = _said(failure)
        if tried >= line.play.limits.attempts:
            return Ended(identifier, "dead", tried, now, why=why)
        wait = max(BACKOFF[min(tried, len(BACKOFF)) - 1], failure.wait)
        return Ended(identifier, "pending", tried, now, now + timedelta(seconds=wait), why=why)
    except BaseException as failure:  # a fault of ours; what it says may hold a secret
        log.error("play %s: %s", line.play.name, type(failure).__name__)  # noqa: TRY400
        return Ended(identifier, "dead", tried, now, why=type(failure).__name__)
    line.down = 0
    return Ended(identifier, "delivered", tried, datetime.now(UTC), outcome=outcome)


def _note_down(line: Line, failure: Failed, now: datetime) -> None:
    """A target that is down, or wants to be left alone, is left alone."""
    line.down = line.down + 1 if failure.down else 0
    if failure.wait:
        line.not_before = now + timedelta(seconds=failure.wait)
    if failure.wait or line.down >= GIVE_UP:
        line.closed = _said(failure)


def _said(failure: BaseException) -> str:
    return _clean(str(failure)) or type(failure).__name__


def _clean(text: str) -> str:
    """One line that every database takes: some know no NUL, none half a surrogate pair."""
    plain = "".join(each if each.isprintable() else " " for each in text)
    return " ".join(plain.split())[:TOLD]
