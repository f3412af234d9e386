"""Masks: columns that are left out of the tables, or come as hashes; here alone they are applied.

A masked column stays, for models, dbt and BI depend on it: one that is left out is null. What is
masked is also masked where else it stands: in ``_extra``, inside of the table's JSON columns, and
inside of any JSON that shows an object of the table's kind, as events do.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from stripe_source.extract.scratch import registered
from stripe_source.tables.erased import EVENT, EVENT_OBJECT
from stripe_source.tables.every import every_table
from stripe_source.tables.hashed import hashed
from stripe_source.tables.inside import Hidden, hide
from stripe_source.tables.layout import EXTRA, Table

Names = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Masks:
    """What is masked, by table: columns, or (left out alone) what their names begin with."""

    left_out: Names = field(default_factory=dict)
    hashed: Names = field(default_factory=dict)
    secret: str = field(default="", repr=False)

    def __bool__(self) -> bool:
        return bool(self.left_out or self.hashed)

    def masked(self, table: Table, rows: pa.Table) -> pa.Table:
        """The rows of a table, or of its history, without what is masked."""
        if not self or not rows.num_rows:
            return rows
        # By what they showed before anything was taken from them, or the rest would stay as it is.
        shown = rows[EVENT_OBJECT] if table.object == EVENT else None
        left_out = {column for column in self.columns(table) if column in rows.column_names}
        for name in left_out:
            place = rows.schema.get_field_index(name)
            empty = pa.nulls(rows.num_rows, rows.schema.field(name).type)
            rows = rows.set_column(place, rows.schema.field(name), empty)
        names = [name for name in self._of(self.hashed, table) if name not in left_out]
        if names:
            rows = hashed(rows, names, self.secret)
        return self._inside(table, rows, shown)

    def columns(self, table: Table) -> frozenset[str]:
        """The columns of a table that are left out."""
        paths = self._of(self.left_out, table)
        named = [column.name for column in table.columns if within(column.name, paths)]
        return frozenset([*named, *({EXTRA} & paths)])

    def whole(self, table: Table) -> frozenset[str]:
        """The columns that are masked, in whichever way, and ``_extra`` if there are some."""
        found = self.columns(table) | self._of(self.hashed, table)
        return found | {EXTRA} if found else found

    def hidden(self, table: Table) -> frozenset[Hidden]:
        """What is masked of a table, as paths inside of JSON."""
        left_out = {Hidden(path_of(name)) for name in self._of(self.left_out, table) - {EXTRA}}
        return frozenset(
            left_out | {Hidden(path_of(name), True) for name in self._of(self.hashed, table)}
        )

    @cached_property
    def of_objects(self) -> Mapping[str, frozenset[Hidden]]:
        """The same by the kind of object that a table holds."""
        found: dict[str, frozenset[Hidden]] = {}
        for table in every_table().values():
            if not table.history and (hidden := self.hidden(table)):
                found[table.object] = found.get(table.object, frozenset()) | hidden
        return found

    def _inside(self, table: Table, rows: pa.Table, shown: pa.ChunkedArray | None) -> pa.Table:
        own, names = self.hidden(table), self._of(self.left_out, table)
        for column in (*(c.name for c in table.columns if c.kind == "json"), EXTRA):
            texts = rows[column]
            if texts.null_count == len(texts):
                continue
            made = texts
            if column == EXTRA:
                made = _of_no_column(made, names | self._of(self.hashed, table))
            made = hide(made, own, self.secret)
            for kind, hidden in self._shown_in(texts if shown is None else shown):
                made = hide(
                    made, hidden, self.secret, _shows(texts if shown is None else shown, kind)
                )
            if made is not texts:
                place = rows.schema.get_field_index(column)
                rows = rows.set_column(place, rows.schema.field(column), made)
        return rows

    def _shown_in(self, texts: pa.ChunkedArray) -> list[tuple[str, frozenset[Hidden]]]:
        """The kinds of objects that some text shows, with what is hidden of each."""
        if not self.of_objects or not pc.any(_shows(texts, "|".join(self.of_objects))).as_py():
            return []
        return list(self.of_objects.items())

    @staticmethod
    def _of(names: Names, table: Table) -> frozenset[str]:
        return names.get(table.name.removesuffix("_history"), frozenset())


def within(name: str, paths: Iterable[str]) -> bool:
    """Whether a column is one of these, or part of one that is flattened."""
    return any(name == path or name.startswith(f"{path}__") for path in paths)


def path_of(name: str) -> tuple[str, ...]:
    """The keys that lead to a column's value."""
    return tuple(name.split("__"))


def _shows(texts: pa.ChunkedArray, kind: str) -> pa.ChunkedArray:
    pattern = f'"object": ?"({kind.replace(".", "[.]")})"'
    return pc.fill_null(pc.match_substring_regex(texts, pattern), False)


def _of_no_column(extra: pa.ChunkedArray, paths: frozenset[str]) -> pa.ChunkedArray:
    """``_extra`` without what belongs to a masked column: itself, parts of it, what it is part of.

    That did not fit, so there is nothing to hash.
    """
    if not paths:
        return extra
    with registered(odd=pa.table({"e": extra})) as connection:
        (found,) = connection.sql("SELECT list(DISTINCT json_keys(e)) FROM odd").fetchall()[0]
    keys = {key for keys in found or () for key in keys or ()}
    masked = {key for key in keys if within(key, paths) or any(within(p, [key]) for p in paths)}
    return hide(extra, (Hidden((key,)) for key in masked), "")
