"""Objects of a test clock are left out of lists unless the clock or their customer is named."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from stripe_source.simulator.api.registry import Special
from stripe_source.simulator.store.row import Row
from stripe_source.simulator.types import Json

if TYPE_CHECKING:
    from stripe_source.simulator.store.account import Account


def hide_test_clocks(account: Account, values: Json) -> Callable[[Row], bool] | None:
    """Hides them, unless the request names a clock or a customer."""
    if "test_clock" in values or "customer" in values:
        return None
    if not len(account.collection("/v1/test_helpers/test_clocks")):
        return None
    return lambda row: row.data.get("test_clock") is None


SPECIALS = [
    Special("/v1/customers", condition=hide_test_clocks),
]
