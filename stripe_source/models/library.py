"""All models: ours and a user's, in the order of their references, and which can't be had."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from stripe_source.catalog import CATALOG
from stripe_source.errors import UsageError
from stripe_source.models.model import Model, read_model
from stripe_source.models.settings import folder_from
from stripe_source.models.shelf import MODELS, Shelf
from stripe_source.tables.every import every_table
from stripe_source.tables.loads import LOADS


def library(folder: Path | None = None, shelf: Shelf = MODELS) -> dict[str, Model]:
    """The models of a shelf by name, each behind those that it reads.

    ``folder`` has a user's own. Raises UsageError for a name that there is twice, one that a model
    reads and there is not, and for models that read each other.
    """
    found = dict(_ours(shelf))
    for model in _in_folder(folder) if folder else ():
        if model.name in found:
            raise UsageError(f"there is a model '{model.name}' already: rename {model.file}")
        found[model.name] = model
    for model in found.values():
        if model.like:
            if model.like[0] not in found:
                raise UsageError(f"model '{model.name}' is like {model.like[0]}, which is no model")
            found[model.name] = model.as_like(found[model.like[0]])
    for model in found.values():
        _check(model, found)
    try:
        order = TopologicalSorter({m.name: sorted(m.models) for m in found.values()}).static_order()
        return {name: found[name] for name in order}
    except CycleError as circle:
        raise UsageError(f"models read each other: {' -> '.join(circle.args[1])}") from None


def models_of(shelf: Shelf, folder: str | Path | None = None) -> dict[str, Model]:
    """The models of a shelf; with the data models a user's own, from a folder or as configured."""
    if folder and shelf is not MODELS:
        raise UsageError(f"a folder is for data models: {shelf.name} has none of a user's")
    return library(folder_from(folder) if shelf is MODELS else None, shelf)


@cache
def _ours(shelf: Shelf) -> dict[str, Model]:
    return {model.name: model for model in _in_folder(shelf.folder)}


def _in_folder(folder: Path) -> Iterable[Model]:
    if not folder.is_dir():
        raise UsageError(f"there is no folder of models at {folder}")
    files = (file for file in folder.rglob("*.sql") if not file.name.startswith("."))
    return [read_model(file) for file in sorted(files)]


def _check(model: Model, known: Collection[str]) -> None:
    if missing := sorted(model.models - set(known)):
        raise UsageError(
            f"model '{model.name}' reads {', '.join(missing)}, which is no model; "
            "a loaded table is raw.<name>"
        )
    loadable = {*every_table(), LOADS}
    if missing := sorted((model.tables | model.optional | model.needs) - loadable):
        raise UsageError(f"model '{model.name}' reads raw.{missing[0]}, which no resource loads")
    for other, _ in model.refers.values():
        if other not in known:
            raise UsageError(f"model '{model.name}' refers to {other}, which is no model")


@dataclass(frozen=True)
class Selection:
    """The models that a warehouse can have, in order, and why it can't have the others."""

    models: dict[str, Model]
    left_out: dict[str, str]

    @property
    def missing(self) -> list[str]:
        """The resources without which models are left out, in the catalog's order."""
        tables = {table for table in every_table() if table in self.left_out.values()}
        return reads(tables)


def select_models(models: dict[str, Model], loaded: Collection[str]) -> Selection:
    """The models whose tables are loaded, and who read no model that is left out.

    The others are left out with the first table that is missing.
    """
    kept: dict[str, Model] = {}
    left: dict[str, str] = {}
    for name, model in models.items():
        absent = sorted(model.required - set(loaded))
        reasons = [*absent, *(left[other] for other in sorted(model.models) if other in left)]
        if reasons:
            left[name] = reasons[0]
        else:
            kept[name] = model
    return Selection(kept, left)


def resources_of(models: Iterable[Model]) -> list[str]:
    """The names of the resources that models read, in the catalog's order."""
    return reads({table for model in models for table in model.tables | model.needs})


def reads(tables: Collection[str]) -> list[str]:
    """The names of the resources that fill tables, in the catalog's order."""
    return [
        row.name for row in CATALOG.values() if {*row.tables, *row.histories}.intersection(tables)
    ]
