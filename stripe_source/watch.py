"""``sync --watch``: sync, deploy the models, run the plays, again and again until it is stopped."""

import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

import dlt

from stripe_source.errors import AccessError, StripeSourceError, UsageError, causes_of
from stripe_source.health import Health
from stripe_source.pipeline import sync
from stripe_source.plays import Play, Ran, run_plays
from stripe_source.plays.deliver import Until
from stripe_source.plays.run import BY_HAND
from stripe_source.report import Known, Report
from stripe_source.result import SyncResult
from stripe_source.trouble import raise_explained

log = logging.getLogger("stripe_source")


@dataclass
class Round:
    """What one round came to; ``failed`` says why it did not come to its end."""

    number: int
    synced: SyncResult | None = None
    ran: list[Ran] = field(default_factory=list)
    failed: str | None = None
    seconds: float = 0.0

    @property
    def trouble(self) -> list[str]:
        """All that is not as it should be, in a line each."""
        found = [self.failed] if self.failed else []
        if self.synced is not None:
            outcomes = self.synced.outcomes
            bad = sorted(name for name, outcome in outcomes.items() if outcome == "failed")
            for why in sorted({self.synced.skipped[name] for name in bad}):
                names = [name for name in bad if self.synced.skipped[name] == why]
                found.append(f"{', '.join(names)}: {why}")
            if self.synced.models_failed:
                found.append(f"models: {self.synced.models_failed}")
        for each in self.ran:
            paused = None if each.paused == BY_HAND else each.paused
            if trouble := each.failed or paused or each.failing or each.closed:
                found.append(f"play {each.play}: {trouble}")
            if dead := each.counts["dead"]:
                found.append(f"play {each.play}: {dead:,} given up")
        return found


Shown = Callable[[Report], AbstractContextManager[None]]


@dataclass(frozen=True)
class Watch:
    """What is to be done again and again, ``every`` so many seconds.

    ``connection`` is how the plays' actions reach Stripe, ``source`` what ``sync`` takes.
    """

    pipeline: dlt.Pipeline
    plays: Sequence[Play]
    every: float
    connection: Mapping[str, Any] = field(default_factory=dict, repr=False)
    source: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def rounds(self, stop: "Stop", health: Health, shown: Shown) -> Iterator[Round]:
        """One round after the other; the last one is cut short by ``stop``.

        Raises what is wrong with the call or the key in the first round; later ones outlive that,
        as all of them outlive that Stripe, the destination or a target is down.
        """
        known: dict[Any, Known] = {}
        number = 0
        while not stop.asked:
            number += 1
            began = time.monotonic()
            report = Report(watching=True, known=known)
            health.begin()
            done = self._round(number, report, stop, shown)
            done.seconds = time.monotonic() - began
            health.end(done.trouble)
            yield done
            stop.wait(began + self.every - time.monotonic())

    def _round(self, number: int, report: Report, stop: "Stop", shown: Shown) -> Round:
        done = Round(number)
        next_at = time.monotonic() + self.every
        try:
            with stop.interrupting(), shown(report):
                done.synced = sync(self.pipeline, report=report, **self.source)
            if self.plays and not stop.asked:
                # Until the next round is due, but for half an interval in any case.
                seconds = max(next_at - time.monotonic(), self.every / 2)
                done.ran = run_plays(
                    self.pipeline,
                    self.plays,
                    until=Until(stop.event, seconds),
                    connection=self.connection,
                )
        except KeyboardInterrupt:
            stop.event.set()  # it was dlt's turn to listen
            done.failed = "stopped"
        except Exception as failure:
            # What is wrong with the call is said at once, but not that others are at it, too.
            if (
                number == 1
                and done.synced is None
                and isinstance(failure, UsageError | AccessError)
            ):
                raise
            done.failed = _line(failure)
        return done


class Stop:
    """Listens to SIGTERM and SIGINT while its block runs.

    What must not be cut, as a delivery, comes to its end; all else ends at once. Who asks twice
    means it.
    """

    def __init__(self) -> None:
        self.event = threading.Event()
        self._interrupts = False

    @property
    def asked(self) -> bool:
        """Whether it is to stop."""
        return self.event.is_set()

    def wait(self, seconds: float) -> None:
        """Wait, unless it is to stop before."""
        self.event.wait(max(seconds, 0.0))

    @contextmanager
    def listening(self) -> Iterator["Stop"]:
        """For as long as the block lasts; signals reach the main thread alone."""
        numbers = (signal.SIGINT, signal.SIGTERM)
        before = {each: signal.signal(each, self._hear) for each in numbers}
        try:
            yield self
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)

    @contextmanager
    def interrupting(self) -> Iterator[None]:
        """A block that may be cut anywhere."""
        self._interrupts = True
        try:
            if self.asked:
                raise KeyboardInterrupt
            yield
        finally:
            self._interrupts = False

    def _hear(self, _: int, __: FrameType | None) -> None:
        again = self.event.is_set()
        self.event.set()
        if self._interrupts or again:
            self._interrupts = False  # once: what follows is cleaning up
            raise KeyboardInterrupt


def _line(failure: Exception) -> str:
    """What failed, as one line."""
    try:
        raise_explained(failure)
    except KeyboardInterrupt:
        return "stopped"
    except StripeSourceError as known:
        return str(known)
    except Exception as unknown:
        log.debug("a round failed", exc_info=unknown)
        *_, cause = causes_of(unknown)
        return f"{type(cause).__name__}: {' '.join(str(cause).split())[:300]}"
