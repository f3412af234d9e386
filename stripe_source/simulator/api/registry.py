"""Every endpoint of the simulator: the SDK's description joined with the resource files."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import unquote

import orjson

from stripe_source.simulator import resources
from stripe_source.simulator.api.expansion import Expand, expand_to
from stripe_source.simulator.api.filters import PAGING, Filter, by_name
from stripe_source.simulator.api.presenter import Include
from stripe_source.simulator.search.fields import Fields
from stripe_source.simulator.types import Json

if TYPE_CHECKING:
    from stripe_source.simulator.store.account import Account
    from stripe_source.simulator.store.ordered import Ordered
    from stripe_source.simulator.store.row import Row

NO_IDS = {"create_preview", "preview", "upcoming"}
"""Verbs of Stripe's that stand where an id could, and that nothing here carries out."""
Rows: TypeAlias = "Callable[[Account, Json], Ordered]"
"""``rows(account, values)``: where a list's rows come from; values hold parents' ids too, and of
one row that is read its ``id``."""
Handler: TypeAlias = "Callable[..., Json]"
"""``handler(account, values, *ids)`` carries a write out and returns the object to show."""
Condition: TypeAlias = "Callable[[Account, Json], Callable[[Row], bool] | None]"
"""``condition(account, values)``: what a list leaves out by itself."""


PAGING_PARAMS: Json = {
    "limit": "int",
    "starting_after": "str",
    "ending_before": "str",
    "expand": {"array": "str"},
}


@dataclass(frozen=True)
class Special:
    """What one resource file says about one path.

    ``objects`` are what a list holds that the SDK has no method for; it takes paging alone.
    """

    path: str
    filters: Mapping[str, Filter] = field(default_factory=dict)
    condition: Condition | None = None
    rows: Rows | None = None
    objects: tuple[str, ...] = ()


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
    def noun(self) -> str:
        """The object that it lists, which its permissions and errors name."""
        return self.objects[0] if self.objects else self.path.rpartition("/")[2]

    @property
    def nested(self) -> bool:
        """Whether its path holds a parent's id."""
        return "{" in self.path


@dataclass(frozen=True)
class Operation:
    """A POST or DELETE: its path in segments with ``{}`` for ids, and what carries it out."""

    method: str
    segments: tuple[str, ...]
    handler: Handler
    params: Json | None
    permission: str
    undone: frozenset[str] = frozenset()

    @property
    def home(self) -> str:
        """The path of the list to which its first id belongs."""
        first = self.segments.index("{}") if "{}" in self.segments else None
        return "/".join(self.segments[:first])

    def ids(self, segments: list[str]) -> list[str] | None:
        """The ids in a path; None where it is another's."""
        found = []
        for mine, given in zip(self.segments, segments, strict=False):
            if mine == "{}" and given not in NO_IDS:
                found.append(unquote(given))
            elif mine != given:
                return None
        return found if len(self.segments) == len(segments) and all(found) else None


@dataclass
class Registry:
    """Endpoints by path; includables and what can be searched by object name.

    An account may add endpoints.
    """

    resources: dict[str, Resource]
    includes: Mapping[str, Mapping[str, Include | None]]
    operations: tuple[Operation, ...] = ()
    search: Mapping[str, Fields] = field(default_factory=dict)
    singletons: Mapping[str, Callable[[Account], Json]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.path_of: dict[str, str] = {}
        self.nested: dict[tuple[str, str], Resource] = {}
        self._plain: dict[tuple[str, ...], Expand] = {}
        for resource in self.resources.values():
            self.enter(resource)

    def plain(self, names: tuple[str, ...]) -> Expand:
        """How objects of these names are shown when nothing is expanded."""
        kept = self._plain.get(names)
        if kept is None:
            kept = self._plain[names] = expand_to(names, {}, self.includes)
        return kept

    def enter(self, resource: Resource) -> None:
        """Add an endpoint; the first top-level list of an object is where its rows live."""
        self.resources[resource.path] = resource
        if resource.nested:
            base, _, leaf = resource.path.partition("/{")
            self.nested[base, leaf.rpartition("/")[2]] = resource
        else:
            for name in resource.objects:
                self.path_of.setdefault(name, resource.path)

    def operation(self, method: str, path: str) -> tuple[Operation, list[str]] | None:
        """The write at a path and the ids that the path names."""
        segments = path.split("/")
        for each in self.operations:
            if each.method == method:
                ids = each.ids(segments)
                if ids is not None:
                    return each, ids
        return None

    def home(self, name: str) -> str:
        """The path under which objects of this name are stored; ``#name`` where none lists them."""
        return self.path_of.get(name, f"#{name}")


def resource_of(path: str, objects: tuple[str, ...], params: Json, special: Special) -> Resource:
    """An endpoint with the filters that follow from its parameters' names and its own."""
    kinds = {n.rstrip("!?"): k for n, k in params.items() if n.rstrip("!?") not in PAGING}
    filters = {n: special.filters.get(n) or by_name(objects, n, k) for n, k in kinds.items()}
    return Resource(path, objects, params, filters, special.condition, special.rows)


@dataclass
class Described:
    """All that the resource files say."""

    specials: dict[str, Special] = field(default_factory=dict)
    includes: dict[str, dict[str, Any]] = field(default_factory=dict)
    handlers: dict[str, Handler] = field(default_factory=dict)
    singletons: dict[str, Callable[[Account], Json]] = field(default_factory=dict)
    undone: dict[str, frozenset[str]] = field(default_factory=dict)
    search: dict[str, Fields] = field(default_factory=dict)


@cache
def described() -> Described:
    """The resource files, read once."""
    found = Described()
    for file in pkgutil.iter_modules(resources.__path__):
        module = import_module(f"{resources.__name__}.{file.name}")
        found.specials.update((s.path, s) for s in getattr(module, "SPECIALS", ()))
        found.includes.update(getattr(module, "INCLUDES", {}))
        found.handlers.update(getattr(module, "OPERATIONS", {}))
        found.singletons.update(getattr(module, "SINGLETONS", {}))
        found.undone.update(getattr(module, "UNDONE", {}))
        found.search.update(getattr(module, "SEARCH", {}))
    return found


@cache
def data(name: str) -> Any:
    """A file of facts."""
    return orjson.loads((files("stripe_source.simulator.data") / name).read_bytes())


def operations(files: Described, objects: Mapping[str, str]) -> list[Operation]:
    """The writes that have a handler; a path without ids comes before one with."""
    handlers, nothing = files.handlers, frozenset[str]()
    params = {f"{row['method']} {row['path']}": row["params"] for row in data("operations.json")}
    made = []
    for name, handler in sorted(handlers.items(), key=lambda item: item[0].replace("{", "~")):
        method, path = name.split(" ")
        base = path.partition("/{")[0]
        permission = objects.get(base, base.rpartition("/")[2]).replace(".", "_")
        segments = tuple(path.split("/"))
        undone = files.undone.get(name, nothing)
        made.append(Operation(method, segments, handler, params.get(name), permission, undone))
    return made


def standard_registry() -> Registry:
    """The endpoints of API version 2026-10-28.endive; a fresh copy for each account."""
    files = described()
    built: dict[str, Resource] = {}
    for row in data("endpoints.json"):
        path = row["path"]
        special = files.specials.get(path, Special(path))
        built[path] = resource_of(path, tuple(row["objects"]), row["params"], special)
    for special in files.specials.values():
        if special.objects:
            built[special.path] = resource_of(special.path, special.objects, PAGING_PARAMS, special)
    objects = {path: each.objects[0] for path, each in built.items() if each.objects}
    writes = tuple(operations(files, objects))
    return Registry(built, files.includes, writes, files.search, files.singletons)
