"""A batch of pages and the Arrow tables made of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from stripe_source.catalog import Resource
from stripe_source.errors import StripeUnavailable
from stripe_source.extract.scratch import reason, registered
from stripe_source.extract.spans import Bounds
from stripe_source.schema import load_schema
from stripe_source.tables.erased import Erased
from stripe_source.tables.fit import NUMBERS, Finding, find, tree_of
from stripe_source.tables.flat import flattened, structs_query
from stripe_source.tables.layout import Place, Table
from stripe_source.tables.masks import Masks
from stripe_source.tables.oddities import Oddities
from stripe_source.tables.sql import Kept, items_query, rows_query
from stripe_source.tables.types import arrow_schema

# A number this long may be no time or beyond BIGINT: a batch that holds one is read with care.
LONG_NUMBER = r": ?-?\d{12}"
LEAST_BYTES = 200_000  # of text that are worth a record batch, which costs DuckDB some 0.3 ms


@dataclass
class Batch:
    """Pages of one resource: each the text of a list answer, whose it is and when it was asked for.

    ``accounts`` are ids, ``sent_at`` seconds by Stripe's clock, one for each page.

    ``bounds`` are for lists that Stripe can't filter by ``created``. Without ``test_clocks``, what
    lives on one is left out, as Stripe's lists do. What is personal of ``erased`` ones is blank,
    and what is ``masked`` is masked.
    """

    resource: Resource
    accounts: Sequence[str]
    pages: Sequence[bytes]
    sent_at: Sequence[float]
    bounds: Bounds = field(default_factory=Bounds)
    test_clocks: bool = True
    oddities: Oddities = field(default_factory=Oddities)
    erased: Erased = field(default_factory=Erased)
    masks: Masks = field(default_factory=Masks)
    _found: tuple[list[Any], bool] | None = field(default=None, init=False, repr=False)

    def table(self, table: Table) -> pa.Table:
        """The rows of one table, in its full schema.

        Raises StripeUnavailable where a page turns out to be broken JSON, or a row has no id.
        """
        if not self.pages:
            return arrow_schema(table).empty_table()
        try:
            with registered(pages=self._pages()) as connection:
                parts = [self._rows(connection, table, place) for place in table.places]
        except (duckdb.Error, pa.ArrowInvalid, ValueError) as fault:
            raise StripeUnavailable(
                f"an answer for {self.resource.name} is broken: {reason(fault)}"
            ) from None
        return self.masks.masked(table, self.erased.blanked(table, pa.concat_tables(parts)))

    def _rows(self, connection: duckdb.DuckDBPyConnection, table: Table, place: Place) -> pa.Table:
        structures, long_numbers = self._structures(connection)
        found = [item for structure in structures for item in _items(structure, place)]
        if _nothing_in(found, place):
            return arrow_schema(table).empty_table()  # a query costs as much, whatever it finds
        finding = find(found, self._tree(table, place))
        if long_numbers or finding.misfits:
            return self._inspected_rows(connection, table, place, NUMBERS if long_numbers else ())
        items = items_query(table, place, self._kept, keep_text=bool(finding))
        try:
            if finding:
                rows = _read(connection, rows_query(table, items, finding))
            else:
                structs = _read(connection, structs_query(table, items))
                rows = flattened(table, structs)
            if not _has_lost_ids(table, rows):
                return self._counted(connection, table, finding, rows)
        except pa.ArrowInvalid:
            pass  # a decimal that is none: look at each row
        return self._inspected_rows(connection, table, place, ())

    def _inspected_rows(
        self,
        connection: duckdb.DuckDBPyConnection,
        table: Table,
        place: Place,
        doubtful: tuple[str, ...],
    ) -> pa.Table:
        """Row by row in SQL: what is unknown or does not fit goes to ``_extra``.

        ``doubtful`` are kinds of which every value is checked, whatever its type.
        """
        items = items_query(table, place, self._kept, keep_text=True)
        query = f"SELECT DISTINCT json_structure(raw) FROM ({items})"
        structures = [orjson.loads(s) for (s,) in connection.execute(query).fetchall() if s]
        finding = find(structures, self._tree(table, place))
        for column in table.columns:
            if column.kind in (*doubtful, "ids", "decimal"):
                finding.misfits.setdefault(column.name, column.kind)
        rows = _read(connection, rows_query(table, items, finding))
        return self._counted(connection, table, finding, rows)

    def _counted(
        self,
        connection: duckdb.DuckDBPyConnection,
        table: Table,
        finding: Finding,
        rows: pa.Table,
    ) -> pa.Table:
        """The rows in their types, after what is odd about them has been counted."""
        typed = rows.cast(arrow_schema(table))
        if finding:
            self.oddities.count(connection, table.name, finding, rows)
        return typed

    @property
    def _kept(self) -> Kept:
        known = "test_clock" in load_schema(self.resource.object).columns
        bounds = Bounds() if self.resource.single else self.bounds
        return Kept(bounds, without_clocks=known and not self.test_clocks)

    def _tree(self, table: Table, place: Place) -> dict[str, Any]:
        claimed = self.resource.children if place.kind == "own" else ()
        return tree_of(table, tuple(child.field for child in claimed))

    def _structures(self, connection: duckdb.DuckDBPyConnection) -> tuple[list[Any], bool]:
        """The distinct structures of the pages, and whether a long number is in one."""
        # No cached property: until Python 3.12 it is locked for all batches, in whatever thread.
        if self._found is None:
            self._found = _looked_at(connection)
        return self._found

    def _pages(self) -> pa.Table:
        """One record batch a page, so that DuckDB reads them on all cores; small ones together."""
        texts = pa.array(self.pages, pa.binary()).cast(pa.large_string())
        table = pa.table(
            {
                "page": texts,
                "sent_at": pa.array(self.sent_at, pa.float64()),
                "account": pa.array(self.accounts, pa.string()),
            }
        )
        total = sum(map(len, self.pages))
        together = max(LEAST_BYTES * len(self.pages) // max(total, 1), 1)
        return pa.Table.from_batches(table.to_batches(max_chunksize=together))


def _looked_at(connection: duckdb.DuckDBPyConnection) -> tuple[list[Any], bool]:
    query = (
        "SELECT list(DISTINCT json_structure(page)), "
        f"bool_or(regexp_matches(page, '{LONG_NUMBER}')) FROM pages"
    )
    ((found, long_numbers),) = connection.execute(query).fetchall()
    return [orjson.loads(structure) for structure in found or []], bool(long_numbers)


def _read(connection: duckdb.DuckDBPyConnection, query: str) -> pa.Table:
    return connection.sql(query).to_arrow_table()


def _has_lost_ids(table: Table, rows: pa.Table) -> bool:
    """Whether a list of ids has a null in it, for an object that came without one."""
    lists = [column.name for column in table.columns if column.kind == "ids"]
    return any(pc.any(pc.match_substring(rows[name], "null")).as_py() for name in lists)


def _items(structure: Any, place: Place) -> list[Any]:
    """The structure of a place's objects within a page's; none where there are none."""
    for key in ("data", 0, *_way(place)):
        if isinstance(structure, list):
            structure = structure[0]
        elif isinstance(structure, dict):
            structure = structure.get(key, "NULL")
    return [] if structure == "NULL" else [structure]


def _nothing_in(found: Sequence[Any], place: Place) -> bool:
    """Whether no page has an object in this place: none, or ids alone where nothing is expanded."""
    if place.kind in ("single", "expanded"):
        return all(item == "VARCHAR" for item in found)
    return not found


def _way(place: Place) -> list[str | int]:
    """The keys, and 0 for a list, from a row to the objects of a place."""
    if place.kind == "own":
        return []
    through: list[str | int] = []
    if place.through:
        through = [*place.through.split("__"), "data", 0]
    inside: dict[str, list[str | int]] = {"list": ["data", 0], "single": []}
    return [*through, *place.field.split("__"), *inside.get(place.kind, [0])]
