"""Shows how a sync is getting on, while it runs."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from stripe_source.cli.console import log, note

if TYPE_CHECKING:
    from stripe_source.report import Report

BAR_EVERY = 0.2  # seconds
LOG_EVERY = 5.0


@contextmanager
def showing(style: str, report: "Report") -> Iterator[None]:
    """Show the report while the block runs: a bar, a line now and then, or nothing.

    ``auto`` is the bar on a terminal, and nothing elsewhere.
    """
    if style == "auto":
        style = "bar" if sys.stderr.isatty() else "off"
    if style == "bar":
        with _bar(report):
            yield
    elif style == "log":
        with _every(
            LOG_EVERY, lambda: note(f"{report.share:4.0%}  {doing(report)}  {numbers(report)}")
        ):
            yield
    else:
        yield


def doing(report: "Report") -> str:
    """Whether Stripe is being read, or only the destination written."""
    return "loading" if report.share >= 1 else "reading"


def numbers(report: "Report") -> str:
    """Rows, and rows and requests a second since the start."""
    rows, seconds = sum(report.rows.values()), max(report.seconds, 0.001)
    requests = report.traffic.requests
    return f"{rows:,} rows  {rows / seconds:,.0f} rows/s  {requests / seconds:,.1f} requests/s"


@contextmanager
def _bar(report: "Report") -> Iterator[None]:
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[numbers]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=log, transient=True) as progress:
        task = progress.add_task("reading", total=1.0, numbers="")

        def update() -> None:
            progress.update(
                task,
                completed=min(report.share, 0.999),  # at 1 the clock would stop
                description=doing(report),
                numbers=numbers(report),
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
