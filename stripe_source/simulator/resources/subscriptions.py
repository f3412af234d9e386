"""Subscriptions: status filter, filters by price and period.

Without ``status`` the list leaves canceled ones out; ``ended`` is canceled or incomplete_expired,
``all`` is everything (https://docs.stripe.com/api/subscriptions/list).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from stripe_source.simulator.api.filters import Filter
from stripe_source.simulator.api.registry import Special
from stripe_source.simulator.billing.renewals import ENDED
from stripe_source.simulator.resources.test_clocks import hide_test_clocks
from stripe_source.simulator.search.fields import METADATA, NUMERIC, TOKEN
from stripe_source.simulator.store.row import Row
from stripe_source.simulator.types import Json

if TYPE_CHECKING:
    from stripe_source.simulator.store.account import Account


def has_status(row: Row, wanted: str) -> bool:
    """``all`` and ``ended`` are groups; anything else is the status itself."""
    if wanted == "all":
        return True
    status = row.data["status"]
    return status in ENDED if wanted == "ended" else bool(status == wanted)


def item_holds(test: Callable[[Json, Any], bool]) -> Filter:
    """A filter that any of the subscription's items may meet."""
    return Filter(lambda row, value: any(test(i, value) for i in row.data["items"]["data"]))


def not_canceled(account: Account, values: Json) -> Callable[[Row], bool] | None:
    """The default condition, and the one of test clocks."""
    visible = hide_test_clocks(account, values)
    if "status" in values:
        return visible
    return lambda row: row.data["status"] != "canceled" and (visible is None or visible(row))


SPECIALS = [
    Special(
        "/v1/subscriptions",
        filters={
            "status": Filter(has_status),
            "price": item_holds(lambda item, value: item["price"] == value),
            "plan": item_holds(lambda item, value: item["plan"] == value),
            "current_period_start": item_holds(lambda i, v: v.holds(i["current_period_start"])),
            "current_period_end": item_holds(lambda i, v: v.holds(i["current_period_end"])),
        },
        condition=not_canceled,
    ),
]

SEARCH = {
    "subscription": {
        "canceled_at": NUMERIC,
        "created": NUMERIC,
        "metadata": METADATA,
        "status": TOKEN,
    }
}
"""https://docs.stripe.com/search#query-fields-for-subscriptions"""
