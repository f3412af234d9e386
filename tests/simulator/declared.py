"""Answers against the SDK's annotations: where a value departs from what is declared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from stripe_source.simulator.data.sdk_shapes import all_shapes

PLAIN: dict[str, Any] = {"str": str, "int": int, "float": (int, float), "bool": bool,
                         "decimal": str}  # fmt: skip


@dataclass(frozen=True)
class Declared:
    """The shapes of all objects, and the paths that a request has expanded (without ``data.``).

    A reference is an id, unless its path is expanded: then it is the object or, where that was
    deleted, its stub.
    """

    shapes: dict[str, Any] = field(default_factory=all_shapes)
    expanded: frozenset[str] = frozenset()

    def faults(self, obj: Any) -> Iterator[str]:
        """Where an object, at every depth, is not as its name's shape says."""
        name = obj.get("object")
        if name not in self.shapes:
            yield f"{name!r} is no object"
        elif not obj.get("deleted"):
            yield from self.in_fields(obj, self.shapes[name], name, "")

    def in_fields(self, value: Any, fields: Any, where: str, path: str) -> Iterator[str]:
        """A hash: each field declared, each declared field there and of its type."""
        kinds = {name.rstrip("?"): (kind, name.endswith("?")) for name, kind in fields.items()}
        for name in set(value) - set(kinds):
            yield f"{where}.{name} is not declared"
        for name, (kind, optional) in kinds.items():
            if value.get(name) is not None:
                yield from self.in_value(value[name], kind, f"{where}.{name}", f"{path}.{name}")
            elif not optional:
                yield f"{where}.{name} is null or missing"

    def in_value(self, value: Any, kind: Any, where: str, path: str) -> Iterator[str]:
        """A value of any kind."""
        if isinstance(kind, str):
            yield from in_plain(value, kind, where)
            return
        ((family, inner),) = kind.items()
        if family == "object":
            yield from self.in_fields(value, inner, where, path)
        elif family in ("array", "map"):
            for item in value if family == "array" else value.values():
                yield from self.in_value(item, inner, f"{where}[]", path)
        elif family == "id":
            yield from self.in_reference(value, inner, where, path)
        elif family == "embed":
            yield from self.in_object(value, inner, where, path)
        elif family == "list":
            if set(value) != {"object", "data", "has_more", "url"}:
                yield f"{where} is no list"
            for item in value["data"]:
                yield from self.in_object(item, inner, f"{where}.data", f"{path}.data")

    def in_reference(self, value: Any, names: list[str], where: str, path: str) -> Iterator[str]:
        """An id, or the object where it is expanded."""
        if path.removeprefix(".") not in self.expanded:
            if not isinstance(value, str):
                yield f"{where} is no id"
        elif isinstance(value, str):
            yield f"{where} is not expanded"
        else:
            yield from self.in_object(value, names, where, path)

    def in_object(self, value: Any, names: list[str], where: str, path: str) -> Iterator[str]:
        """An object of one of these names; of a deleted one its stub."""
        name = value["object"]
        if name not in names and not value.get("deleted"):
            yield f"{where} is a {name}, none of {names}"
        if not value.get("deleted"):
            yield from self.in_fields(value, self.shapes[name], where, path)


def in_plain(value: Any, kind: str, where: str) -> Iterator[str]:
    """A plain value; ``=a|b`` is one of these texts."""
    wrong = not isinstance(value, PLAIN.get(kind, str))
    wrong |= kind.startswith("=") and value not in kind[1:].split("|")
    wrong |= isinstance(value, bool) and kind in ("int", "float")
    if kind != "any" and wrong:
        yield f"{where}: {value!r} is no {kind}"
