"""The ``expand`` parameter: which paths are allowed, and the tree that they make.

Four levels at most, where the ``data.`` of a list counts as one
(https://docs.stripe.com/api/expanding_objects: the deepest when listing charges is
``data.payment_intent.customer.default_source``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from stripe_source.simulator.api.errors import not_expandable, too_deep
from stripe_source.simulator.shapes import fields_of, shape
from stripe_source.simulator.types import Json
from stripe_source.simulator.versions import CURRENT
from stripe_source.simulator.versions.shapes import shape_at

MAX_DEPTH = 4


Includes: TypeAlias = Mapping[str, Mapping[str, Any]]
"""Object name to the fields that come only when expanded, with what fetches them."""


@dataclass(frozen=True, slots=True)
class Expand:
    """Paths as a tree, and a key under which rendered texts are kept.

    ``embedded`` are the names of the objects that a rendering holds by these paths, ``listed``
    those of which it holds all that belong to it: it is stale when one of the former changes, or
    one of the latter comes, changes or goes. ``plain`` are the names of what an object may hold
    even when nothing is expanded.
    """

    key: str = ""
    tree: Json = field(default_factory=dict)
    embedded: frozenset[str] = frozenset()
    listed: frozenset[str] = frozenset()
    plain: frozenset[str] = frozenset()


def expand_to(names: Iterable[str], tree: Json, includes: Includes, key: str = "") -> Expand:
    """The tree with what its renderings depend on."""
    seen, plain = Dependencies(includes), Dependencies(includes)
    for name in names:
        seen.of_paths(name, tree)
        plain.of_object(name, {})
    return Expand(
        key, tree, frozenset(seen.embedded), frozenset(seen.listed), frozenset(plain.embedded)
    )


def expand_of(
    paths: list[str],
    objects: tuple[str, ...],
    includes: Includes,
    *,
    listed: bool,
    version: str = CURRENT,
) -> Expand:
    """The checked tree; on a list its paths start with ``data.``, which is taken off."""
    reach = Reach(includes, version)
    tree: Json = {}
    for path in sorted(set(paths)):
        segments = path.split(".")
        if len(segments) > MAX_DEPTH:
            raise too_deep(path)
        if listed and (segments[0] != "data" or len(segments) == 1):
            raise not_expandable(segments[0])
        inner = segments[1:] if listed else segments
        if not any(reach.in_object(name, inner) for name in objects):
            raise not_expandable(".".join(inner))
        branch = tree
        for segment in inner:
            branch = branch.setdefault(segment, {})
    return expand_to(objects, tree, includes, ",".join(sorted(set(paths))))


@dataclass(frozen=True)
class Reach:
    """Where the paths of a request lead in its version."""

    includes: Includes
    version: str

    def in_object(self, name: str, rest: list[str]) -> bool:
        """Whether ``rest`` leads from an object of this name to something expandable."""
        fields = shape_at(name, self.version)
        if len(rest) == 1 and rest[0] in fields and rest[0] in self.includes.get(name, {}):
            return True
        return self._in_fields(fields, rest)

    def _in_fields(self, fields: dict[str, tuple[Any, bool]], rest: list[str]) -> bool:
        return rest[0] in fields and self._reaches(fields[rest[0]][0], rest[1:])

    def _reaches(self, kind: Any, rest: list[str]) -> bool:
        if not isinstance(kind, dict):
            return False
        if "array" in kind:
            return self._reaches(kind["array"], rest)
        if "object" in kind:
            return bool(rest) and self._in_fields(fields_of(kind["object"]), rest)
        if "list" in kind:
            if not rest or rest == ["data"]:
                return True
            inside = [self.in_object(name, rest[1:]) for name in kind["list"]]
            return rest[0] == "data" and any(inside)
        names = kind.get("id", kind.get("embed"))
        if names is None:
            return False
        return not rest or any(self.in_object(name, rest) for name in names)


class Dependencies:
    """Gathers the names of the objects that renderings hold."""

    def __init__(self, includes: Includes) -> None:
        self.includes = includes
        self.embedded: set[str] = set()
        self.listed: set[str] = set()
        self._plain: set[str] = set()

    def of_paths(self, name: str, tree: Json) -> None:
        """What an object of this name holds by the paths of ``tree`` alone."""
        included = self.includes.get(name, {})
        for step, (kind, _) in shape(name).items():
            if step in tree:
                self._of_path(kind, tree[step], owned=included.get(step) is None)

    def of_object(self, name: str, tree: Json) -> None:
        """What an object of this name holds with the paths of ``tree`` expanded."""
        self.of_paths(name, tree)
        if name in self._plain:
            return
        self._plain.add(name)
        included = self.includes.get(name, {})
        for step, (kind, _) in shape(name).items():
            if step not in included:
                self._of_kind(kind)

    def _of_path(self, kind: Any, tree: Json, *, owned: bool = True) -> None:
        if not isinstance(kind, dict):
            return
        if "array" in kind:
            self._of_path(kind["array"], tree)
        elif "object" in kind:
            for step, (inner, _) in fields_of(kind["object"]).items():
                if step in tree:
                    self._of_path(inner, tree[step])
        elif "list" in kind:
            for name in kind["list"]:
                if owned:
                    self.of_paths(name, tree.get("data", {}))
                else:
                    self.listed.add(name)
                    self.of_object(name, tree.get("data", {}))
        else:
            self._held(kind.get("embed") or kind.get("id") or [], tree)

    def _of_kind(self, kind: Any) -> None:
        if not isinstance(kind, dict):
            return
        if "array" in kind:
            self._of_kind(kind["array"])
        elif "object" in kind:
            for inner, _ in fields_of(kind["object"]).values():
                self._of_kind(inner)
        elif "list" in kind:
            for name in kind["list"]:
                self.of_object(name, {})
        else:
            self._held(kind.get("embed", []), {})

    def _held(self, names: list[str], tree: Json) -> None:
        self.embedded.update(names)
        for name in names:
            self.of_object(name, tree)
