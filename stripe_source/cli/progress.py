"""Shows how a sync or a batch is getting on, while it runs."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from stripe_source.cli.console import log, note

if TYPE_CHECKING:
    from stripe_source.report import Report, Speed

BAR_EVERY = 0.2  # seconds
LOG_EVERY = 5.0


class Shown(Protocol):
    """What can be shown while it is under way."""

    @property
    def share(self) -> float:
        """How much of it is done, from 0 to 1."""

    def doing(self) -> str:
        """What it is at, in a word."""

    def numbers(self) -> str:
        """How much was done, and how fast."""


@dataclass(frozen=True)
class Reading:
    """A sync, or whatever else reads from Stripe."""

    report: "Report"

    @property
    def share(self) -> float:
        """Of what is to be read."""
        return self.report.share

    def doing(self) -> str:
        """Whether Stripe is being read, or only the destination written."""
        return "loading" if self.share >= 1 else "reading"

    def numbers(self) -> str:
        """Rows, and how fast they come, since the start."""
        return f"{sum(self.report.rows.values()):,} rows  {in_words(self.report.speed)}"


def in_words(speed: "Speed") -> str:
    """How fast it is, and how near to what Stripe allows."""
    return (
        f"{speed.rows:,.0f} rows/s  {speed.requests:,.1f} requests/s  "
        f"{speed.limit_share:.0%} of the limit"
    )


@contextmanager
def showing(style: str, shown: Shown) -> Iterator[None]:
    """Show how it is getting on while the block runs: a bar, a line now and then, or nothing.

    ``auto`` is the bar on a terminal, and nothing elsewhere.
    """
    if style == "auto":
        style = "bar" if sys.stderr.isatty() else "off"
    if style == "bar":
        with _bar(shown):
            yield
    elif style == "log":
        with _every(
            LOG_EVERY, lambda: note(f"{shown.share:4.0%}  {shown.doing()}  {shown.numbers()}")
        ):
            yield
    else:
        yield


@contextmanager
def _bar(shown: Shown) -> Iterator[None]:
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[numbers]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=log, transient=True) as progress:
        task = progress.add_task(shown.doing(), total=1.0, numbers="")

        def update() -> None:
            progress.update(
                task,
                completed=min(shown.share, 0.999),  # at 1 the clock would stop
                description=shown.doing(),
                numbers=shown.numbers(),
            )

        with _every(BAR_EVERY, update):
            yield


@contextmanager
def _every(seconds: float, show: Callable[[], None]) -> Iterator[None]:
    done = threading.Event()

    def loop() -> None:
        while not done.wait(seconds):
            show()

    thread = threading.Thread(target=loop, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(1)
