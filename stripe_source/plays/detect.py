"""Finds what has changed since the last time, in the warehouse's own SQL.

One transaction compares the rows that a play watches with those that it has seen, by key and value,
and writes a delivery for each change and the rows as seen: a kill leaves both or neither.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from stripe_source.errors import UsageError
from stripe_source.plays.change import KINDS, Kind
from stripe_source.plays.dialects import literal, quoted
from stripe_source.plays.ledger import Ledger, Standing, moment
from stripe_source.plays.play import Play
from stripe_source.plays.watched import Watched
from stripe_source.tables.plays import DELIVERIES, ROWS

NOW, CHANGES = "_stripe_play_now", "_stripe_play_changes"
ALIAS = "_stripe_play_row"  # a column of that name would be taken for the row
NEW_BASELINE = "it watches other rows than before: what is there now is its baseline"
LOST_BASELINE = "what it had seen is gone: what is there now is its baseline"
FIRST_BASELINE = "what is there now is its baseline"


class OverLimit(UsageError):
    """A play that would do more than it may."""


@dataclass(frozen=True)
class Found:
    """How many rows are watched, and changes by their kind. ``baseline`` says why none count."""

    rows: int = 0
    changes: Counter[Kind] = field(default_factory=Counter)
    baseline: str | None = None

    @property
    def total(self) -> int:
        """All changes."""
        return sum(self.changes.values())


@dataclass(frozen=True)
class Wish:
    """What else a run may be told.

    With ``backfill`` a play that is on added rows starts for those, too, that are there and of
    which no delivery is known; with ``baseline`` for none, whatever has changed. ``limit`` stands
    for the play's own.
    """

    backfill: bool = False
    baseline: bool = False
    limit: int | None = None


class Detection:
    """One play's look at its model.

    ``first`` says that it is a baseline: the play is new, or watches other rows than before, or
    what it had seen is ``lost``.
    """

    def __init__(self, ledger: Ledger, play: Play, watched: Watched, standing: Standing) -> None:
        self.ledger, self.play, self.watched, self.standing = ledger, play, watched, standing
        seen = f"SELECT count(*) FROM (SELECT 1 {self._from_seen()} LIMIT 1) AS first_row"
        self.lost = bool(standing.rows) and not self._number(seen)
        self.first = standing.definition != watched.definition or self.lost

    def take_in(self, wish: Wish) -> Found:
        """Find what has changed, and write a delivery for each change that starts the play.

        Raises OverLimit where those are more than may be, and UsageError where the key tells no
        rows apart; then everything is as before.
        """
        with self.ledger.transaction(), self._compared():
            found = self.found(wish)
            limit = self.play.limits.rows if wish.limit is None else wish.limit
            if found.total > limit:
                raise OverLimit(
                    f"it would start for {found.total:,} rows, and may for {limit:,}: see 'plays "
                    f"test {self.play.name}', then run it with --limit {found.total}, or with "
                    "--baseline to leave them out"
                )
            self._write(wish, found)
        return found

    def look(self, wish: Wish, most: int) -> tuple[Found, list[tuple[str, ...]]]:
        """What would be found, with some of the changes; nothing is kept.

        Each is (key, change, before, after) with JSON texts.
        """
        with self._compared():
            found = self.found(wish)
            rows = self.ledger.place.select(
                "SELECT row_key, change, CAST(before AS VARCHAR), CAST(after AS VARCHAR) "
                f"FROM ({self._firing(wish)}) AS firing ORDER BY row_key LIMIT {most}"
            )
        return found, [] if found.baseline else rows

    def found(self, wish: Wish) -> Found:
        """The numbers of what was compared."""
        rows = self._number(f"SELECT count(*) FROM {NOW}")
        if wish.baseline or (self.first and not (wish.backfill and "added" in self.play.on)):
            renewed = self.first and self.standing.definition is not None
            known = LOST_BASELINE if self.lost else NEW_BASELINE
            return Found(rows, baseline=known if renewed else FIRST_BASELINE)
        counted = self.ledger.place.select(
            f"SELECT change, count(*) FROM ({self._firing(wish)}) AS firing GROUP BY change"
        )
        return Found(rows, Counter({kind: int(number) for kind, number in counted}))

    @contextmanager
    def _compared(self) -> Iterator[None]:
        """Two temporary tables: the rows as they are, and what differs from those seen."""
        ledger = self.ledger
        for table in (CHANGES, NOW):
            ledger.do(f"DROP TABLE IF EXISTS {table}")
        ledger.do(f"CREATE TEMPORARY TABLE {NOW} AS {self._now()}")
        self._check_key()
        ledger.do(f"CREATE TEMPORARY TABLE {CHANGES} AS {self._difference()}")
        yield
        for table in (CHANGES, NOW):
            ledger.do(f"DROP TABLE {table}")

    def _now(self) -> str:
        dialect = self.ledger.dialect
        values = ", ".join(
            f"{dialect.value(name, kind)} AS {quoted(name)}"
            for name, kind in self.watched.columns.items()
        )
        null = " OR ".join(f"{quoted(name)} IS NULL" for name in self.watched.key)
        return (
            f"SELECT {dialect.key(self.watched.key)} AS row_key, {null} AS is_null, "
            f"{dialect.row(ALIAS)} AS row_json "
            f"FROM (SELECT {values} FROM ({self.watched.query}) AS watched) AS {ALIAS}"
        )

    def _difference(self) -> str:
        """Every row that is new, other, or gone; ``touched`` where nothing that counts is other."""
        # Which columns count, and which there are, may be others than the last time.
        known = self.standing.columns
        counting = [name for name in self.watched.counting if not known or name in known]
        others = {*self.watched.columns, *known}.difference(counting)
        alike = not others and tuple(self.watched.columns) == known
        differs = self.ledger.dialect.differ(
            "n.row_json", "s.row_json", counting, None if alike else others
        )
        return (
            "SELECT coalesce(n.row_key, s.row_key) AS row_key, "
            "CASE WHEN s.row_key IS NULL THEN 'added' WHEN n.row_key IS NULL THEN 'removed' "
            # What was erased meanwhile is seen anew, and starts nothing.
            f"WHEN s.row_json IS NULL THEN 'touched' "
            f"WHEN {differs} THEN 'changed' ELSE 'touched' END AS change, "
            "s.row_json AS before, n.row_json AS after "
            f"FROM {NOW} AS n FULL OUTER JOIN (SELECT row_key, row_json {self._from_seen()}) AS s "
            "ON s.row_key = n.row_key "
            "WHERE s.row_key IS NULL OR n.row_key IS NULL OR n.row_json IS DISTINCT FROM s.row_json"
        )

    def _from_seen(self) -> str:
        """The rows that were seen, without the SELECT."""
        if not self.ledger.has(ROWS):
            none = f"CAST(NULL AS VARCHAR) AS row_key, CAST(NULL AS {self.ledger.dialect.json})"
            return f"FROM (SELECT {none} AS row_json) AS none WHERE FALSE"
        return f"FROM {self.ledger.name(ROWS)} WHERE play = {literal(self.play.name)}"

    def _check_key(self) -> None:
        names = ", ".join(self.watched.key)
        if null := self._number(f"SELECT count(*) FROM {NOW} WHERE is_null"):
            raise UsageError(f"the key ({names}) is null in {null:,} rows of {self.play.model}")
        twice = self._number(f"SELECT count(*) - count(DISTINCT row_key) FROM {NOW}")
        if twice:
            raise UsageError(
                f"the key ({names}) is not unique: {twice:,} more rows than keys in "
                f"{self.play.model}; say by which columns a row is told: key = [...]"
            )

    def _firing(self, wish: Wish) -> str:
        """The changes that start the play."""
        kinds = ", ".join(literal(kind) for kind in KINDS if kind in self.play.on)
        changes = f"SELECT row_key, change, before, after FROM {CHANGES} WHERE change IN ({kinds})"
        if not wish.backfill or "added" not in self.play.on:
            return changes
        there = (
            f"SELECT row_key, 'added' AS change, CAST(NULL AS {self.ledger.dialect.json}) "
            f"AS before, row_json AS after FROM {NOW} WHERE true"
        )
        if self.ledger.has(DELIVERIES):
            there += (
                f" AND row_key NOT IN (SELECT row_key FROM {self.ledger.name(DELIVERIES)} "
                f"WHERE play = {literal(self.play.name)})"
            )
        if self.first:
            return there
        return (
            f"{changes} UNION ALL {there} AND row_key NOT IN (SELECT row_key FROM ({changes}) AS c)"
        )

    def _write(self, wish: Wish, found: Found) -> None:
        ledger, play = self.ledger, literal(self.play.name)
        rows, deliveries = ledger.name(ROWS), ledger.name(DELIVERIES)
        at = moment()
        if not found.baseline:
            ledger.do(
                f"INSERT INTO {deliveries} (id, number, play, model, row_key, change, before, "
                "after, found_at, status, attempts, next_at, target) "
                f"SELECT {ledger.dialect.id}, "
                f"(SELECT coalesce(max(number), 0) FROM {deliveries}) "
                "+ row_number() OVER (ORDER BY row_key), "
                f"{play}, {literal(self.play.model)}, row_key, change, before, after, {at}, "
                f"'pending', 0, {at}, {literal(self.play.target.shown)} "
                f"FROM ({self._firing(wish)}) AS firing"
            )
        ledger.do(
            f"DELETE FROM {rows} WHERE play = {play} AND row_key IN (SELECT row_key FROM {CHANGES})"
        )
        ledger.do(
            f"INSERT INTO {rows} (play, row_key, row_json) "
            f"SELECT {play}, row_key, after FROM {CHANGES} WHERE after IS NOT NULL"
        )
        ledger.note_run(self.play.name, self._standing(found), at)

    def _standing(self, found: Found) -> Standing:
        columns = tuple(self.watched.columns)
        return Standing(self.watched.definition, columns, found.rows)

    def _number(self, query: str) -> int:
        return int(self.ledger.place.select(query)[0][0])
