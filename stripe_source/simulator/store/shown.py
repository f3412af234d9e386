"""The account's objects as a client of the current version sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stripe_source.simulator.types import Json

if TYPE_CHECKING:
    from stripe_source.simulator.store.account import Account


class Shown:
    """What older versions look objects up in (``versions.Lookup``)."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def find(self, names: list[str], identifier: str, expand: Json | None = None) -> Json | None:
        """The object of one of these names; a deleted one's stub; None where it never was."""
        found = self._account.peek_any(names, identifier)
        return found and self._account.presenter.present(found, expand or {})

    def where(self, name: str, field: str, value: Any) -> list[Json]:
        """The objects whose field (a dotted path) has the value, newest first."""
        rows = self._account.home(name).where(field, value)
        present = self._account.presenter.present
        return [present(row.data, {}) for row in reversed(list(rows))]
