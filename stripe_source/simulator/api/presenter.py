"""Turns a stored object into what one request sees of it.

Stored objects are whole: nested lists complete, includables present, references as ids. Seen
unexpanded, a nested list is cut at 10 with ``has_more``, includables are absent, and references
stay ids.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeAlias

from stripe_source.simulator.shapes import fields_of, shape
from stripe_source.simulator.types import Json

EMBEDDED_ROWS = 10
Steps: TypeAlias = dict[str, Any]
Include: TypeAlias = Callable[[Any, Json], Any]
"""``include(account, object)`` gives the value of a field that comes only when expanded."""
Find: TypeAlias = Callable[[list[str], str], Json | None]


@cache
def steps_of(name: str) -> Steps:
    """The fields of an object that are more than plain values, with their types."""
    return _compound({k: v for k, (v, _) in shape(name).items()})


def _compound(fields: Json) -> Steps:
    return {name: kind for name, kind in fields.items() if _matters(kind)}


def _matters(kind: Any) -> bool:
    if not isinstance(kind, dict):
        return False
    if "array" in kind:
        return _matters(kind["array"])
    if "object" in kind:
        return bool(_compound({k: v for k, (v, _) in fields_of(kind["object"]).items()}))
    return "map" not in kind


@cache
def default_steps(name: str) -> Steps:
    """Of those, the fields that need work even when nothing is expanded."""
    return {k: v for k, v in steps_of(name).items() if _always(v)}


def _always(kind: Json) -> bool:
    if "array" in kind:
        return _always(kind["array"])
    if "object" in kind:
        inner = _compound({k: v for k, (v, _) in fields_of(kind["object"]).items()})
        return any(_always(v) for v in inner.values())
    return "id" not in kind


class Presenter:
    """Presents the objects of one account."""

    def __init__(
        self, account: Any, find: Find, includes: Mapping[str, Mapping[str, Include | None]]
    ) -> None:
        self._account = account
        self._find = find
        self._includes = includes

    def present(self, stored: Json, tree: Json) -> Json:
        """A copy of the object as seen with the paths of ``tree`` expanded."""
        name = stored.get("object")
        if not isinstance(name, str):
            return stored
        seen = dict(stored)
        self._include(name, stored, seen, tree)
        steps = default_steps(name)
        if tree:
            every = steps_of(name)
            steps = steps | {k: every[k] for k in tree if k in every}
        for field, kind in steps.items():
            if seen.get(field) is not None:
                seen[field] = self._value(kind, seen[field], tree.get(field))
        return seen

    def _include(self, name: str, stored: Json, seen: Json, tree: Json) -> None:
        """Drop the includables that were not asked for, and fetch those that were."""
        for field, make in self._includes.get(name, {}).items():
            if field not in tree:
                seen.pop(field, None)
            elif make is not None:
                seen[field] = make(self._account, stored)

    def _value(self, kind: Json, value: Any, tree: Json | None) -> Any:
        if "array" in kind:
            return [self._value(kind["array"], item, tree) for item in value]
        if "list" in kind:
            return self._list(value, tree or {})
        if "embed" in kind:
            return self.present(value, tree or {}) if isinstance(value, dict) else value
        if "object" in kind:
            return self._hash(kind["object"], value, tree or {})
        return value if tree is None else self._reference(kind["id"], value, tree)

    def _list(self, value: Json, tree: Json) -> Json:
        rows = value.get("data", [])
        inside = tree.get("data", {})
        shown = [self.present(row, inside) for row in rows[:EMBEDDED_ROWS]]
        more = value.get("has_more", False) or len(rows) > EMBEDDED_ROWS
        return {"object": "list", "data": shown, "has_more": more, "url": value.get("url", "")}

    def _hash(self, raw: Json, value: Json, tree: Json) -> Json:
        seen = dict(value)
        for field, (kind, _) in fields_of(raw).items():
            if seen.get(field) is not None and _matters(kind):
                seen[field] = self._value(kind, seen[field], tree.get(field))
        return seen

    def _reference(self, names: list[str], value: Any, tree: Json) -> Any:
        if not isinstance(value, str):
            return value
        found = self._find(names, value)
        return value if found is None else self.present(found, tree)
