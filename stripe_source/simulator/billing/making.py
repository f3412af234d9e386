"""New objects with every field that their type declares."""

from __future__ import annotations

from typing import Any

from stripe_source.simulator.shapes import blank
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.types import Json


def new(account: Account, name: str, prefix: str, /, **values: Any) -> Json:
    """A whole object with an id, the present time and the account's mode; not stored yet."""
    made = blank(name)
    if "id" in made and "id" not in values:
        made["id"] = account.ids.new(prefix)
    if "created" in made:
        made["created"] = account.clock.now
    if "livemode" in made:
        made["livemode"] = account.config.livemode
    made.update(values)
    return made


def stripe_list(rows: list[Json], url: str) -> Json:
    """An owned list with all its rows."""
    return {"object": "list", "data": rows, "has_more": False, "url": url}
