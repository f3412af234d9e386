"""What is going to happen in an account, and when.

A task is a function registered by name with the ids that it needs, so that nothing in the timeline
holds an object. Tasks of the same second run in the order in which they were planned.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from stripe_source.simulator.store.account import Account

Task: TypeAlias = "Callable[..., None]"
"""``task(account, *arguments)``."""

TASKS: dict[str, Task] = {}


def task(function: Task) -> Task:
    """Register a function under its own name."""
    name = function.__name__
    if TASKS.setdefault(name, function) is not function:
        raise ValueError(f"two tasks are called {name}")
    return function


class Timeline:
    """The tasks of one account, soonest first."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, str, tuple[Any, ...]]] = []
        self._planned = 0

    def __len__(self) -> int:
        return len(self._heap)

    def plan(self, at: int, due: Task, *arguments: Any) -> None:
        """Have ``due(account, *arguments)`` run at a time."""
        self._planned += 1
        heappush(self._heap, (at, self._planned, due.__name__, arguments))

    def next_at(self) -> int | None:
        """When the next task is due."""
        return self._heap[0][0] if self._heap else None

    def run(self, account: Account, until: int) -> None:
        """Run what is due, each task at its own time, and what those plan in turn."""
        with account.clock.standing():
            while self._heap and self._heap[0][0] <= until:
                at, _, name, arguments = heappop(self._heap)
                account.clock.at(at)
                TASKS[name](account, *arguments)
                account.settle_if_many()
