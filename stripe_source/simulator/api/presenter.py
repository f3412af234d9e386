"""Turns a stored object into what one request sees of it.

Stored objects are whole: nested lists complete, includables present, references as ids. Seen
unexpanded, a nested list is cut at 10 with ``has_more``, includables are absent, and references
stay ids.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from operator import is_
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
        self._fetched: dict[str, tuple[str, ...]] = {}

    def present(self, stored: Json, tree: Json) -> Json:
        """The object as seen with the paths of ``tree`` expanded.

        What needs no change is not copied: an object that is seen as it is stored comes back
        itself, so that its caller can tell.
        """
        name = stored.get("object")
        if not isinstance(name, str):
            return stored
        seen = self._included(name, stored, tree)
        steps = default_steps(name)
        if tree:
            every = steps_of(name)
            steps = steps | {k: every[k] for k in tree if k in every}
        for field, kind in steps.items():
            value = seen.get(field)
            if value is None:
                continue
            shown = self._value(kind, value, tree.get(field))
            if shown is not value:
                seen = dict(seen) if seen is stored else seen
                seen[field] = shown
        return seen

    def fetched(self, name: str) -> tuple[str, ...]:
        """The fields of an object that are not stored with it, but fetched when expanded."""
        kept = self._fetched.get(name)
        if kept is None:
            included = self._includes.get(name, {})
            kept = self._fetched[name] = tuple(f for f, make in included.items() if make)
        return kept

    def whole(self, stored: Json) -> Json:
        """The object with embedded objects resolved and nothing cut or left out."""
        seen = dict(stored)
        for field, kind in default_steps(str(stored.get("object"))).items():
            if seen.get(field) is not None:
                seen[field] = self._whole_value(kind, seen[field])
        return seen

    def partial(self, name: str, previous: Json) -> Json:
        """Some fields of an object of this name, as ``previous_attributes`` shows them."""
        seen = dict(previous)
        for field, kind in default_steps(name).items():
            value = previous.get(field)
            if value is None:
                continue
            if "list" in kind:
                rows = value.get("data", [])[:EMBEDDED_ROWS]
                seen[field] = value | {"data": [self.present(row, {}) for row in rows]}
            else:
                seen[field] = self._value(kind, value, None)
        return seen

    def _whole_value(self, kind: Json, value: Any) -> Any:
        if "array" in kind:
            return [self._whole_value(kind["array"], item) for item in value]
        if "list" in kind:
            return value | {"data": [self.whole(row) for row in value["data"]]}
        if "embed" in kind:
            found = self._embedded(kind["embed"], value)
            return self.whole(found) if isinstance(found, dict) else found
        if "object" in kind:
            steps = _steps_in(kind["object"])
            inner = {k: v for k, v in steps.items() if value.get(k) is not None and _always(v)}
            return value | {k: self._whole_value(v, value[k]) for k, v in inner.items()}
        return value

    def _included(self, name: str, stored: Json, tree: Json) -> Json:
        """Drop the includables that were not asked for, and fetch those that were."""
        seen = stored
        for field, make in self._includes.get(name, {}).items():
            if field not in tree:
                if field in seen:
                    seen = dict(seen) if seen is stored else seen
                    del seen[field]
            elif make is not None:
                seen = dict(seen) if seen is stored else seen
                seen[field] = make(self._account, stored)
        return seen

    def _value(self, kind: Json, value: Any, tree: Json | None) -> Any:
        if "array" in kind:
            shown = [self._value(kind["array"], item, tree) for item in value]
            return value if all(map(is_, shown, value)) else shown
        if "list" in kind:
            return self._list(value, tree or {})
        if "embed" in kind:
            found = self._embedded(kind["embed"], value)
            return self.present(found, tree or {}) if isinstance(found, dict) else found
        if "object" in kind:
            return self._hash(kind["object"], value, tree or {})
        return value if tree is None else self._reference(kind["id"], value, tree)

    def _embedded(self, names: list[str], value: Any) -> Any:
        """An object that others carry inside them is stored as its id."""
        if not isinstance(value, str):
            return value
        found = self._find(names, value)
        return value if found is None else found

    def _list(self, value: Json, tree: Json) -> Json:
        rows = value.get("data", [])
        inside = tree.get("data", {})
        shown = [self.present(row, inside) for row in rows[:EMBEDDED_ROWS]]
        if len(rows) <= EMBEDDED_ROWS and all(map(is_, shown, rows)):
            return value
        more = value.get("has_more", False) or len(rows) > EMBEDDED_ROWS
        return {"object": "list", "data": shown, "has_more": more, "url": value.get("url", "")}

    def _hash(self, raw: Json, value: Json, tree: Json) -> Json:
        seen = value
        for field, kind in _steps_in(raw).items():
            inner = value.get(field)
            if inner is None:
                continue
            shown = self._value(kind, inner, tree.get(field))
            if shown is not inner:
                seen = dict(seen) if seen is value else seen
                seen[field] = shown
        return seen

    def _reference(self, names: list[str], value: Any, tree: Json) -> Any:
        if not isinstance(value, str):
            return value
        found = self._find(names, value)
        return value if found is None else self.present(found, tree)


def _steps_in(raw: Json) -> Steps:
    """The fields of a hash that are more than plain values; worked out once for each hash."""
    kept = _STEPS.get(id(raw))
    if kept is None:
        kept = _STEPS[id(raw)] = _compound({k: v for k, (v, _) in fields_of(raw).items()})
    return kept


_STEPS: dict[int, Steps] = {}
"""By the identity of the shape, which ``all_shapes`` keeps alive."""
