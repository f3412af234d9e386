"""Blanks what is masked from now on in rows that were loaded before.

What Stripe still lists comes again, masked, by the re-list of the same sync. Versions of histories,
tombstones and events older than 30 days don't: there it stays blank, also where a hash was wanted.
"""

import logging
from collections.abc import Collection, Iterator

import dlt
from dlt.destinations.job_client_impl import SqlJobClientBase

from stripe_source.tables.erased import EVENT, EVENT_OBJECT
from stripe_source.tables.every import every_table
from stripe_source.tables.layout import EXTRA, Table
from stripe_source.tables.masks import Masks

log = logging.getLogger("stripe_source")


def blank(pipeline: dlt.Pipeline, masks: Masks, loaded: Collection[str]) -> None:
    """Set to NULL what these masks are of, in tables that are ``loaded``, and empty their staging.

    ``loaded`` are those that the pipeline has filled: in others' of the same dataset, what they
    have masked themselves would be lost. A JSON value goes as a whole where something in it is
    masked.
    """
    with pipeline.destination_client() as client:
        if not isinstance(client, SqlJobClientBase):
            log.warning("what was loaded before stays as it is: the destination answers no SQL")
            return
        _Blanking(client, masks).run(loaded)


class _Blanking:
    def __init__(self, client: SqlJobClientBase, masks: Masks) -> None:
        self.client, self.sql, self.masks = client, client.sql_client, masks

    def run(self, loaded: Collection[str]) -> None:
        tables = {name: table for name, table in every_table().items() if name in loaded}
        for name, columns in self.client.get_storage_tables(tables):
            if columns:
                self._inside(tables[name], columns)
                self._whole(tables[name], columns)
        with self.sql.with_staging_dataset():  # where dlt may have left the last load
            for name, columns in self.client.get_storage_tables(tables):
                if columns:
                    self.sql.execute_sql(f"DELETE FROM {self.sql.make_qualified_table_name(name)}")

    def _whole(self, table: Table, there: Collection[str]) -> None:
        """The columns themselves, and ``_extra`` with them."""
        columns = self.masks.whole(table) & set(there)
        found = " OR ".join(f"{self._name(each)} IS NOT NULL" for each in sorted(columns))
        self._blank(table, columns, found)

    def _inside(self, table: Table, there: Collection[str]) -> None:
        """JSON that has the name of what is masked in it, or shows an object of such a kind."""
        names = [c.name for c in table.columns if c.kind == "json"]
        left = [name for name in (*names, EXTRA) if name in there]
        shown = [f'"object":{gap}"{kind}"' for kind in self.masks.of_objects for gap in ("", " ")]
        if table.object == EVENT and EVENT_OBJECT in there:
            self._blank(table, left, self._any(EVENT_OBJECT, shown))
            shown = []
        keys = [f'"{hidden.path[-1]}"' for hidden in sorted(self.masks.hidden(table))]
        for name in left:
            self._blank(table, [name], self._any(name, [*keys, *shown]))

    def _any(self, column: str, texts: Collection[str]) -> str:
        text = f"CAST({self._name(column)} AS VARCHAR)"
        return " OR ".join(f"{text} LIKE {each} ESCAPE '!'" for each in self._patterns(texts))

    def _patterns(self, texts: Collection[str]) -> Iterator[str]:
        for text in texts:
            escaped = text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
            yield str(self.sql.capabilities.escape_literal(f"%{escaped}%"))

    def _blank(self, table: Table, columns: Collection[str], condition: str) -> None:
        if not columns or not condition:
            return
        name = self.sql.make_qualified_table_name(table.name)
        changes = ", ".join(f"{self._name(each)} = NULL" for each in sorted(columns))
        self.sql.execute_sql(f"UPDATE {name} SET {changes} WHERE {condition}")

    def _name(self, column: str) -> str:
        return str(self.sql.escape_column_name(column))
