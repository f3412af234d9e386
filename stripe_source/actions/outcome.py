"""What an action did, or would do, to one object."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Json = dict[str, Any]
Kind = Literal[
    "found",
    "created",
    "updated",
    "unchanged",
    "skipped",
    "deleted",
    "canceled",
    "failed",
    "unknown",
]
"""``unknown`` is of a write that may have been carried out or not."""


@dataclass(frozen=True)
class Change:
    """A property before and after; None is empty, or of a property that can't be read, unknown."""

    before: Any
    after: Any


@dataclass(frozen=True)
class Outcome:
    """What became of one object.

    ``object`` is as Stripe shows it: afterwards, or before a change that is not made (``dry_run``).
    ``changes`` are by property, with dots. ``why`` says it of what was skipped or failed, and
    ``request_id`` is Stripe's for the request that did it or was refused.
    """

    outcome: Kind
    id: str | None = None
    object: Json | None = field(default=None, repr=False)
    changes: dict[str, Change] = field(default_factory=dict)
    why: str | None = None
    request_id: str | None = None
    dry_run: bool = False

    @property
    def plain_changes(self) -> dict[str, Json]:
        """The changes as plain data."""
        return {path: asdict(change) for path, change in self.changes.items()}
