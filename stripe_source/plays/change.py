"""A change of a row, as targets get it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

ID = "msg_"  # how the id of a delivery begins
Kind = Literal["added", "changed", "removed"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True)
class Change:
    """A row that came into what a play watches, changed in it, or left it.

    ``id`` is the same however often the change is delivered. ``before`` is None of an added row,
    ``after`` of a removed one; times in them are texts in ISO 8601, UTC.
    """

    id: str
    play: str
    model: str
    change: Kind
    key: Mapping[str, Any]
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    found_at: datetime

    @property
    def row(self) -> Mapping[str, Any]:
        """The row as it is, or as it was last."""
        return self.after if self.after is not None else self.before or {}

    def payload(self) -> dict[str, Any]:
        """As JSON, in the shape of the Standard Webhooks specification, "payload structure"."""
        return {
            "type": f"{self.play}.{self.change}",
            "timestamp": self.found_at.isoformat(),
            "data": {
                "play": self.play,
                "model": self.model,
                "change": self.change,
                "key": self.key,
                "before": self.before,
                "after": self.after,
            },
        }
