"""Compares rows as Stripe has them with rows as the destination has them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from stripe_source.extract.scratch import registered
from stripe_source.tables.layout import ACCOUNT, DELETED, DELETED_AT, UPDATED, Table
from stripe_source.tables.sql import identifier, quoted
from stripe_source.tables.types import all_columns

OURS = (UPDATED, DELETED_AT)  # of the reading, not of the object


@dataclass
class Drift:
    """How a table departs from the account, in rows.

    ``missing`` are not there, ``stale`` have other values, ``gone`` are there and no longer in
    Stripe.
    """

    missing: int = 0
    stale: int = 0
    gone: int = 0

    def __add__(self, other: "Drift") -> "Drift":
        return Drift(self.missing + other.missing, self.stale + other.stale, self.gone + other.gone)

    def __bool__(self) -> bool:
        return bool(self.missing or self.stale or self.gone)


@dataclass
class Comparison:
    """``rows`` are those, by table, of objects that differ in any of their tables.

    ``differences`` has each row that is not the same on both sides: the ``object`` that it is or
    belongs to, its ``key``, ``is_missing``, ``is_gone`` and, of a stale one, the ``columns``.
    """

    rows: dict[str, pa.Table] = field(default_factory=dict)
    drift: dict[str, Drift] = field(default_factory=dict)
    differences: dict[str, pa.Table] = field(default_factory=dict)


def compare(
    tables: tuple[Table, ...], rows: Mapping[str, pa.Table], held: Mapping[str, pa.Table]
) -> Comparison:
    """Rows that were read whole, children and all, against what is held of the same objects."""
    result = Comparison()
    own = tables[0]
    changed: set[str] = set()
    for table in tables:
        different = _differences(table, rows[table.name], held[table.name])
        result.drift[table.name] = _drift(different)
        result.differences[table.name] = different
        if table is own or table.parent_id:
            changed |= set(different["object"].to_pylist())
        else:
            result.rows[table.name] = _only(rows[table.name], "id", different["object"])
    objects = pa.array(sorted(changed), pa.string())
    for table in tables:
        if table is own or table.parent_id:
            result.rows[table.name] = _only(rows[table.name], table.parent_id or "id", objects)
    return result


def _differences(table: Table, rows: pa.Table, held: pa.Table) -> pa.Table:
    """The rows that are not the same on both sides, as in `Comparison`.

    JSON that is written otherwise is looked at again: a destination may sort its keys.
    """
    different = _different(table, rows, held)
    if not different.num_rows:
        return different
    owner, objects = table.parent_id or "id", different["object"]
    rows, held = (canonical(table, _only(side, owner, objects)) for side in (rows, held))
    return _different(table, rows, held)


def _different(table: Table, rows: pa.Table, held: pa.Table) -> pa.Table:
    owner = table.parent_id or "id"
    keys = [identifier(name) for name in table.key]
    on = " AND ".join(f"r.{key} = h.{key}" for key in keys)
    compared = [c.name for c in all_columns(table) if c.name not in (*OURS, *table.key)]
    left, right = (", ".join(f"{s}.{identifier(c)}" for c in compared) for s in "rh")
    nobody = f"r.{keys[0]} IS NULL"
    own_key = (f"coalesce(r.{key}, h.{key})" for key in keys if key != identifier(ACCOUNT))
    wrong = (
        f"CASE WHEN r.{identifier(c)} IS DISTINCT FROM h.{identifier(c)} THEN {quoted(c)} END"
        for c in compared
    )
    missing = f"h.{keys[0]} IS NULL"
    query = f"""
        SELECT coalesce(r.{identifier(owner)}, h.{identifier(owner)}) AS object,
               concat_ws('/', {", ".join(own_key)}) AS key,
               {missing} AS is_missing, {nobody} AS is_gone,
               CASE WHEN {missing} OR {nobody} THEN []::VARCHAR[]
                    ELSE list_filter([{", ".join(wrong)}], lambda c: c IS NOT NULL)
               END AS columns
        FROM r FULL JOIN h ON {on}
        WHERE row({left}) IS DISTINCT FROM row({right})
          AND NOT ({nobody} AND h.{DELETED})
    """
    with registered(r=_first_of_each(table, rows), h=held) as connection:
        return connection.sql(query).to_arrow_table()


def _first_of_each(table: Table, rows: pa.Table) -> pa.Table:
    """One row for a key: an embedded object may come several times."""
    if table.parent_id or table.places[0].kind == "own":
        return rows
    keys = ", ".join(identifier(name) for name in table.key)
    with registered(twice=rows) as connection:
        return connection.sql(f"SELECT DISTINCT ON ({keys}) * FROM twice").to_arrow_table()


def canonical(table: Table, rows: pa.Table) -> pa.Table:
    """JSON with sorted keys: a destination may keep it in an order of its own."""
    for column in all_columns(table):
        if column.kind in ("json", "ids"):
            position = rows.schema.get_field_index(column.name)
            values = rows[column.name]
            if values.null_count < len(values):
                rows = rows.set_column(position, column.name, _sorted_keys(values))
    return rows


def _sorted_keys(values: pa.ChunkedArray) -> pa.Array:
    """Each distinct text once: most are ``{}`` and ``[]``."""
    encoded = values.combine_chunks().dictionary_encode()
    texts = [
        orjson.dumps(orjson.loads(text), option=orjson.OPT_SORT_KEYS).decode()
        for text in encoded.dictionary.to_pylist()
    ]
    return pc.take(pa.array(texts, pa.string()), encoded.indices)


def _drift(different: pa.Table) -> Drift:
    missing = pc.sum(different["is_missing"]).as_py() or 0
    gone = pc.sum(different["is_gone"]).as_py() or 0
    return Drift(missing, different.num_rows - missing - gone, gone)


def _only(rows: pa.Table, column: str, values: pa.Array | pa.ChunkedArray) -> pa.Table:
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    return rows.filter(pc.is_in(rows[column], value_set=values))
