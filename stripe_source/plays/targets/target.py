"""What every target is, and how a delivery fails.

Undelivered
├── Refused        it will never be taken: a dead letter at once
├── Failed         it may be taken later: it is tried again
├── Closed         nothing can be sent now: the play waits for its next run, nothing is counted
└── Withdrawn      the target wants no more: the play is paused
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from stripe_source.plays.change import Change

AT_ONCE = 8  # deliveries of a play
Send = Callable[[Change, datetime | None], str]
"""Delivers a change that may have been sent since a time; gives what came of it, in short."""


class Undelivered(Exception):
    """A delivery that did not come about; the message is one line."""


class Refused(Undelivered):
    """The target, or the change, is such that it can't be delivered."""


class Failed(Undelivered):
    """It did not work this time.

    ``down`` says that others would fare no better now, ``wait`` for how many seconds the target
    wants to be left alone.
    """

    def __init__(self, why: str, *, down: bool = False, wait: float = 0.0) -> None:
        super().__init__(why)
        self.down = down
        self.wait = wait


class Closed(Undelivered):
    """This run can deliver nothing more."""


class Withdrawn(Undelivered):
    """The target is gone for good."""


@dataclass(frozen=True)
class Access:
    """How Stripe is reached, and whose data the warehouse holds.

    ``accounts`` are all that it holds, that of the first key first. ``connection`` are the settings
    of ``connect.client_for``, and ``account_id``.
    """

    accounts: Sequence[str]
    livemode: bool
    connection: Mapping[str, Any] = field(default_factory=dict, repr=False)


class Target(Protocol):
    """Where the changes of a play go."""

    @property
    def shown(self) -> str:
        """What it is, for lists and logs; never a secret."""

    @property
    def once(self) -> bool:
        """Whether what it does is done twice when it is asked for twice, but for its own keys."""

    def check(self, columns: Collection[str]) -> None:
        """Raise UsageError for what could never work, given the columns of the model."""

    def sent(self, change: Change) -> Any:
        """What is sent of a change, as plain data. Raises Refused where it can't be made."""

    def open(self, access: Access, *, allow_live: bool) -> AbstractContextManager[Send]:
        """Get ready to deliver. Raises UsageError where that can't be."""
