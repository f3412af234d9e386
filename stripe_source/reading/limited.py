"""What dlt's ``add_limit`` means here: batches that have rows, counted where they are read.

dlt's own limit is for what no other resource feeds, and these are fed. Put on what feeds them, it
would count batches without rows, and it drops one that a thread has read by then, though the state
says that it is loaded.
"""

import time
from collections.abc import Generator, Iterator
from contextlib import closing
from typing import Any, Self

import dlt
from dlt.extract.items_transform import ItemTransform
from dlt.extract.resource import DltResource

from stripe_source.errors import UsageError
from stripe_source.tables.maker import Tables


class Limit(ItemTransform[Any, Any]):
    """How much a run reads: so many batches or rows, or for so many seconds; None is any.

    As a step of dlt's it does nothing.
    """

    def __init__(
        self, max_items: int | None, max_time: float | None, *, count_rows: bool | None
    ) -> None:
        super().__init__(lambda item: item)
        self._items, self._seconds, self._rows = max_items, max_time, count_rows

    def __call__(self, item: Any, meta: Any = None) -> Any:  # noqa: ARG002 - dlt's signature
        """The item."""
        return item

    def of(self, batches: Generator[Tables, None, None], table: str) -> Iterator[Tables]:
        """The batches up to the one with which it is reached; a batch is never cut.

        Rows are those of one ``table``.
        """
        until = None if self._seconds is None else time.monotonic() + self._seconds
        left = self._items
        with closing(batches):
            while left is None or left > 0:
                if until is not None and time.monotonic() > until:
                    return
                tables = next(batches, None)
                if tables is None:
                    return
                yield tables
                if left is None:
                    continue
                if self._rows:
                    left -= tables[table].num_rows if table in tables else 0
                else:
                    left -= any(rows.num_rows for rows in tables.values())


class LimitedResource(DltResource):
    """A resource of dlt's whose limit is one of what feeds it."""

    def add_limit(
        self,
        max_items: int | None = None,
        max_time: float | None = None,
        count_rows: bool | None = False,
    ) -> Self:
        """Read so many batches that have rows, or rows, or for so many seconds, in each run."""
        self._pipe.remove_by_type(Limit)
        return self.add_step(Limit(max_items, max_time, count_rows=count_rows))

    def fed_by(self, name: str) -> bool:
        """Whether the resource of this name reads what this one loads."""
        parent = self._pipe.parent
        return parent is not None and parent.name == name

    def added(self) -> tuple[Limit, str] | None:
        """The limit that was added, if any, and the table that is loaded."""
        found: Any = self._pipe.get_by_type(Limit)
        return None if found is None else (found, str(self.table_name))


def limited(
    feeder: str, batches: Generator[Tables, None, None], *, several: bool
) -> Iterator[Tables]:
    """What a resource has read, up to the limit of one that it feeds.

    Raises UsageError for a limit where several accounts are read at once.
    """
    resources = dlt.current.source().resources.selected.values()
    ours = [found for found in resources if isinstance(found, LimitedResource)]
    limits = (found.added() for found in ours if found.fed_by(feeder))
    added = next(filter(None, limits), None)
    if added is None:
        return batches
    if several:
        raise UsageError("a limit (add_limit) is for one account, and several are read")
    limit, table = added
    return limit.of(batches, table)
