"""A Python function that gets each change."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from stripe_source.plays.change import Change
from stripe_source.plays.targets.target import Access, Failed, Send, Undelivered


@dataclass(frozen=True)
class Function:
    """Called with a ``Change``; what it gives is noted as text, what it raises is a failure.

    It is called from several threads, and again where it raised, or was killed, in the middle.
    """

    call: Callable[[Change], Any]

    @property
    def shown(self) -> str:
        """Its name."""
        return f"{self.call.__module__}.{self.call.__qualname__}"

    def check(self, columns: Collection[str]) -> None:
        """Nothing is known of what it reads."""

    def sent(self, change: Change) -> Any:
        """The change itself."""
        return change.payload()

    @contextmanager
    def open(self, access: Access, *, allow_live: bool) -> Iterator[Send]:  # noqa: ARG002
        """It is always ready."""

        def send(change: Change, _: int) -> str:
            try:
                given = self.call(change)
            except Undelivered:
                raise
            except Exception as failure:
                raise Failed(f"{type(failure).__name__}: {failure}") from failure
            return "" if given is None else str(given)

        yield send
