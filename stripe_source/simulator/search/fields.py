"""The kinds of field that a resource can be searched by.

A resource file says with ``SEARCH`` which of its objects' fields can be searched, and as what. The
kinds and their operators are those of https://docs.stripe.com/search (section "Field types").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from stripe_source.simulator.store.collection import at_path
from stripe_source.simulator.types import Json


@dataclass(frozen=True, slots=True)
class SearchField:
    """A kind with its operators; ``read(object)`` gets the value where its name is not its path."""

    kind: str
    operators: frozenset[str]
    read: Callable[[Json], Any] | None = None

    def at(self, path: str) -> SearchField:
        """The same kind, found under another path than the field's name."""
        return replace(self, read=lambda obj: at_path(obj, path))

    def by(self, read: Callable[[Json], Any]) -> SearchField:
        """The same kind, with a value that no single field holds."""
        return replace(self, read=read)


Fields: TypeAlias = Mapping[str, SearchField]
"""What one resource can be searched by."""

TOKEN = SearchField("token", frozenset(":"))
"""Matched as a whole, in any case."""
STRING = SearchField("string", frozenset(":~"))
"""Matched by its words, or by a part of at least three characters, in any case."""
NUMERIC = SearchField("numeric", frozenset({":", ">", "<", ">=", "<="}))
METADATA = SearchField("metadata", frozenset(":"))
"""A token under a key: ``metadata["key"]:"value"``."""
