"""A model's query as a destination runs it: its dialect, its names, the settings' values."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlglot
from sqlglot import exp

from stripe_source.errors import UsageError
from stripe_source.models.functions import expand
from stripe_source.models.model import DIALECT, RAW, Model, references
from stripe_source.models.settings import ModelSettings
from stripe_source.tables.every import every_table
from stripe_source.tables.loads import LOAD, LOADS
from stripe_source.tables.types import all_columns

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
JSON_AS = {"postgres": "jsonb", "clickhouse": "text"}
ONE_A_LOAD = """
SELECT
    t.load_id,
    MIN(t.schema_name) AS schema_name,
    MIN(t.status) AS status,
    MIN(t.inserted_at) AS inserted_at,
    MIN(t.schema_version_hash) AS schema_version_hash
FROM here AS t
GROUP BY t.load_id
"""
"""dlt notes a load twice where it was killed in between."""
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


@dataclass(frozen=True)
class Loaded:
    """Which tables are there, and for some of them which columns are not."""

    tables: frozenset[str] = frozenset()
    lacking: Mapping[str, frozenset[str]] = field(default_factory=dict)


def columns_of(name: str) -> dict[str, str]:
    """The columns that a table has once it is loaded by this version, with their types."""
    return {c.name: TYPES[c.kind] for c in (*all_columns(every_table()[name]), LOAD)}


def render(model: Model, schemas: Schemas, settings: ModelSettings, loaded: Loaded) -> str:
    """The SELECT of a model.

    Optional tables that are not ``loaded`` are read as empty, and columns that a table lacks, for
    nothing has come into it since there are any, as null.

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
    loaded: Loaded,
) -> exp.Expr:
    """What stands for a table of the file: where it is, or a query without rows."""
    alias = table.alias_or_name
    if table.db == GIVEN:
        found = _rates(settings, schemas)
    elif table.db == RAW:
        found = _raw(table.name, used, schemas, loaded)
    elif table.db:
        return table
    else:
        found = schemas.table(table.name, schemas.models)
    return exp.alias_(found, alias, table=True)


def _raw(name: str, used: Collection[str], schemas: Schemas, loaded: Loaded) -> exp.Expr:
    """A loaded table, with the columns that are used; or one without rows."""
    if name not in loaded.tables:
        known = {c: kind for c, kind in columns_of(name).items() if c in used}
        return _subquery(f"SELECT {_nulls(known) or '1 AS one'} WHERE FALSE")
    there = schemas.table(name, schemas.raw)
    if name == LOADS:
        return _around(ONE_A_LOAD, there)
    lacking = loaded.lacking.get(name, frozenset()).intersection(used)
    if not lacking:
        return there
    known = {c: kind for c, kind in columns_of(name).items() if c in lacking}
    return _around(f"SELECT t.*, {_nulls(known)} FROM here AS t", there)


def _around(sql: str, table: exp.Table) -> exp.Subquery:
    """A query of one table, with that in its place."""
    query = _subquery(sql)
    query.find(exp.Table).replace(exp.alias_(table, "t", table=True))  # type: ignore[union-attr]
    return query


def _nulls(columns: Mapping[str, str]) -> str:
    return ", ".join(f'CAST(NULL AS {kind}) AS "{name}"' for name, kind in columns.items())


def _subquery(sql: str) -> exp.Subquery:
    return exp.Subquery(this=sqlglot.parse_one(sql, dialect=DIALECT))


def _rates(settings: ModelSettings, schemas: Schemas) -> exp.Expr:
    """The user's table of rates; without one, none."""
    if settings.rates_table is None:
        return _subquery(
            "SELECT CAST(NULL AS DATE) AS date, '' AS currency, 1.5 AS rate WHERE FALSE"
        )
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
