"""Every endpoint of the simulator: the SDK's description joined with the resource files."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import TYPE_CHECKING, Any, TypeAlias

import orjson

from stripe_source.simulator import resources
from stripe_source.simulator.api.filters import PAGING, Filter, by_name
from stripe_source.simulator.api.presenter import Include
from stripe_source.simulator.types import Json

if TYPE_CHECKING:
    from stripe_source.simulator.store.account import Account
    from stripe_source.simulator.store.ordered import Ordered
    from stripe_source.simulator.store.row import Row

Rows: TypeAlias = "Callable[[Account, Json], Ordered]"
"""``rows(account, values)``: where a list's rows come from; values hold parents' ids too."""
Condition: TypeAlias = "Callable[[Account, Json], Callable[[Row], bool] | None]"
"""``condition(account, values)``: what a list leaves out by itself."""


@dataclass(frozen=True)
class Special:
    """What one resource file says about one path."""

    path: str
    filters: Mapping[str, Filter] = field(default_factory=dict)
    condition: Condition | None = None
    rows: Rows | None = None


@dataclass(frozen=True)
class Resource:
    """One list endpoint."""

    path: str
    objects: tuple[str, ...]
    params: Json
    filters: Mapping[str, Filter]
    condition: Condition | None = None
    rows: Rows | None = None

    @property
    def nested(self) -> bool:
        """Whether its path holds a parent's id."""
        return "{" in self.path


@dataclass
class Registry:
    """Endpoints by path and includables by object name; an account may add endpoints."""

    resources: dict[str, Resource]
    includes: Mapping[str, Mapping[str, Include | None]]

    def __post_init__(self) -> None:
        self.path_of: dict[str, str] = {}
        self.nested: dict[tuple[str, str], Resource] = {}
        for resource in self.resources.values():
            self.enter(resource)

    def enter(self, resource: Resource) -> None:
        """Add an endpoint; the first top-level list of an object is where its rows live."""
        self.resources[resource.path] = resource
        if resource.nested:
            base, _, leaf = resource.path.partition("/{")
            self.nested[base, leaf.rpartition("/")[2]] = resource
        else:
            for name in resource.objects:
                self.path_of.setdefault(name, resource.path)

    def home(self, name: str) -> str:
        """The path under which objects of this name are stored; ``#name`` where none lists them."""
        return self.path_of.get(name, f"#{name}")


def resource_of(path: str, objects: tuple[str, ...], params: Json, special: Special) -> Resource:
    """An endpoint with the filters that follow from its parameters' names and its own."""
    kinds = {n.rstrip("!"): k for n, k in params.items() if n.rstrip("!") not in PAGING}
    filters = {n: special.filters.get(n) or by_name(objects, n, k) for n, k in kinds.items()}
    return Resource(path, objects, params, filters, special.condition, special.rows)


@cache
def _described() -> tuple[list[Json], dict[str, Special], dict[str, dict[str, Any]]]:
    specials: dict[str, Special] = {}
    includes: dict[str, dict[str, Any]] = {}
    for found in pkgutil.iter_modules(resources.__path__):
        module = import_module(f"{resources.__name__}.{found.name}")
        specials.update((s.path, s) for s in getattr(module, "SPECIALS", ()))
        includes.update(getattr(module, "INCLUDES", {}))
    text = (files("stripe_source.simulator.data") / "endpoints.json").read_bytes()
    return orjson.loads(text), specials, includes


def standard_registry() -> Registry:
    """The endpoints of API version 2026-10-28.endive; a fresh copy for each account."""
    described, specials, includes = _described()
    built: dict[str, Resource] = {}
    for row in described:
        path = row["path"]
        special = specials.get(path, Special(path))
        built[path] = resource_of(path, tuple(row["objects"]), row["params"], special)
    return Registry(built, includes)
