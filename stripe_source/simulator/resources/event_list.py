"""Events: type filters with wildcards, and nothing older than 30 days."""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from stripe_source.simulator.api.errors import ApiError
from stripe_source.simulator.api.filters import Filter
from stripe_source.simulator.api.registry import Special
from stripe_source.simulator.store.events import RETENTION
from stripe_source.simulator.store.row import Row
from stripe_source.simulator.types import Json

if TYPE_CHECKING:
    from stripe_source.simulator.store.account import Account


def recent(account: Account, values: Json) -> Callable[[Row], bool]:
    """The retention; ``type`` and ``types`` exclude each other, and 20 types are the most."""
    if "type" in values and "types" in values:
        raise ApiError(
            400,
            "You may only specify one of these parameters: type, types.",
            code="parameters_exclusive",
        )
    if len(values.get("types", ())) > 20:
        raise ApiError(400, "You may pass at most 20 types.", param="types")
    oldest = account.clock.now - RETENTION
    return lambda row: row.created >= oldest


SPECIALS = [
    Special(
        "/v1/events",
        filters={
            "type": Filter(lambda row, wanted: fnmatchcase(row.data["type"], wanted)),
            "types": Filter(
                lambda row, many: any(fnmatchcase(row.data["type"], each) for each in many)
            ),
            "delivery_success": Filter(
                lambda row, wanted: (row.data["pending_webhooks"] == 0) == wanted
            ),
        },
        condition=recent,
    )
]
