"""Expands what only an older version names: an invoice's charge, a charge's invoice.

What the present shape holds as well has been expanded before the object was taken back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from stripe_source.simulator.shapes import fields_of
from stripe_source.simulator.types import Json
from stripe_source.simulator.versions.lookup import Lookup
from stripe_source.simulator.versions.rendering import older
from stripe_source.simulator.versions.shapes import shape_at


@dataclass(frozen=True)
class OlderExpansion:
    """Follows the paths of a tree through an object that is in the shape of ``version``."""

    version: str
    lookup: Lookup

    def of_object(self, obj: Json, tree: Json) -> Json:
        """The object with the paths expanded."""
        fields = shape_at(obj.get("object", ""), self.version)
        return self._fields(obj, fields, tree)

    def _fields(self, hashed: Json, fields: dict[str, tuple[Any, bool]], tree: Json) -> Json:
        found = {
            name: self._value(fields[name][0], hashed[name], inside)
            for name, inside in tree.items()
            if name in fields and hashed.get(name) is not None
        }
        return hashed | found

    def _value(self, kind: Any, value: Any, tree: Json) -> Any:
        if not isinstance(kind, dict):
            return value
        if "array" in kind:
            return [self._value(kind["array"], item, tree) for item in value]
        if "list" in kind:
            inside = tree.get("data", {})
            return value | {"data": [self.of_object(row, inside) for row in value["data"]]}
        if "object" in kind:
            return self._fields(value, fields_of(kind["object"]), tree)
        if isinstance(value, str):
            value = self._found(kind.get("id", []), value, tree)
        return self.of_object(value, tree) if isinstance(value, dict) else value

    def _found(self, names: list[str], identifier: str, tree: Json) -> Any:
        found = self.lookup.find(names, identifier, tree)
        return identifier if found is None else older(found, self.version, self.lookup)
