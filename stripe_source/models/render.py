"""A model's query as a destination runs it: its dialect, its names, the settings' values."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlglot
from sqlglot import exp

from stripe_source.errors import UsageError
from stripe_source.models.functions import expand
from stripe_source.models.model import DIALECT, RAW, Model, references
from stripe_source.models.settings import ModelSettings
from stripe_source.tables.every import every_table

TYPES = {
    "text": "VARCHAR",
    "id": "VARCHAR",
    "ids": "JSON",
    "json": "JSON",
    "integer": "BIGINT",
    "double": "DOUBLE",
    "boolean": "BOOLEAN",
    "timestamp": "TIMESTAMPTZ",
    "timestamp_ms": "TIMESTAMPTZ",
    "decimal": "DECIMAL(38, 12)",
}
OWN = {"_list_index": "BIGINT", "is_deleted": "BOOLEAN", "version_order": "BIGINT"}
OWN_TIMES = ("_updated_at", "deleted_at", "valid_from")
JSON_AS = {"postgres": "jsonb", "clickhouse": "text"}
GIVEN = "given"  # given.rates_table: the table that the setting of that name says


@dataclass(frozen=True)
class Schemas:
    """Where the loaded tables and the models are, in a dialect; ``catalog`` where names need it."""

    dialect: str
    raw: str
    models: str
    catalog: str | None = None

    def table(self, name: str, schema: str) -> exp.Table:
        """A table by its full name."""
        return exp.table_(name, db=schema, catalog=self.catalog, quoted=True)


def render(model: Model, schemas: Schemas, settings: ModelSettings, loaded: Collection[str]) -> str:
    """The SELECT of a model. Optional tables that are not ``loaded`` are read as empty.

    Raises UsageError for a setting that there is not.
    """
    query: exp.Expr = model.query.copy()
    _strip_comments(query)
    used = {column.name for column in query.find_all(exp.Column)}
    for table in list(references(query)):
        table.replace(_in_place(table, used, schemas, settings, loaded))
    query = _with_values(query, model, settings)
    try:
        query = expand(query, schemas.dialect, settings.timezone)
    except UsageError as wrong:
        raise UsageError(f"model '{model.name}': {wrong}") from None
    if schemas.dialect in JSON_AS:
        _with_json_as(query, JSON_AS[schemas.dialect])
    if schemas.dialect == "clickhouse":
        _with_names(query)
    return query.sql(
        dialect=schemas.dialect, pretty=True, unsupported_level=sqlglot.ErrorLevel.IGNORE
    )


def _with_json_as(query: exp.Expr, kind: str) -> None:
    """JSON as dlt loads it there."""
    for found in list(query.find_all(exp.DataType)):
        if found.is_type("json"):
            found.replace(exp.DataType.build(kind))


def _with_names(query: exp.Expr) -> None:
    """Each column named after itself: some would be named with their table's alias in front."""
    for select in list(query.find_all(exp.Select)):
        for column in select.selects:
            if isinstance(column, exp.Column):
                column.replace(exp.alias_(column.copy(), column.name, quoted=True))


def _strip_comments(query: exp.Expr) -> None:
    for node in query.walk():
        node.comments = None


def _in_place(
    table: exp.Table,
    used: Collection[str],
    schemas: Schemas,
    settings: ModelSettings,
    loaded: Collection[str],
) -> exp.Expr:
    """What stands for a table of the file: where it is, or a query without rows."""
    alias = table.alias_or_name
    if table.db == GIVEN:
        found = _rates(settings, schemas)
    elif table.db == RAW:
        there = table.name in loaded
        found = schemas.table(table.name, schemas.raw) if there else _empty(table.name, used)
    elif table.db:
        return table
    else:
        found = schemas.table(table.name, schemas.models)
    return exp.alias_(found, alias, table=True)


def _empty(name: str, used: Collection[str]) -> exp.Subquery:
    """A table without rows, with the columns that are used."""
    columns = {c.name: TYPES[c.kind] for c in every_table()[name].columns}
    parts = {"_account_id": "VARCHAR", **OWN, **dict.fromkeys(OWN_TIMES, "TIMESTAMPTZ")}
    parts |= dict.fromkeys(("version_id", "source", "event_type"), "VARCHAR")
    parent = every_table()[name].parent_id
    known = parts | ({parent: "VARCHAR"} if parent else {}) | columns
    chosen = [f'CAST(NULL AS {known[c]}) AS "{c}"' for c in known if c in used] or ["1 AS one"]
    made = sqlglot.parse_one(f"SELECT {', '.join(chosen)} WHERE FALSE", dialect=DIALECT)
    return exp.Subquery(this=made)


def _rates(settings: ModelSettings, schemas: Schemas) -> exp.Expr:
    """The user's table of rates; without one, none."""
    if settings.rates_table is None:
        empty = "SELECT CAST(NULL AS DATE) AS date, '' AS currency, 1.5 AS rate WHERE FALSE"
        return exp.Subquery(this=sqlglot.parse_one(empty, dialect=DIALECT))
    name, *above = reversed(settings.rates_table.split("."))
    schema = above[0] if above else schemas.raw
    catalog = above[1] if len(above) > 1 else schemas.catalog
    return exp.table_(name, db=schema, catalog=catalog, quoted=True)


def _with_values(query: exp.Expr, model: Model, settings: ModelSettings) -> exp.Expr:
    values = settings.values()
    for placeholder in list(query.find_all(exp.Placeholder)):
        name = placeholder.name
        if name not in values:
            raise UsageError(f"model '{model.name}' names a setting that there is not: ${name}")
        placeholder.replace(_literal(name, values[name]))
    return query


def _literal(name: str, value: Any) -> exp.Expr:
    if name == "now":
        if value is None:
            return exp.CurrentTimestamp()
        return exp.cast(exp.Literal.string(value), "timestamptz")
    if value is None:
        return exp.cast(exp.null(), "varchar")
    return exp.convert(value)
