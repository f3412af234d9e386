"""What a sync costs in a small account and in a big one: requests, time, memory, disk."""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.account import Changed, Content, Served, served
from tests.benchmarks.figures import Figure
from tests.benchmarks.measured import Run, sync

PAGE = 100
MB = 1_000_000
NAME = "invoices"


@dataclass(frozen=True)
class Grown:
    """An account: its first sync, a sync after so many changes each, one with nothing new."""

    objects: int
    first: Run
    after: dict[int, tuple[Changed, Run]]
    nothing: Run


def growth(sizes: tuple[int, int], changes: Sequence[int]) -> Iterator[Figure]:
    """The same changes in two accounts of these sizes, in invoices."""
    small, big = (_grown(size, changes) for size in sizes)
    for count in changes:
        changed, run = big.after[count]
        least = least_requests(changed)
        yield Figure(
            "incremental", f"{count:,} changes: requests over the fewest possible",
            run.said["requests"] / least, "x", at_most=1.2,
            facts={"requests": run.said["requests"], "fewest": least, "objects": big.objects},
        )  # fmt: skip
        before = small.after[count][1]
        yield Figure(
            "incremental", f"{count:,} changes: wall time over that in the small account",
            run.seconds / before.seconds, "x", at_most=2.0,
            facts={"seconds": run.seconds, f"of {small.objects:,}": before.seconds},
        )  # fmt: skip
    yield Figure(
        "incremental", "nothing new: wall time", big.nothing.seconds, " s", at_most=3.0,
        facts={"requests": big.nothing.said["requests"], "CPU seconds": big.nothing.cpu},
    )  # fmt: skip
    yield Figure(
        "memory", "most of the first sync", big.first.memory / MB, " MB", at_most=700,
        facts={"objects": big.objects, "seconds": big.first.seconds},
    )  # fmt: skip
    yield Figure(
        "memory", "most, over that in the small account", big.first.memory / small.first.memory,
        "x", at_most=1.1, facts={f"of {small.objects:,}": small.first.memory / MB},
    )  # fmt: skip
    yield Figure(
        "disk", "working files at the most", big.first.files / MB, " MB", at_most=50,
        facts={"objects": big.objects, f"of {small.objects:,}": small.first.files / MB},
    )  # fmt: skip


def least_requests(changed: Changed) -> int:
    """The fewest reads that show what has changed, and the events that tell of it.

    A read is of one object, or of a page of neighbours in the list, whichever shows more.
    """
    reads, covered = 0, -1
    for place in sorted(changed.places):
        if place > covered:
            reads, covered = reads + 1, place + PAGE - 1
    return reads + -(-changed.events // PAGE)


def _grown(objects: int, changes: Sequence[int]) -> Grown:
    with served(Content({NAME: objects})) as account, tempfile.TemporaryDirectory() as folder:
        where = Path(folder)
        first = _sync(account, where)
        after = {}
        for count in changes:
            changed = account.change(NAME, count)
            after[count] = changed, _sync(account, where)
        return Grown(account.rows[NAME], first, after, _sync(account, where))


def _sync(account: Served, folder: Path) -> Run:
    return sync(account, folder, "--resources", NAME)
