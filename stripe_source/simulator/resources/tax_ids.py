"""Tax ids: the account's own unless ``owner`` names another."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from stripe_source.simulator.api.filters import Filter
from stripe_source.simulator.api.registry import Special
from stripe_source.simulator.store.row import Row
from stripe_source.simulator.types import Json

if TYPE_CHECKING:
    from stripe_source.simulator.store.account import Account


def owned_by(row: Row, wanted: Json) -> bool:
    """``owner[type]=customer&owner[customer]=cus_1``."""
    owner = row.data.get("owner") or {"type": "self"}
    return all(owner.get(key) == value for key, value in wanted.items())


def own(account: Account, values: Json) -> Callable[[Row], bool] | None:
    """Without ``owner`` the list is of the account itself."""
    return None if "owner" in values else lambda row: owned_by(row, {"type": "self"})


SPECIALS = [Special("/v1/tax_ids", filters={"owner": Filter(owned_by)}, condition=own)]
