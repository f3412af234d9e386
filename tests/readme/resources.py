"""``docs/resources``: a page for each resource, and an index by product family."""

import importlib
import pkgutil
from collections.abc import Iterator

from stripe_source import catalog
from stripe_source.catalog import CATALOG, DEFAULT, GROUPS, Resource
from stripe_source.settings import API_VERSION
from stripe_source.tables.described import text_of_column, text_of_table
from stripe_source.tables.history import histories_of
from stripe_source.tables.layout import Column, Table, tables_of
from stripe_source.tables.loads import LOAD
from stripe_source.tables.types import DLT, all_columns
from tests.readme.changes import seen
from tests.readme.markdown import code, page, plain, rows

INTRODUCTION = f"""\
Each resource is one of Stripe's lists, at API version {API_VERSION}; `stripe-source sync
--resources NAME` loads it, with all of its tables. In bold, the default selection. "created" means
that ranges of the list are read by that field. How changes are seen is explained
[in the README](../../README.md#how-a-sync-sees-changes).

A restricted key needs permission to read each of them, and events. `stripe-source check
--resources NAME` asks Stripe, and names the permission that is missing.

Types are dlt's: `text`, `bigint`, `double`, `bool`, `decimal` with 12 places, `timestamp` in UTC,
`json`. Each destination has types of its own for them. `__` stands for a level of nesting."""


def resource_pages() -> dict[str, str]:
    """The index, and the page of each resource."""
    families = [f"## {title}\n\n{about}\n\n{_overview(r)}" for title, about, r in _families()]
    index = page("Resources", INTRODUCTION, *families)
    made = {f"resources/{row.name}.md": _page(row) for row in CATALOG.values()}
    return {"resources/README.md": index, **made}


def _families() -> Iterator[tuple[str, str, tuple[Resource, ...]]]:
    """The catalog's files in its order: title, what the file says of itself, its rows."""
    found = []
    for module in pkgutil.iter_modules(catalog.__path__):
        file = importlib.import_module(f"stripe_source.catalog.{module.name}")
        family = getattr(file, module.name.upper(), None)
        if family is not None:
            found.append((module.name.capitalize(), str(file.__doc__), family))
    order = list(CATALOG)
    yield from sorted(found, key=lambda each: order.index(each[2][0].name))


def _overview(family: tuple[Resource, ...]) -> str:
    lines = []
    for row in sorted(family, key=lambda row: row.name):
        name = f"[{row.name}]({row.name}.md)"
        name = f"**{name}**" if row.name in DEFAULT else name
        lines.append([name, ", ".join(row.tables[1:]), row.cursor or "whole list", row.changes])
    return rows(["resource", "tables beside it", "read by", "how changes are seen"], lines)


def _page(row: Resource) -> str:
    groups = [name for name, names in GROUPS.items() if row.name in names]
    facts = [
        ("Stripe's address", f"`{row.path}`"),
        ("in the groups", code(groups)),
        *seen(row),
    ]
    tables, histories = tables_of(row), histories_of(row)
    parts = [_table(table, row) for table in tables]
    parts += [_history(table, histories[table.name]) for table in tables if table.name in histories]
    return page(
        row.name, plain(text_of_table(tables[0])), rows(["", ""], [list(f) for f in facts]), *parts
    )


def _table(table: Table, row: Resource) -> str:
    said = "" if table.name == row.name else f"{plain(text_of_table(table))}\n\n"
    sharing = [other for other in CATALOG.values() if table.name in other.tables and other != row]
    linked = ", ".join(f"[{other.name}]({other.name}.md)" for other in sharing)
    shared = f"Filled by {linked}, too. " if linked else ""
    described = _columns((*all_columns(table), LOAD))
    return f"## Table {table.name}\n\n{said}{shared}Key: {code(table.key)}.\n\n{described}"


def _history(table: Table, history: Table) -> str:
    own = {column.name for column in all_columns(table)}
    more = [column for column in all_columns(history) if column.name not in own]
    return (
        f"## Table {history.name}\n\nEvery version that is known of each row of {table.name}: the "
        f"same columns, and those below. Key: {code(history.key)}.\n\n{_columns(more)}"
    )


def _columns(columns: "tuple[Column, ...] | list[Column]") -> str:
    lines = [
        [f"`{c.name}`", str(DLT[c.kind]["data_type"]), plain(text_of_column(c))] for c in columns
    ]
    return rows(["column", "type", "what it is"], lines)
