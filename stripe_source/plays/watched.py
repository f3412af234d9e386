"""What a play watches in a warehouse: the rows of its model that fulfil its condition."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlglot import exp

from stripe_source.errors import UsageError, did_you_mean
from stripe_source.models.model import RAW, Model
from stripe_source.models.render import render
from stripe_source.models.settings import ModelSettings
from stripe_source.models.warehouse import Warehouse
from stripe_source.plays.dialects import literal, quoted
from stripe_source.plays.play import Play
from stripe_source.tables.every import every_table

ACCOUNT = "account_id"


@dataclass(frozen=True)
class Watched:
    """The rows as a query, their columns with the database's types, and those that tell a row.

    ``columns`` are all, ``counting`` those of which a change counts. ``definition`` tells whether
    the same rows are watched as before: by what was declared, not by the SQL that came of it.
    """

    query: str
    columns: Mapping[str, str]
    counting: tuple[str, ...]
    key: tuple[str, ...]
    definition: str


def watch(
    play: Play, place: Warehouse, models: Mapping[str, Model], settings: ModelSettings
) -> Watched:
    """What a play watches, after a look at what there is.

    Raises UsageError for a model, column or condition that there is not, and where nothing tells
    which columns the key are.
    """
    schema, name = _place(play, place, models)
    columns = _columns(place, schema, name)
    if not columns:
        raise UsageError(f"there is no {play.model}{_near(play.model, place, models)}")
    key = play.key or _own_key(play, models, columns)
    for each in (*key, *play.columns):
        if each not in columns:
            raise UsageError(f"{play.model} has no column '{each}'{did_you_mean(each, columns)}")
    play.target.check(columns)
    query = _query(play, place, settings, columns)
    declared = "\x00".join([play.model, play.where or "", *key])
    definition = hashlib.sha256(declared.encode()).hexdigest()
    return Watched(query, columns, play.columns or tuple(columns), key, definition)


def _place(play: Play, place: Warehouse, models: Mapping[str, Model]) -> tuple[str, str]:
    """The schema and the name of what is watched."""
    schema, _, name = play.model.rpartition(".")
    if schema == RAW:
        if name not in place.loaded.tables:
            raise UsageError(f"there is no table {name}{did_you_mean(name, place.loaded.tables)}")
        return place.schemas.raw, name
    if not schema and name in models and name not in place.deployed():
        raise UsageError(f"the model '{name}' is not deployed: a sync says what it lacks")
    return schema or place.schemas.models, name


def _near(model: str, place: Warehouse, models: Mapping[str, Model]) -> str:
    return "" if "." in model else did_you_mean(model, {*models, *place.deployed()})


def _columns(place: Warehouse, schema: str, name: str) -> dict[str, str]:
    """The columns of a table or view with their types, in their order."""
    catalog = "table_catalog = current_database() AND " if _is_duckdb(place) else ""
    rows = place.select(
        "SELECT column_name, data_type FROM information_schema.columns "
        f"WHERE {catalog}table_schema = {literal(schema)} AND table_name = {literal(name)} "
        "ORDER BY ordinal_position"
    )
    return {str(column): str(kind) for column, kind in rows}


def _is_duckdb(place: Warehouse) -> bool:
    return place.schemas.dialect == "duckdb"


def _own_key(play: Play, models: Mapping[str, Model], columns: Collection[str]) -> tuple[str, ...]:
    schema, _, name = play.model.rpartition(".")
    if schema == RAW:
        return every_table()[name].key
    if not schema and name in models and models[name].key:
        account = [ACCOUNT] if ACCOUNT in columns and ACCOUNT not in models[name].key else []
        return (*account, *models[name].key)
    raise UsageError(f"nothing tells the rows of {play.model} apart: say key = [...]")


def _query(play: Play, place: Warehouse, settings: ModelSettings, columns: Collection[str]) -> str:
    """The rows, in the destination's SQL; the condition is written as models are."""
    where = f"WHERE ({play.where}\n)" if play.where else ""  # which may end with a comment
    name = ".".join(map(quoted, play.model.split(".")))
    model = Model(play.name, f"SELECT * FROM {name} {where}", "", "", ())
    try:
        query = model.query
    except UsageError as wrong:
        raise UsageError(f"where: {str(wrong).partition(': ')[2] or wrong}") from None
    if not isinstance(query, exp.Select):
        raise UsageError("where is one condition")
    folded = {column.lower() for column in columns}
    for column in query.find_all(exp.Column):
        if column.name.lower() not in folded and column.parent_select is query:
            hint = did_you_mean(column.name, columns)
            raise UsageError(f"where: {play.model} has no column '{column.name}'{hint}")
    return render(model, place.schemas, settings, place.loaded)
