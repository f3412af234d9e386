"""Events: type filters with wildcards, and nothing older than 30 days."""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from stripe_source.simulator.api.errors import ApiError
from stripe_source.simulator.api.filters import Filter
from stripe_source.simulator.api.registry import Special
from stripe_source.simulator.store.events import RETENTION
from stripe_source.simulator.store.row import Row
from stripe_source.simulator.types import Json

if TYPE_CHECKING:
    from stripe_source.simulator.store.account import Account


def known(row: Row, name: str) -> Any:
    """What the journal notes beside an event, so that a filter need not parse it."""
    return (row.hidden or {})[name]


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
    now = account.clock.now
    return lambda row: bool(row.created >= now - RETENTION and known(row, "visible") <= now)


SPECIALS = [
    Special(
        "/v1/events",
        filters={
            "type": Filter(lambda row, wanted: fnmatchcase(known(row, "type"), wanted)),
            "types": Filter(
                lambda row, many: any(fnmatchcase(known(row, "type"), each) for each in many)
            ),
            "delivery_success": Filter(
                lambda row, wanted: (row.data["pending_webhooks"] == 0) == wanted
            ),
        },
        condition=recent,
    )
]
