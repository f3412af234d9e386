"""The journal of a batch: a JSONL file with a line for every row, written as soon as it is done.

It bridges the time from a row's end to the load of its record, whatever kills the batch between.
"""

from pathlib import Path
from typing import IO, Self

import filelock
import orjson

from stripe_source.actions.batch.records import Record, from_row
from stripe_source.errors import UsageError


class Journal:
    """The file of one run of a batch, for one process at a time."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._lock = filelock.FileLock(file.with_name(f".{file.name}.lock"), timeout=0)
        self._lines: IO[bytes] | None = None

    def __enter__(self) -> Self:
        """Open it. Raises UsageError where another process has it open."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire()
        except filelock.Timeout:
            raise UsageError("this batch is being carried out by another process") from None
        self._lines = self.file.open("ab")
        return self

    def __exit__(self, *exc: object) -> None:
        if self._lines is not None:
            self._lines.close()
        self._lock.release()

    def add(self, records: list[Record]) -> None:
        """Write what became of a row; from then on it is safe from a kill."""
        assert self._lines is not None  # noqa: S101 - it is open
        text = b"".join(orjson.dumps(each.plain()) + b"\n" for each in records)
        self._lines.write(text)
        self._lines.flush()


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
