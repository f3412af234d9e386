"""The ``expand`` parameter: which paths are allowed, and the tree that they make.

Four levels at most, where the ``data.`` of a list counts as one
(https://docs.stripe.com/api/expanding_objects: the deepest when listing charges is
``data.payment_intent.customer.default_source``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stripe_source.simulator.api.errors import not_expandable, too_deep
from stripe_source.simulator.shapes import fields_of, shape
from stripe_source.simulator.types import Json

MAX_DEPTH = 4


@dataclass(frozen=True, slots=True)
class Expand:
    """Paths as a tree, and a key under which rendered bytes are kept."""

    key: str = ""
    tree: Json = field(default_factory=dict)


NOTHING = Expand()


def expand_of(
    paths: list[str],
    objects: tuple[str, ...],
    includes: Mapping[str, Mapping[str, Any]],
    *,
    listed: bool,
) -> Expand:
    """The checked tree; on a list its paths start with ``data.``, which is taken off."""
    if not paths:
        return NOTHING
    tree: Json = {}
    for path in sorted(set(paths)):
        segments = path.split(".")
        if len(segments) > MAX_DEPTH:
            raise too_deep(path)
        if listed and (segments[0] != "data" or len(segments) == 1):
            raise not_expandable(segments[0])
        inner = segments[1:] if listed else segments
        if not any(_in_object(name, inner, includes) for name in objects):
            raise not_expandable(".".join(inner))
        branch = tree
        for segment in inner:
            branch = branch.setdefault(segment, {})
    return Expand(",".join(sorted(set(paths))), tree)


def _in_object(name: str, rest: list[str], includes: Mapping[str, Mapping[str, Any]]) -> bool:
    if len(rest) == 1 and rest[0] in includes.get(name, {}):
        return True
    return _in_fields(shape(name), rest, includes)


def _in_fields(
    fields: dict[str, tuple[Any, bool]],
    rest: list[str],
    includes: Mapping[str, Mapping[str, Any]],
) -> bool:
    return rest[0] in fields and _reaches(fields[rest[0]][0], rest[1:], includes)


def _reaches(kind: Any, rest: list[str], includes: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether ``rest`` leads from a field of this type to something expandable."""
    if not isinstance(kind, dict):
        return False
    if "array" in kind:
        return _reaches(kind["array"], rest, includes)
    if "object" in kind:
        return bool(rest) and _in_fields(fields_of(kind["object"]), rest, includes)
    if "list" in kind:
        if not rest or rest == ["data"]:
            return True
        inside = [_in_object(name, rest[1:], includes) for name in kind["list"]]
        return rest[0] == "data" and any(inside)
    names = kind.get("id") or kind.get("embed")
    if names is None:
        return False
    return not rest or any(_in_object(name, rest, includes) for name in names)
