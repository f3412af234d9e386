"""Blanks what is personal in rows of customers that were erased.

Stripe goes on showing a deleted customer's name on invoices and in events: what was erased from the
tables would come back with the next sync.
"""

import re
from dataclasses import dataclass, field
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from stripe_source.schema.personal import personal
from stripe_source.tables.layout import EXTRA, Table

ERASED = "_stripe_erased"
"""The table that keeps the ids of what was erased."""
ID = re.compile(r"(^|_)(customer|charge|payment_intent|setup_intent|payment_method)$")
OF_MANY = frozenset({"terminal.reader"})
"""Objects that show what they did last for a customer, and are not of it."""
IN_A_PATTERN = 500
EVENT = "event"
EVENT_OBJECT = "data__object"


@dataclass(frozen=True)
class Erased:
    """The ids of customers that were erased, and of all objects that belonged to them."""

    ids: frozenset[str] = field(default_factory=frozenset)

    def blanked(self, table: Table, rows: pa.Table) -> pa.Table:
        """The rows, those of erased customers without what is personal."""
        if not self.ids or not rows.num_rows:
            return rows
        mask = self._theirs(table, rows)
        if not pc.any(mask).as_py():
            return rows
        for name in blanks(table):
            position = rows.schema.get_field_index(name)
            empty = pa.scalar(None, rows.schema.field(name).type)
            rows = rows.set_column(
                position, rows.schema.field(name), pc.if_else(mask, empty, rows[name])
            )
        return rows

    def _theirs(self, table: Table, rows: pa.Table) -> pa.Array:
        mask = pa.chunked_array([pa.array([False] * rows.num_rows)])
        for name in links(table):
            mask = pc.or_(mask, pc.is_in(rows[name], value_set=self._values))
        if table.object == EVENT:  # what it shows is JSON, with the ids somewhere in it
            for pattern in self._patterns:
                shown = pc.match_substring_regex(rows[EVENT_OBJECT].cast(pa.string()), pattern)
                mask = pc.or_(mask, pc.fill_null(shown, False))
        return mask

    @cached_property
    def _values(self) -> pa.Array:
        return pa.array(sorted(self.ids), pa.string())

    @cached_property
    def _patterns(self) -> list[str]:
        """For some ids each: a pattern has to fit into the memory of the library that matches."""
        ids = [re.escape(each) for each in sorted(self.ids)]
        some = (ids[start : start + IN_A_PATTERN] for start in range(0, len(ids), IN_A_PATTERN))
        return [f'"({"|".join(each)})"' for each in some]


def links(table: Table) -> list[str]:
    """The columns that say whose a row is: its id, its parent's, and those it refers to.

    Some ids Stripe does not expand: those are texts, known by their names.
    """
    if table.object in OF_MANY:
        return []
    named = (
        c.name for c in table.columns if c.kind == "id" or (c.kind == "text" and ID.search(c.name))
    )
    own = [name for name in ("id", table.parent_id) if name]
    there = {column.name for column in table.columns}
    return [name for name in own if name in there or name == table.parent_id] + list(named)


def blanks(table: Table) -> list[str]:
    """The columns that may hold something personal, and what has no column."""
    return [*sorted(personal(table.object) & {column.name for column in table.columns}), EXTRA]
