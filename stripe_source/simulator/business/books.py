"""What the makers of the business share: the account, its random numbers and its time."""

from __future__ import annotations

import random
from calendar import monthrange
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from stripe_source.simulator.shapes import blank
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.store.events import RETENTION
from stripe_source.simulator.types import Json

DAY = 86400


@dataclass
class Books:
    """The account while its past is being made."""

    account: Account
    rng: random.Random
    now: int
    start: int
    products: list[Json] = field(default_factory=list)
    prices: list[Json] = field(default_factory=list)
    coupons: list[Json] = field(default_factory=list)
    tax_rate: Json = field(default_factory=dict)

    def new(self, name: str, prefix: str, at: int, /, **values: Any) -> Json:
        """A whole object with an id, its time and the account's mode; not stored yet."""
        made = blank(name)
        made["id"] = self.account.ids.new(prefix)
        if "created" in made:
            made["created"] = at
        if "livemode" in made:
            made["livemode"] = self.account.config.livemode
        made.update(values)
        return made

    def keep(
        self, obj: Json, at: int, *, event: str | None = "created", hidden: Json | None = None
    ) -> Json:
        """Store an object with its event."""
        self.account.put(obj["object"], obj, at=at, hidden=hidden)
        if event:
            self.tell(event, obj, at)
        return obj

    def tell(self, action: str, obj: Json, at: int, previous: Json | None = None) -> None:
        """An event, where it is young enough to be listed; a day more, for clocks set back."""
        if self.now - RETENTION - DAY <= at <= self.now:
            self.account.emit(action, obj, previous, at=at)

    def between(self, low: int, high: int) -> int:
        """A time in a range."""
        return self.rng.randint(low, max(low, high))


def plus(at: int, interval: str, count: int) -> int:
    """``at`` moved by an interval; a month's last day is the anchor's day or the month's end."""
    if interval in ("day", "week"):
        return at + count * (DAY if interval == "day" else 7 * DAY)
    months = count * (12 if interval == "year" else 1)
    when = datetime.fromtimestamp(at, UTC)
    total = when.month - 1 + months
    year, month = when.year + total // 12, total % 12 + 1
    day = min(when.day, monthrange(year, month)[1])
    return int(when.replace(year=year, month=month, day=day).timestamp())


def midnight(at: int) -> int:
    """The start of the day, UTC."""
    return at - at % DAY
