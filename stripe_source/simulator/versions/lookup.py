"""How a change reaches objects that an old shape holds and the present one only names."""

from __future__ import annotations

from typing import Any, Protocol

from stripe_source.simulator.types import Json


class Lookup(Protocol):
    """Objects of the account as a client of the current version sees them."""

    def find(self, names: list[str], identifier: str, expand: Json | None = None) -> Json | None:
        """The object of one of these names; a deleted one's stub; None where it never was.

        ``expand`` is a tree of paths that are expanded in it.
        """

    def where(self, name: str, field: str, value: Any) -> list[Json]:
        """The objects whose field (a dotted path) has the value."""


def resolved(value: Any, name: str, lookup: Lookup) -> Json | None:
    """The object behind an expandable field, which holds an id or, expanded, the object."""
    if isinstance(value, str):
        return lookup.find([name], value)
    return value if isinstance(value, dict) else None


def id_of(value: Any) -> str | None:
    """The id in an expandable field."""
    return value.get("id") if isinstance(value, dict) else value


def inner(obj: Json, *names: str) -> Any:
    """The value under nested hashes; None where one of them is null or missing."""
    value: Any = obj
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value
