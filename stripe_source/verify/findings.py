"""What a check finds: how many rows of each table were compared, and which of them differ."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from stripe_source.extract.scratch import registered

FOUND = pa.schema(
    [
        ("key", pa.string()),
        ("difference", pa.string()),  # missing, stale, gone or repeated
        ("columns", pa.list_(pa.string())),  # of a stale row, those that differ
        ("unsynced", pa.bool_()),  # an event since the last sync tells that it changed
    ]
)


@dataclass
class Findings:
    """Rows compared and rows that differ, by table; safe for one thread."""

    compared: dict[str, int] = field(default_factory=dict)
    _parts: dict[str, list[pa.Table]] = field(default_factory=dict)

    def count(self, table: str, rows: int) -> None:
        """Count rows that were compared."""
        self.compared[table] = self.compared.get(table, 0) + rows

    def add(self, table: str, different: pa.Table, changed: Collection[str]) -> None:
        """Note the differences of a `Comparison`; ``changed`` objects have events to be read."""
        gone_or_stale = pc.if_else(different["is_gone"], "gone", "stale")
        kinds = pc.if_else(different["is_missing"], "missing", gone_or_stale)
        unsynced = pc.is_in(different["object"], value_set=pa.array(list(changed), pa.string()))
        self._put(table, [different["key"], kinds, different["columns"], unsynced])

    def note(
        self,
        table: str,
        kind: str,
        keys: Iterable[Iterable[Any]],
        columns: Sequence[str] = (),
    ) -> None:
        """Note rows, by their keys, that differ in a way that no `Comparison` finds."""
        names = ["/".join(map(str, key)) for key in keys]
        count = len(names)
        rows = [names, [kind] * count, [list(columns)] * count, [False] * count]
        self._put(table, [pa.array(v, f.type) for v, f in zip(rows, FOUND, strict=True)])

    def of(self, table: str) -> pa.Table:
        """What differs in a table, each row once, in the schema ``FOUND``."""
        every = pa.concat_tables([FOUND.empty_table(), *self._parts.get(table, [])])
        with registered(every=every) as connection:
            return connection.sql(
                "SELECT DISTINCT ON (key, difference) * FROM every "
                "ORDER BY key, difference, len(columns) DESC"
            ).to_arrow_table()

    def take_in(self, other: "Findings") -> None:
        """Add what another resource's check found: some tables are filled by several."""
        for table, rows in other.compared.items():
            self.count(table, rows)
        for table, parts in other._parts.items():
            self._parts.setdefault(table, []).extend(parts)

    def of_account(self, account_id: str) -> "Findings":
        """The same with the account's id in front of each key."""
        named = Findings(dict(self.compared))
        for table, parts in self._parts.items():
            for part in parts:
                keys = pc.binary_join_element_wise(account_id, part["key"], "/")
                named._put(table, [keys, *part.columns[1:]])
        return named

    def _put(self, table: str, columns: Sequence[pa.Array | pa.ChunkedArray]) -> None:
        self._parts.setdefault(table, []).append(pa.table(columns, schema=FOUND))
