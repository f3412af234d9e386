"""What was written lately, for a search index that is behind."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from stripe_source.simulator.store.collection import Collection
from stripe_source.simulator.store.row import Row


class Recent:
    """The former texts of what was written in the last ``lag`` seconds, None for what is new."""

    def __init__(self, lag: int) -> None:
        self.lag = lag
        self._writes: deque[tuple[int, Collection, Row, bytes | None]] = deque()

    def note(self, at: int, collection: Collection, row: Row, former: bytes | None) -> None:
        """A row was written at a time."""
        self._writes.append((at, collection, row, former))

    def forget(self, before: int) -> None:
        """Drop what is older than a time."""
        while self._writes and self._writes[0][0] < before:
            self._writes.popleft()

    def clear(self) -> None:
        """Drop it all: the index has caught up."""
        self._writes.clear()

    def as_of(self, collection: Collection, at: int) -> Iterator[tuple[Row, bytes]]:
        """The rows of a list with their texts at a time within the lag, newest first.

        Rows that came later are left out, and so are those that are gone by now.
        """
        former: dict[Row, bytes | None] = {}
        for when, where, row, text in reversed(self._writes):
            if when > at and where is collection:
                former[row] = text
        for row in reversed(collection.ordered.rows):
            text = former.get(row, row.stored)
            if text is not None:
                yield row, text
