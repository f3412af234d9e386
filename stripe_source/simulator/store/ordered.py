"""Rows in list order with their keys beside them, so that bounds are found by bisection."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator

from stripe_source.simulator.store.row import Key, Row


class Ordered:
    """Rows from the oldest to the newest."""

    __slots__ = ("keys", "rows")

    def __init__(self, rows: Iterable[Row] = ()) -> None:
        self.rows = sorted(rows, key=lambda r: r.key)
        self.keys: list[Key] = [r.key for r in self.rows]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def add(self, row: Row) -> None:
        """Put a row in its place; the newest goes to the end at no cost."""
        if not self.keys or row.key > self.keys[-1]:
            self.keys.append(row.key)
            self.rows.append(row)
            return
        insort(self.keys, row.key)
        self.rows.insert(bisect_left(self.keys, row.key), row)

    def remove(self, row: Row) -> None:
        """Take a row out."""
        at = bisect_left(self.keys, row.key)
        if at < len(self.keys) and self.rows[at] is row:
            del self.keys[at], self.rows[at]

    def exchange(self, row: Row, other: Row) -> None:
        """Put another row with the same key in a row's place."""
        self.rows[bisect_left(self.keys, row.key)] = other

    def drop(self, count: int) -> None:
        """Take the oldest rows out."""
        del self.keys[:count], self.rows[:count]

    def before(self, key: Key) -> int:
        """How many rows are older than ``key``."""
        return bisect_left(self.keys, key)

    def through(self, key: Key) -> int:
        """How many rows are older than ``key`` or at it."""
        return bisect_right(self.keys, key)
