"""The texts that objects are served as, kept until something changes."""

from __future__ import annotations

from collections import Counter

import orjson

from stripe_source.simulator.api.expansion import Expand
from stripe_source.simulator.api.presenter import Presenter
from stripe_source.simulator.store.row import BulkRow, Prototype, Row, row_text
from stripe_source.simulator.types import Json


class Texts:
    """Renders rows; ``changed`` and ``written`` count by object name what makes texts stale.

    ``changed`` counts changes of objects that were there, ``written`` new ones too.
    """

    def __init__(self, presenter: Presenter) -> None:
        self.presenter = presenter
        self.changed: Counter[str] = Counter()
        self.written: Counter[str] = Counter()

    def count(self, name: str, *, changed: bool) -> None:
        """An object of this name was written; ``changed`` where it had been there."""
        self.written[name] += 1
        if changed:
            self.changed[name] += 1

    def stamps(self, expand: Expand) -> tuple[int, int]:
        """How often that has changed which renderings depend on: unexpanded, and by the paths."""
        plain = sum(self.changed[name] for name in expand.plain)
        held = sum(self.changed[name] for name in expand.embedded)
        return plain, held + sum(self.written[name] for name in expand.listed)

    def render(self, row: Row, expand: Expand, stamps: tuple[int, int]) -> bytes:
        """A row as it stands in a list, indented by four; kept until something changes.

        A row that is shown as it is stored holds no other object until a path is expanded.
        """
        if isinstance(row, BulkRow):
            return row.shown_as(self._of_prototype(row.prototype, expand))
        plain, held = stamps
        if row.text is None:
            plain = 0
        if not expand.tree:
            if row.shown is None or row.stamp != plain:
                row.shown, row.stamp = self.listed(row.data, {}), plain
            return row.shown
        kept = row.expanded
        if kept is None or kept[0] != expand.key or kept[1] != plain + held:
            text = self.listed(row.data, expand.tree)
            same = row.text is None and text == row.shown
            kept = row.expanded = (expand.key, plain + held, None if same else text)
        return kept[2] or row.shown or b""

    def _of_prototype(self, prototype: Prototype, expand: Expand) -> bytes:
        text = prototype.listed.get(expand.key)
        if text is None:
            data = orjson.loads(prototype.whole)
            text = prototype.listed[expand.key] = self.listed(data, expand.tree)
        return text

    def listed(self, obj: Json, tree: Json) -> bytes:
        """An object as it stands in a list, indented by four."""
        return row_text(self.presenter.present(obj, tree))

    def settle(self, row: Row) -> bool:
        """Write a row's dict back to text; whether that changed it."""
        obj, before = row.live or {}, row.stored
        row.live = None
        if self.presenter.present(obj, {}) is obj:
            now = row_text(obj)
            text = None
        else:
            now = text = bytes(memoryview(orjson.dumps(obj)))  # a copy gives the buffer's rest back
        if now == before:
            return False
        row.text, row.shown = text, None if text else now
        row.stamp, row.expanded = 0, None
        self.count(obj.get("object", ""), changed=before is not None)
        return True
