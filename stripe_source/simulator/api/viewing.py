"""What one request sees of objects: expanded as it asks, in the version that it asks for."""

from __future__ import annotations

from collections.abc import Iterable

from stripe_source.simulator.api.expansion import Expand
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.store.row import Row, row_text
from stripe_source.simulator.store.shown import Shown
from stripe_source.simulator.types import Json
from stripe_source.simulator.versions import CURRENT, older
from stripe_source.simulator.versions.expansion import OlderExpansion


def seen(account: Account, version: str, obj: Json, tree: Json) -> Json:
    """A stored object with the paths of ``tree`` expanded, in a version."""
    shown = account.presenter.present(obj, tree)
    if version == CURRENT:
        return shown
    lookup = Shown(account)
    made = older(shown, version, lookup)
    return OlderExpansion(version, lookup).of_object(made, tree) if tree else made


def texts(account: Account, version: str, rows: Iterable[Row], expand: Expand) -> list[bytes]:
    """Rows as they stand in a list, indented by four; kept only in the current version."""
    if version == CURRENT:
        stamps = account.texts.stamps(expand)
        return [account.texts.render(row, expand, stamps) for row in rows]
    return [row_text(seen(account, version, row.data, expand.tree)) for row in rows]
