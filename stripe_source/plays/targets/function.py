"""A Python function that gets each change."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from inspect import isasyncgenfunction, iscoroutinefunction, isgeneratorfunction, signature
from typing import Any

from stripe_source.errors import UsageError
from stripe_source.plays.change import Change
from stripe_source.plays.targets.target import Access, Failed, Send, Undelivered


@dataclass(frozen=True)
class Function:
    """Called with a ``Change``; what it gives is noted as text, what it raises is a failure.

    It is called from several threads, and again where it raised, or was killed, in the middle.
    """

    call: Callable[[Change], Any]

    def __post_init__(self) -> None:
        """Raise UsageError for what is not done when it is called."""
        kinds = (iscoroutinefunction, isgeneratorfunction, isasyncgenfunction)
        if any(kind(self.call) for kind in kinds):
            raise UsageError(f"{self.shown} is no plain function: calling it would do nothing")
        try:
            signature(self.call).bind(None)
        except TypeError:
            raise UsageError(f"{self.shown} takes one argument, the change") from None
        except ValueError:  # one of C's, of which nothing is known
            return

    @property
    def shown(self) -> str:
        """Its name."""
        name = getattr(self.call, "__qualname__", type(self.call).__qualname__)
        return f"{self.call.__module__}.{name}"

    @property
    def once(self) -> bool:
        """It tells by the change's id what it has had."""
        return False

    def check(self, columns: Collection[str]) -> None:
        """Nothing is known of what it reads."""

    def sent(self, change: Change) -> Any:
        """The change itself."""
        return change.payload()

    @contextmanager
    def open(self, access: Access, *, allow_live: bool) -> Iterator[Send]:  # noqa: ARG002
        """It is always ready."""

        def send(change: Change, _: datetime | None) -> str:
            try:
                given = self.call(change)
                return "" if given is None else str(given)
            except Undelivered:
                raise
            except (Exception, SystemExit) as failure:
                raise Failed(f"{type(failure).__name__}: {failure}") from failure

        yield send
