"""Deploys models as views beside the loaded tables: what has changed, and what reads it."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dlt

from stripe_source.errors import DestinationError
from stripe_source.models.library import Selection, models_of, select_models
from stripe_source.models.render import render
from stripe_source.models.settings import ModelSettings, settings_from
from stripe_source.models.shelf import MODELS, Shelf
from stripe_source.models.warehouse import Warehouse, explained, warehouse

MANIFEST = "_models"  # which views are ours, and the hash of what each was made of


@dataclass(frozen=True)
class Deployment:
    """What a deployment did: the models that are there, and those that are new or changed.

    ``shelf`` is also the name of the group of resources that they read. ``removed`` are views of
    models that there are no longer. ``left_out`` has, for models that the warehouse can't have, the
    table that is not loaded, and ``missing`` the resources to load.
    """

    shelf: str
    schema: str
    models: list[str]
    changed: list[str]
    removed: list[str]
    left_out: dict[str, str]
    missing: list[str]


def deploy(
    pipeline: dlt.Pipeline,
    settings: Mapping[str, Any] | None = None,
    folder: str | Path | None = None,
    shelf: Shelf = MODELS,
) -> Deployment:
    """Make the views of a shelf's models, in the schema ``<dataset>_models`` or that of the shelf.

    Only what has changed since the last time is replaced, and what reads it, all or nothing.
    ``settings`` and ``folder``, where a user's models are, go before those of dlt's configuration;
    other shelves have none of a user's.
    Raises UsageError for a model that is no good, DestinationError for one that the destination
    refuses, and NoViews where it can't have any.
    """
    chosen = settings_from(settings)
    models = models_of(shelf, folder)
    with warehouse(pipeline, shelf) as place:
        selection = select_models(models, place.loaded.tables)
        queries = _queries(selection, place, chosen)
        with _alone(place):
            known = _known(place)
            changed = [name for name, sql in queries.items() if known.get(name) != _hash(sql)]
            removed = sorted(set(known) - set(queries))
            if changed or removed:
                touched = _with_readers({*changed, *removed}, selection)
                _replace(place, queries, known, touched)
    return Deployment(
        shelf=shelf.name,
        schema=place.schemas.models,
        models=list(queries),
        changed=changed,
        removed=removed,
        left_out=selection.left_out,
        missing=selection.missing,
    )


def undeploy(pipeline: dlt.Pipeline, shelf: Shelf) -> bool:
    """Drop the views of a shelf where tables that they read could not be dropped otherwise.

    Returns whether there were any.
    """
    with warehouse(pipeline, shelf) as place:
        if place.schemas.dialect == "duckdb":
            return False
        with _alone(place):
            if known := _known(place):
                with explained(place.schemas.models), place.client.begin_transaction():
                    _drop(place, list(known))
        return bool(known)


@contextmanager
def _alone(place: Warehouse) -> Iterator[None]:
    """One deployment at a time in Postgres, from what it reads to what it notes.

    DuckDB's file has one writer as it is.
    """
    if place.schemas.dialect != "postgres":
        yield
        return
    key = f"hashtext('{place.schemas.models}')"
    place.select(f"SELECT pg_advisory_lock({key})")
    try:
        yield
    finally:
        place.select(f"SELECT pg_advisory_unlock({key})")


def _queries(selection: Selection, place: Warehouse, settings: ModelSettings) -> dict[str, str]:
    return {
        name: render(model, place.schemas, settings, place.loaded)
        for name, model in selection.models.items()
    }


def _hash(sql: str) -> str:
    return hashlib.sha256(sql.encode()).hexdigest()


def _known(place: Warehouse) -> dict[str, str]:
    """The hashes of our views that are there, each view behind those that it reads."""
    there = place.deployed()
    if MANIFEST not in there:
        return {}
    rows = place.select(f"SELECT name, hash FROM {place.view(MANIFEST)} ORDER BY position")
    return {str(name): str(known) for name, known in rows if name in there}


def _with_readers(names: set[str], selection: Selection) -> set[str]:
    """The names, and the models that read them: DuckDB binds a view when it is made, not later."""
    found = set(names)
    for name, model in selection.models.items():  # each behind those that it reads
        if model.models & found:
            found.add(name)
    return found


def _replace(
    place: Warehouse, queries: dict[str, str], known: dict[str, str], touched: set[str]
) -> None:
    """Make the views that are touched, in one transaction; where that can't be, drop them first.

    A view whose columns change is not replaced by Postgres, and not dropped while others read it.
    """
    to_make = [name for name in queries if name in touched]
    removed = [name for name in known if name not in queries]
    _refuse_foreign(place, [name for name in to_make if name not in known])
    try:
        with place.client.begin_transaction():
            _prepare(place)
            _drop(place, removed)
            _create(place, queries, to_make)
            _try(place, queries)
    except DestinationError:
        if place.schemas.dialect == "duckdb" or not known:
            raise
        with place.client.begin_transaction():
            _prepare(place)
            _drop(place, [name for name in known if name in touched])
            _create(place, queries, to_make)
            _try(place, queries)


def _prepare(place: Warehouse) -> None:
    with explained(place.schemas.models):
        place.client.execute_sql(f'CREATE SCHEMA IF NOT EXISTS "{place.schemas.models}"')
        place.client.execute_sql(
            f"CREATE TABLE IF NOT EXISTS {place.view(MANIFEST)} "
            "(name VARCHAR(200), hash VARCHAR(64), position INTEGER)"
        )


def _refuse_foreign(place: Warehouse, names: Sequence[str]) -> None:
    """Raise DestinationError for a view or table of somebody else's where one of ours is to be."""
    there = place.deployed()
    for name in names:
        if name in there:
            raise DestinationError(
                f"model '{name}': {place.schemas.models} has a view or table of that name that "
                "was not deployed by us: rename the one or the other"
            )


def _try(place: Warehouse, queries: dict[str, str]) -> None:
    """Ask what the time zone is used for: some databases know a bad one only then."""
    if "months" in queries:
        with explained("model 'months'"):
            place.client.execute_sql(f"SELECT MAX(begins_at) FROM {place.view('months')}")


def _drop(place: Warehouse, names: Sequence[str]) -> None:
    """Drop views, each before those that it reads."""
    for name in reversed(names):
        with explained(f"the view '{name}'"):
            place.client.execute_sql(f"DROP VIEW IF EXISTS {place.view(name)}")
            place.client.execute_sql(f"DELETE FROM {place.view(MANIFEST)} WHERE name = '{name}'")


def _create(place: Warehouse, queries: dict[str, str], names: Sequence[str]) -> None:
    """Make views, and note what of; the positions of all are noted anew."""
    for name in names:
        with explained(f"model '{name}'"):
            place.client.execute_sql(
                f"CREATE OR REPLACE VIEW {place.view(name)} AS {queries[name]}"
            )
    rows = ", ".join(
        f"('{name}', '{_hash(sql)}', {position})"
        for position, (name, sql) in enumerate(queries.items())
    )
    with explained(MANIFEST):
        place.client.execute_sql(f"DELETE FROM {place.view(MANIFEST)}")
        if rows:
            place.client.execute_sql(f"INSERT INTO {place.view(MANIFEST)} VALUES {rows}")
