"""``models/sources.yml``: the loaded tables, described by the schema that they are loaded with."""

from functools import cache
from typing import Any

from sqlglot import exp

from stripe_source.catalog import CATALOG
from stripe_source.dbt.documents import document
from stripe_source.dbt.names import SOURCE, plain
from stripe_source.dbt.subject import Subject
from stripe_source.models.render import JSON_AS, TYPES
from stripe_source.settings import API_VERSION
from stripe_source.tables.described import text_of_column, text_of_table
from stripe_source.tables.every import every_table
from stripe_source.tables.layout import UPDATED, Column, Table
from stripe_source.tables.loads import LOAD, LOADS
from stripe_source.tables.types import all_columns

EVENT_DAYS = 30  # for so long Stripe keeps events, by which changes are seen
LOADS_COLUMNS = (
    Column("load_id", "text", "The load, by the time at which it began."),
    Column("schema_name", "text", "Which of dlt's schemas was loaded: stripe_source for a sync."),
    Column("status", "integer", "0 for a load that came to its end."),
    Column("inserted_at", "timestamp", "When it did."),
    Column("schema_version_hash", "text", "The version of dlt's schema."),
)
DESCRIPTION = f"""\
Stripe's objects as stripe-source loads them, at API version {API_VERSION}. A row is as it was at
`{UPDATED}`; deleted objects keep their last values, with `is_deleted`. Amounts are in minor units.
"""


def sources_file(subject: Subject) -> str:
    """The file: every loaded table and column, the keys' tests, and how old the rows may be."""
    known = every_table()
    tables = [_table(known[name], subject) for name in known if name in subject.loaded.tables]
    place = {
        "schema": f"{{{{ var('stripe_schema', '{subject.dataset}') }}}}",
        "database": "{{ var('stripe_database', target.database) }}",
    }
    if subject.adapter == "clickhouse":  # which has one level of names; dlt's tables have a prefix
        place = {"schema": "{{ var('stripe_database', 'default') }}"}
    described = {
        "name": SOURCE,
        "description": DESCRIPTION,
        **place,
        "config": {
            "loaded_at_field": UPDATED,
            "freshness": {"warn_after": _after(EVENT_DAYS)},
        },
        "tables": [_loads(subject), *tables],
    }
    return document({"version": 2, "sources": [described]})


def _loads(subject: Subject) -> dict[str, Any]:
    """dlt's own table of loads, which tells when a sync last came to its end."""
    return {
        "name": LOADS,
        "description": "One row for each load into this schema.",
        **_identifier(LOADS, subject),
        "config": {
            "loaded_at_field": "inserted_at",
            "freshness": {
                "warn_after": _after(1),
                "error_after": _after(7),
                "filter": "schema_name = 'stripe_source' AND status = 0",
            },
        },
        "columns": [_column(column, subject.adapter) for column in LOADS_COLUMNS],
    }


def _table(table: Table, subject: Subject) -> dict[str, Any]:
    key = list(table.key)
    unique = {"name": f"source_{table.name}_unique", "arguments": {"columns": key}}
    columns = []
    lacking = subject.loaded.lacking.get(table.name, frozenset())
    for column in (c for c in (*all_columns(table), LOAD) if c.name not in lacking):
        described = _column(column, subject.adapter)
        columns.append(described | ({"data_tests": ["not_null"]} if column.name in key else {}))
    # A row of a list may stay as it is for years, and one of a history does.
    dated = {} if table.name in CATALOG else {"config": {"freshness": None}}
    return {
        "name": table.name,
        "description": plain(text_of_table(table)),
        **_identifier(table.name, subject),
        **dated,
        "data_tests": [{"stripe_unique": unique}],
        "columns": columns,
    }


def _column(column: Column, adapter: str) -> dict[str, Any]:
    return {
        "name": column.name,
        "description": plain(text_of_column(column)),
        "data_type": _type(column.kind, adapter),
    }


@cache
def _type(kind: str, adapter: str) -> str:
    name = TYPES[kind]
    if name == "JSON":
        name = JSON_AS.get(adapter, name)
    return exp.DataType.build(name).sql(dialect=adapter)


def _identifier(table: str, subject: Subject) -> dict[str, str]:
    """The name of a table where it is not the source's."""
    if subject.adapter != "clickhouse":
        return {}
    return {"identifier": f"{{{{ var('stripe_schema', '{subject.dataset}') }}}}___{table}"}


def _after(days: int) -> dict[str, Any]:
    return {"count": days, "period": "day"}
