"""Blanks what is masked from now on in rows that were loaded before.

What Stripe still lists comes again, masked, by the re-list of the same sync. Versions of histories,
tombstones and events older than 30 days don't: there it stays blank, also where a hash was wanted.

Rows change at once, dlt's state when the load is done. So a sync first commits what holds whatever
becomes of it: what is masked by what was noted and by what is asked now, and that every resource
has to be listed again.
"""

import logging
from collections.abc import Collection, Iterator
from typing import Any

import dlt
from dlt.destinations.job_client_impl import SqlJobClientBase

from stripe_source.catalog import CATALOG
from stripe_source.tables.erased import EVENT, EVENT_OBJECT
from stripe_source.tables.every import every_table
from stripe_source.tables.layout import EXTRA, Table
from stripe_source.tables.loads import LOAD
from stripe_source.tables.masking import Asked
from stripe_source.tables.masks import Masks

log = logging.getLogger("stripe_source")

MASKS = "masks"  # the name of what a state has of them
CHANGING = {"changing": True}  # what a resource's has while they change: it is no note of any


def commit_masks(pipeline: dlt.Pipeline, source: str, asked: Asked) -> None:
    """Load a package of state alone that says which masks are about to change, if they are.

    Raises UsageError where nothing is said of masks with which tables were loaded.
    """
    known: dict[str, Any] = pipeline.state.get("sources", {}).get(source, {})
    before = known.get(MASKS, {})
    asked.since(before)
    if not known.get("resources") or before == asked.note():
        return
    with pipeline.managed_state(extract_state=True) as state:
        ours = state["sources"][source]
        note_masks(ours, asked.and_in(before))
        for name, accounts in ours["resources"].items():
            for resource in accounts.values() if name in CATALOG else ():
                resource[MASKS] = CHANGING
    if pipeline.has_pending_data:
        pipeline.run()


def note_masks(state: dict[str, Any], note: dict[str, Any]) -> None:
    """Have a state say what rows are masked by, of a source or of a resource."""
    if note:
        state[MASKS] = note
    else:
        state.pop(MASKS, None)


def blank(
    pipeline: dlt.Pipeline, masks: Masks, loaded: Collection[str], *, committed: bool = True
) -> None:
    """Set to NULL what these masks are of, in tables that are ``loaded``, and empty their staging.

    ``loaded`` are those that the pipeline has filled: in others' of the same dataset, what they
    have masked themselves would be lost. A JSON value goes as a whole where something in it is
    masked. Without ``committed``, only rows of loads that broke off.
    """
    with pipeline.destination_client() as client:
        if not isinstance(client, SqlJobClientBase):
            log.warning("what was loaded before stays as it is: the destination answers no SQL")
            return
        _Blanking(client, masks, committed=committed).run(loaded)


class _Blanking:
    def __init__(self, client: SqlJobClientBase, masks: Masks, *, committed: bool) -> None:
        self.client, self.sql, self.masks = client, client.sql_client, masks
        self.only = ""
        if not committed:
            loads = self.sql.make_qualified_table_name(client.schema.loads_table_name)
            self.only = f"{self._name(LOAD.name)} NOT IN (SELECT load_id FROM {loads}) AND "

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
        self.sql.execute_sql(f"UPDATE {name} SET {changes} WHERE {self.only}({condition})")

    def _name(self, column: str) -> str:
        return str(self.sql.escape_column_name(column))
