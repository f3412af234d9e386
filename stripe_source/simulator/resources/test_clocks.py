"""Test clocks: a time of their own for the customers on them.

Objects of a test clock are left out of lists unless the clock or their customer is named. Source:
https://docs.stripe.com/billing/testing/test-clocks
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from stripe_source.simulator.api.errors import ApiError
from stripe_source.simulator.api.registry import Special
from stripe_source.simulator.billing import subscriptions
from stripe_source.simulator.billing.amounts import DAY
from stripe_source.simulator.billing.making import new
from stripe_source.simulator.resources.lookup import existing
from stripe_source.simulator.store.row import Row
from stripe_source.simulator.types import Json

if TYPE_CHECKING:
    from stripe_source.simulator.store.account import Account

KEPT = 30 * DAY
"""A test clock is deleted after 30 days."""
NAME = "test_helpers.test_clock"


def hide_test_clocks(account: Account, values: Json) -> Callable[[Row], bool] | None:
    """Hides them, unless the request names a clock or a customer."""
    if not account.clocked or "test_clock" in values or "customer" in values:
        return None
    return no_test_clock


def no_test_clock(row: Row) -> bool:
    """Whether an object is on no clock; its text tells, unless metadata have a key of that name."""
    text = row.stored or b""
    if b'"test_clock": "' not in text and b'"test_clock":"' not in text:
        return True
    return row.data.get("test_clock") is None


def create(account: Account, given: Json) -> Json:
    """A clock that stands at a time."""
    return account.add(
        new(account, NAME, "clock", frozen_time=given["frozen_time"], name=given.get("name"),
            status="ready", deletes_after=account.clock.now + KEPT, status_details={})
    )  # fmt: skip


def advance(account: Account, given: Json, identifier: str) -> Json:
    """Move it on; what falls due on it happens, which Stripe does a little later."""
    clock = existing(account, NAME, identifier)
    target = given["frozen_time"]
    if target <= clock["frozen_time"]:
        raise ApiError(400, "Invalid timestamp: can't be before or equal to the current time of "
                       "the test clock.", param="frozen_time")  # fmt: skip
    details = {"advancing": {"target_frozen_time": target}}
    shown = clock | {"status": "advancing", "status_details": details}
    account.emit("advancing", shown)
    with account.on_test_clock(identifier):
        account.timeline.run(account, target)
    account.modify(account.get(NAME, identifier), {"frozen_time": target}, event="ready")
    return shown


def delete(account: Account, given: Json, identifier: str) -> Json:
    """The clock goes, and with it its customers and what they subscribe to."""
    clock = existing(account, NAME, identifier)
    with account.on_test_clock(identifier):
        subscriptions.cancel_running(account, "test_clock", identifier)
        for customer in account.where("customer", "test_clock", identifier):
            account.remove(customer)
    account.test_timelines.pop(identifier, None)
    return account.remove(clock)


SPECIALS = [
    Special(path, condition=hide_test_clocks)
    for path in ("/v1/customers", "/v1/quotes", "/v1/subscription_schedules")
]
OPERATIONS = {
    "POST /v1/test_helpers/test_clocks": create,
    "POST /v1/test_helpers/test_clocks/{}/advance": advance,
    "DELETE /v1/test_helpers/test_clocks/{}": delete,
}
