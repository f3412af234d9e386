"""The queries that turn pages of JSON into the rows of one table.

A page is the text of one list answer. The fast query reads it with ``from_json`` straight into
typed structs. The careful query, for batches in which something is unknown or does not fit, also
keeps each row's own text, from which ``_extra`` is made.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from stripe_source.extract.spans import Bounds
from stripe_source.tables.fit import LATEST, Finding, fits
from stripe_source.tables.layout import (
    ACCOUNT,
    DELETED,
    DELETED_AT,
    EXTRA,
    INDEX,
    UPDATED,
    Column,
    Place,
    Table,
)
from stripe_source.tables.types import READ, all_columns

KEPT_BY = {"id": "VARCHAR", "created": "BIGINT", "test_clock": "VARCHAR"}
OF_PAGE = "sent_at, account"  # what each row has of its page
Shape = Any  # what `from_json` takes: a type's name, [shape], or {key: shape}


@dataclass(frozen=True)
class Kept:
    """Which of the listed rows are kept: those within bounds, and on no test clock if so wanted."""

    bounds: Bounds
    without_clocks: bool = False


def quoted(text: str) -> str:
    """A SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A quoted SQL name."""
    return '"' + name.replace('"', '""') + '"'


def pointer(path: Sequence[str]) -> str:
    """A JSON pointer (RFC 6901) to a key, as DuckDB's functions take it."""
    return "".join("/" + key.replace("~", "~0").replace("/", "~1") for key in path)


@cache
def struct_of(table: Table) -> Shape:
    """The struct that ``from_json`` reads one object of this table into."""
    shape: dict[str, Any] = {}
    for column in table.columns:
        *parents, last = column.name.split("__")
        level = shape
        for key in parents:
            level = level.setdefault(key, {})
        level[last] = READ[column.kind]
    return shape


def items_query(table: Table, place: Place, kept: Kept, *, keep_text: bool) -> str:
    """Rows (parent_id, position, sent_at, account, o, raw) of a table, from one of its places.

    ``o`` is the typed struct; ``raw`` the object's JSON text, NULL in the fast query. ``pages`` has
    the columns ``page``, ``sent_at`` and ``account``.
    """
    found = _found(place, "VARCHAR" if keep_text else struct_of(table), kept)
    o, raw, sound = "o", "NULL::VARCHAR", "true"
    if keep_text:
        o, raw = f"from_json(o, {quoted(json.dumps(struct_of(table)))})", "o"
        sound = "true" if place.kind == "own" else "starts_with(o, '{')"
    rows = (
        f"SELECT parent_id, position, {OF_PAGE}, {o} AS o, {raw} AS raw FROM ({found}) "
        f"WHERE {sound}"
    )
    if place.kind in ("single", "expanded"):  # what has no id is in the parent's `_extra`
        rows = f"SELECT * FROM ({rows}) WHERE o.id IS NOT NULL"
    return rows


def _found(place: Place, item: Shape, kept: Kept) -> str:
    """Rows with the objects of a place, each read as ``item``."""
    if place.kind == "own":
        own = _own(item, kept)
        return f"SELECT NULL AS parent_id, NULL AS position, {OF_PAGE}, o FROM ({own})"
    keys = place.field.split("__")
    wanted: Shape = {"list": {"data": [item]}, "single": item}.get(place.kind, [item])
    if place.through:
        wanted = {"data": [_nested(keys, wanted)]}
        keys = place.through.split("__")
    rows = _parents({**KEPT_BY, **_nested(keys, wanted)}, kept)
    items = _path("r", keys)
    if place.through:
        rows = f"SELECT r, {OF_PAGE}, unnest({items}.data) AS l FROM ({rows})"
        items = _path("l", place.field.split("__"))
    elif place.kind == "list":
        items += ".data"
    if place.kind == "single":
        items = f"[{items}]"
    return (
        f"SELECT r.id AS parent_id, unnest(range(len({items}))) AS position, {OF_PAGE}, "
        f"unnest({items}) AS o FROM ({rows})"
    )


def _own(item: Shape, kept: Kept) -> str:
    """The listed rows themselves, as ``o``."""
    read = _page_rows([item])
    if item == "VARCHAR":
        condition = _is_kept("TRY_CAST(r->>'created' AS BIGINT)", "r->>'test_clock'", kept)
    else:
        condition = _is_kept("r.created", "r.test_clock", kept)
    return f"SELECT r AS o, {OF_PAGE} FROM ({read}) WHERE {condition}"


def _parents(shape: Shape, kept: Kept) -> str:
    """The listed rows, as structs ``r`` of the wanted keys."""
    condition = _is_kept("r.created", "r.test_clock", kept)
    return f"SELECT r, {OF_PAGE} FROM ({_page_rows([shape])}) WHERE {condition}"


def _page_rows(shape: Shape) -> str:
    wanted = quoted(json.dumps({"data": shape}))
    return f"SELECT unnest(from_json(page, {wanted}).data) AS r, {OF_PAGE} FROM pages"


def _is_kept(created: str, test_clock: str, kept: Kept) -> str:
    """The condition on a listed row; one that Stripe gives no ``created`` is within all bounds."""
    conditions = []
    if kept.bounds.start is not None:
        conditions.append(f"coalesce({created} >= {kept.bounds.start}, true)")
    if kept.bounds.end is not None:
        conditions.append(f"coalesce({created} < {kept.bounds.end}, true)")
    if kept.without_clocks:
        conditions.append(f"{test_clock} IS NULL")
    return " AND ".join(conditions) or "true"


def _path(start: str, keys: Sequence[str]) -> str:
    return ".".join([start, *map(identifier, keys)])


def _nested(keys: Sequence[str], value: Shape) -> dict[str, Shape]:
    nested: dict[str, Shape] = {keys[-1]: value}
    for key in reversed(keys[:-1]):
        nested = {key: nested}
    return nested


def rows_query(table: Table, items: str, finding: Finding) -> str:
    """The finished rows: every column of the table in order, from a query of items."""
    ours = {
        ACCOUNT: "account",
        INDEX: "position",
        UPDATED: stamp_of("sent_at"),
        DELETED: "false",
        DELETED_AT: "NULL::TIMESTAMP",
        EXTRA: _extra(finding),
    }
    if table.parent_id:
        ours[table.parent_id] = "parent_id"
    columns = [
        f"{ours.get(column.name) or _value(column, finding)} AS {identifier(column.name)}"
        for column in all_columns(table)
    ]
    return f"SELECT {', '.join(columns)} FROM ({items})"


def _value(column: Column, finding: Finding) -> str:
    """A column's value in its final type; NULL where the finding says that it does not fit."""
    path = column.name.split("__")
    raw = "o." + ".".join(map(identifier, path))
    value = _typed(raw, column.kind)
    if column.name in finding.misfits:
        text = f"json_extract(raw, {quoted(pointer(path))})"
        return f"CASE WHEN {fits(text, column.kind)} THEN {value} END"
    return value


def _typed(raw: str, kind: str) -> str:
    match kind:
        case "timestamp":
            return _moment(raw, LATEST, 1_000_000)
        case "timestamp_ms":
            return _moment(raw, LATEST * 1_000, 1_000)
        case "json":
            return f"{raw}::VARCHAR"
        case "id":
            return plain_id(raw)
        case "ids":
            return plain_ids(raw)
        case _:
            return raw


def _moment(raw: str, latest: int, factor: int) -> str:
    inside = f"{raw} BETWEEN -{latest} AND {latest}"
    return f"CASE WHEN {inside} THEN make_timestamp({raw} * {factor}) END"


def stamp_of(seconds: str) -> str:
    """A time of Stripe's clock, which has fractions of seconds."""
    return f"make_timestamp(({seconds} * 1000000)::BIGINT)"


def plain_id(value: str) -> str:
    """The id, whether the field came as an id or expanded."""
    return f"CASE WHEN starts_with({value}, '{{') THEN {value}->>'$.id' ELSE {value} END"


def plain_ids(values: str) -> str:
    """A list of such as JSON."""
    return f"to_json(list_transform({values}, lambda x: {plain_id('x')}))::VARCHAR"


def _extra(finding: Finding) -> str:
    """A JSON object of what no column took, by the name that a column would have; else NULL."""
    entries = []
    for name, path in finding.unknown.items():
        value = f"json_extract(raw, {quoted(pointer(path))})"
        entries.append(_entry(name, value, "true"))
    for name, kind in finding.misfits.items():
        value = f"json_extract(raw, {quoted(pointer(name.split('__')))})"
        entries.append(_entry(name, value, f"NOT ({fits(value, kind)})"))
    if not entries:
        return "NULL::VARCHAR"
    kept = f"list_filter([{', '.join(entries)}], lambda e: e.v IS NOT NULL)"
    return f"nullif(to_json(map_from_entries({kept}))::VARCHAR, '{{}}')"


def _entry(name: str, value: str, condition: str) -> str:
    present = f"json_type({value}) <> 'NULL' AND {condition}"
    return f"{{'k': {quoted(name)}, 'v': CASE WHEN {present} THEN {value} END}}"
