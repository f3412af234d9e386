"""What the warehouse keeps of plays: how each stands, the rows it has seen, and its deliveries."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from stripe_source.models.warehouse import Warehouse, explained
from stripe_source.plays.dialects import Dialect, dialect_of, literal
from stripe_source.tables.plays import DELIVERIES, PLAYS, ROWS

TABLES = {
    PLAYS: "play VARCHAR(100), definition VARCHAR(64), columns_json VARCHAR, "
    "seen_rows BIGINT, ran_at TIMESTAMPTZ, paused_at TIMESTAMPTZ, paused_why VARCHAR",
    ROWS: "play VARCHAR(100), row_key VARCHAR, row_json JSON",
    DELIVERIES: "id VARCHAR(40), number BIGINT, play VARCHAR(100), model VARCHAR, "
    "row_key VARCHAR, change VARCHAR(10), before JSON, after JSON, found_at TIMESTAMPTZ, "
    "status VARCHAR(10), attempts INTEGER, first_at TIMESTAMPTZ, next_at TIMESTAMPTZ, "
    "ended_at TIMESTAMPTZ, target VARCHAR, outcome VARCHAR, why VARCHAR",
}
INDEXES = {  # DuckDB scans a column; in Postgres a lookup of each row would be a scan
    ROWS: ("(play)",),
    DELIVERIES: ("(id)", "(play, status, number)"),
}


@dataclass(frozen=True)
class Standing:
    """How a play stands: which rows it watches, by a hash (None before it ran), with which columns.

    ``rows`` is how many there were the last time. ``paused_why`` is empty where somebody paused it.
    """

    definition: str | None = None
    columns: tuple[str, ...] = ()
    rows: int = 0
    ran_at: datetime | None = None
    paused_at: datetime | None = None
    paused_why: str = ""


class Ledger:
    """The three tables in a warehouse, which are made where they are first written."""

    def __init__(self, place: Warehouse) -> None:
        self.place = place
        self.dialect: Dialect = dialect_of(place.schemas.dialect)
        self._there: set[str] = set()
        place.select(self.dialect.settings)

    def name(self, table: str) -> str:
        """A table's full name, as SQL."""
        found = self.place.schemas.table(table, self.place.schemas.raw)
        return found.sql(dialect=self.place.schemas.dialect)

    def has(self, table: str) -> bool:
        """Whether a table is there."""
        if table not in self._there:
            rows = self.place.select(
                "SELECT table_name FROM information_schema.tables "
                f"WHERE table_schema = {literal(self.place.schemas.raw)}"
            )
            self._there = {str(name) for (name,) in rows}
        return table in self._there

    def prepare(self) -> None:
        """Make the tables where they are not there."""
        for table, declared in TABLES.items():
            if self.has(table):
                continue
            made = declared.replace(" JSON", f" {self.dialect.json}")
            with self.transaction():
                self.do(f"CREATE TABLE {self.name(table)} ({made})")
                if self.place.schemas.dialect == "postgres":
                    for columns in INDEXES.get(table, ()):
                        self.do(f"CREATE INDEX ON {self.name(table)} {columns}")
            self._there.add(table)

    def do(self, sql: str, *values: Any) -> None:
        """Carry out a statement. Raises DestinationError where it can't be."""
        with explained("plays"):
            self.place.client.execute_sql(sql, *values)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is done in the block, or none of it."""
        with self.place.client.begin_transaction():
            yield

    def standings(self) -> dict[str, Standing]:
        """How each play stands that has ever run or been paused."""
        if not self.has(PLAYS):
            return {}
        found = self.place.select(
            "SELECT play, definition, columns_json, seen_rows, ran_at, paused_at, paused_why "
            f"FROM {self.name(PLAYS)}"
        )
        return {
            str(play): Standing(
                definition=definition,
                columns=tuple(orjson.loads(columns)) if columns else (),
                rows=int(rows or 0),
                ran_at=ran_at,
                paused_at=paused_at,
                paused_why=why or "",
            )
            for play, definition, columns, rows, ran_at, paused_at, why in found
        }

    def note_run(self, play: str, now: Standing, at: str) -> None:
        """Note what a play has watched now."""
        self._row_of(play)
        self.do(
            f"UPDATE {self.name(PLAYS)} SET definition = %s, columns_json = %s, seen_rows = %s, "
            f"ran_at = {at} WHERE play = %s",
            now.definition,
            orjson.dumps(list(now.columns)).decode(),
            now.rows,
            play,
        )

    def pause(self, play: str, why: str = "") -> None:
        """Have it neither look nor deliver until it is resumed."""
        with self.transaction():
            self._row_of(play)
            self.do(
                f"UPDATE {self.name(PLAYS)} SET paused_at = {moment()}, paused_why = %s "
                "WHERE play = %s",
                why,
                play,
            )

    def resume(self, play: str) -> None:
        """Take the pause back."""
        self.do(
            f"UPDATE {self.name(PLAYS)} SET paused_at = NULL, paused_why = NULL WHERE play = %s",
            play,
        )

    def _row_of(self, play: str) -> None:
        self.do(
            f"INSERT INTO {self.name(PLAYS)} (play) SELECT {literal(play)} WHERE NOT EXISTS "
            f"(SELECT 1 FROM {self.name(PLAYS)} WHERE play = {literal(play)})"
        )


def moment(at: datetime | None = None) -> str:
    """A time as SQL, by this machine's clock, which is the one that all times here are of."""
    return f"CAST('{(at or datetime.now(UTC)).isoformat()}' AS TIMESTAMPTZ)"
