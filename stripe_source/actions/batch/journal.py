"""The journal of a batch: a JSONL file with a line for every row, written as soon as it is done.

It bridges the time from a row's end to the load of its record, whatever kills the batch between.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Self

import orjson

from stripe_source.actions.batch.records import Record, from_row
from stripe_source.alone import alone


@contextmanager
def hold(folder: Path, batch: str) -> Iterator[None]:
    """Hold a batch while the block runs. Raises UsageError where another process holds it."""
    with alone(folder / f".{batch}.lock", "this batch is being carried out by another process"):
        yield


@contextmanager
def hold_all(folder: Path) -> Iterator[None]:
    """Hold every batch that has a journal in a folder. Raises as ``hold``."""
    with ExitStack() as held:
        for batch in sorted({file.stem.rpartition("-")[0] for file in folder.glob("*.jsonl")}):
            held.enter_context(hold(folder, batch))
        yield


class Journal:
    """The file of one run of a batch; as a context manager it is open for writing."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._lines: IO[bytes] | None = None

    def __enter__(self) -> Self:
        """Open it, on a line of its own: a kill may have cut the last one short."""
        cut = self.file.exists() and self.file.read_bytes()[-1:] not in (b"", b"\n")
        self._lines = self.file.open("ab")
        if cut:
            self._lines.write(b"\n")
        return self

    def __exit__(self, *exc: object) -> None:
        if self._lines is not None:
            self._lines.close()

    def add(self, records: list[Record]) -> None:
        """Write what became of a row; from then on it is safe from a kill."""
        assert self._lines is not None  # noqa: S101 - it is open
        text = b"".join(orjson.dumps(each.plain()) + b"\n" for each in records)
        self._lines.write(text)
        self._lines.flush()


def rewrite_journals(folder: Path, change: Callable[[Record], Record]) -> int:
    """Change records in all journals of a folder, which are held; gives how many were."""
    changed = 0
    for file in sorted(folder.glob("*.jsonl")):
        before = read_journal(file)
        after = [change(record) for record in before]
        count = sum(a != b for a, b in zip(before, after, strict=True))
        cut = len(before) < len(file.read_bytes().splitlines())  # a line that a kill cut short
        if count or cut:
            text = b"".join(orjson.dumps(each.plain()) + b"\n" for each in after)
            whole = file.with_suffix(".new")
            whole.write_bytes(text)
            whole.replace(file)  # at once: a kill leaves the one or the other
        changed += count
    return changed


def read_journal(file: Path) -> list[Record]:
    """The records of a file, if there is one; a line that a kill cut short is none."""
    if not file.exists():
        return []
    found = []
    for line in file.read_bytes().splitlines():
        try:
            found.append(from_row(orjson.loads(line)))
        except (orjson.JSONDecodeError, TypeError, KeyError):
            continue
    return found
