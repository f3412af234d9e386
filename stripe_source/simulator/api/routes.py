"""Finds the endpoint behind a path: a list, its search, an object of it, or of a nested list."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote

from stripe_source.simulator.api.registry import NO_IDS, Registry, Resource


@dataclass(frozen=True, slots=True)
class Route:
    """An endpoint with the ids that its path named."""

    resource: Resource
    parent: str | None = None
    identifier: str | None = None
    searched: bool = False


def route(registry: Registry, path: str) -> Route | None:
    """The endpoint of ``path``; None where Stripe has none."""
    found = registry.resources.get(path)
    if found is not None:
        return Route(found)
    head, _, last = path.rpartition("/")
    nested = _nested(registry, path)
    if nested is not None:
        return nested
    owner = registry.resources.get(head)
    if owner is not None and last == "search" and registry.search.keys() & owner.objects:
        return Route(owner, searched=True)
    if owner is not None and last and last not in NO_IDS:
        return Route(owner, None, unquote(last))
    inner = _nested(registry, head)
    return Route(inner.resource, inner.parent, unquote(last)) if inner and last else None


def _nested(registry: Registry, path: str) -> Route | None:
    """``/v1/invoices/in_1/lines``: the parent's id is the last segment but one."""
    head, _, leaf = path.rpartition("/")
    base, _, parent = head.rpartition("/")
    found = registry.nested.get((base, leaf))
    return Route(found, unquote(parent)) if found and parent else None
