"""The deliveries of plays, in ``_stripe_deliveries``: what is due, and what came of it."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import orjson

from stripe_source.errors import UsageError
from stripe_source.plays.change import Change
from stripe_source.plays.dialects import literal
from stripe_source.plays.ledger import Ledger, moment
from stripe_source.tables.plays import DELIVERIES

Status = Literal["pending", "delivered", "dead"]
AT_ONCE = 5_000  # deliveries in memory
COLUMNS = (
    "id", "number", "play", "model", "row_key", "change", "before", "after", "found_at",
    "status", "attempts", "first_at", "next_at", "ended_at", "target", "outcome", "why",
)  # fmt: skip
OBJECTS = ("row_key", "before", "after")


@dataclass(frozen=True)
class Delivery:
    """A change that is to be delivered, and how often that was tried.

    ``first_at`` is when that may have been begun, of targets that do something twice when asked
    twice (``Target.once``).
    """

    change: Change
    row_key: str
    attempts: int
    first_at: datetime | None


@dataclass(frozen=True)
class Ended:
    """What came of an attempt; ``next_at`` is when a pending one is tried again."""

    id: str
    status: Status
    attempts: int
    at: datetime
    next_at: datetime | None = None
    outcome: str | None = None
    why: str | None = None


class Deliveries:
    """The table."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def due(self, play: str, now: datetime) -> list[Delivery]:
        """Some of what a play has to deliver now, in order; a row that waits, waits whole."""
        columns = "id, play, model, row_key, change, before, after, found_at, attempts, first_at"
        waiting = f"SELECT row_key FROM {self.ledger.name(DELIVERIES)} WHERE {_later(play, now)}"
        rows = self._rows(
            columns,
            f"play = {literal(play)} AND status = 'pending' AND row_key NOT IN ({waiting}) "
            f"ORDER BY number LIMIT {AT_ONCE}",
        )
        found, bad = [], []
        for row in rows:
            try:
                found.append(_delivery(row))
            except orjson.JSONDecodeError:  # DuckDB writes NaN in a list as it is
                why = "the row has a number that JSON has no word for"
                bad.append(Ended(row["id"], "dead", row["attempts"], now, why=why))
        self.record(bad)
        return found

    def note_first(self, identifiers: Sequence[str], now: datetime) -> None:
        """Note, before it is, that these are tried for the first time, where they are."""
        if identifiers:
            names = ", ".join(map(literal, identifiers))
            self.ledger.do(
                f"UPDATE {self.ledger.name(DELIVERIES)} SET first_at = {moment(now)} "
                f"WHERE first_at IS NULL AND id IN ({names})"
            )

    def postpone(self, play: str, at: datetime) -> None:
        """Have nothing of a play tried before a time."""
        self.ledger.do(
            f"UPDATE {self.ledger.name(DELIVERIES)} SET next_at = {moment(at)} "
            f"WHERE play = {literal(play)} AND status = 'pending' AND next_at < {moment(at)}"
        )

    def next_at(self, play: str, now: datetime) -> datetime | None:
        """When the next one is due that is not now."""
        found = self._rows("next_at", f"{_later(play, now)} ORDER BY next_at LIMIT 1")
        return found[0]["next_at"] if found else None

    def counts(self) -> dict[str, dict[str, int]]:
        """How many deliveries each play has, by their status."""
        found: dict[str, dict[str, int]] = {}
        if self.ledger.has(DELIVERIES):
            rows = self.ledger.place.select(
                f"SELECT play, status, count(*) FROM {self.ledger.name(DELIVERIES)} "
                "GROUP BY play, status"
            )
            for play, status, number in rows:
                found.setdefault(str(play), {})[str(status)] = int(number)
        return found

    def failing(self) -> dict[str, str]:
        """Of each play that has deliveries which failed and wait, how many and why, in a line."""
        if not self.ledger.has(DELIVERIES):
            return {}
        rows = self.ledger.place.select(
            f"SELECT play, count(*), min(next_at), max(why) FROM {self.ledger.name(DELIVERIES)} "
            "WHERE status = 'pending' AND attempts > 0 GROUP BY play"
        )
        return {
            str(play): f"{number:,} failed ({why}); next attempt at "
            f"{next_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
            for play, number, next_at, why in rows
        }

    def log(self, plays: Sequence[str], status: Status | None, most: int) -> list[dict[str, Any]]:
        """The newest deliveries, the last one first; of these plays, or of all."""
        names = ", ".join(map(literal, plays))
        conditions = [f"play IN ({names})"] if plays else []
        conditions += [f"status = {literal(status)}"] if status else []
        condition = " AND ".join(conditions) or "true"
        return self._rows(", ".join(COLUMNS), f"{condition} ORDER BY number DESC LIMIT {most}")

    def of(self, identifier: str) -> dict[str, Any]:
        """One delivery. Raises UsageError where there is none."""
        rows = self._rows(", ".join(COLUMNS), f"id = {literal(identifier)}")
        if not rows:
            raise UsageError(f"there is no delivery '{identifier}'")
        return rows[0]

    def undelivered(self, play: str) -> list[str]:
        """The ids of those of a play that were given up, or failed and wait, the oldest first."""
        failed = "(status = 'dead' OR (status = 'pending' AND attempts > 0))"
        condition = f"play = {literal(play)} AND {failed} ORDER BY number"
        return [str(row["id"]) for row in self._rows("id", condition)]

    def newer(self, identifier: str) -> int:
        """How many later changes of the same row were delivered."""
        table = self.ledger.name(DELIVERIES)
        rows = self.ledger.place.select(
            f"SELECT count(*) FROM {table} AS d INNER JOIN {table} AS n ON n.play = d.play "
            "AND n.row_key = d.row_key AND n.number > d.number AND n.status = 'delivered' "
            f"WHERE d.id = {literal(identifier)}"
        )
        return int(rows[0][0])

    def record(self, ended: Sequence[Ended]) -> None:
        """Keep what came of attempts, all at once."""
        if not ended:
            return
        table = self.ledger.name(DELIVERIES)
        rows, values = [], []
        for each in ended:
            done = moment(each.at) if each.status != "pending" else "CAST(NULL AS TIMESTAMPTZ)"
            after = moment(each.next_at) if each.next_at else "CAST(NULL AS TIMESTAMPTZ)"
            rows.append(f"({literal(each.id)}, %s, {each.attempts}, {after}, {done}, %s, %s)")
            values += [each.status, each.outcome or "", each.why or ""]
        self.ledger.do(
            f"UPDATE {table} AS d SET status = e.status, attempts = e.attempts, "
            "next_at = e.next_at, ended_at = e.ended_at, "
            "outcome = nullif(e.outcome, ''), why = nullif(e.why, '') "
            f"FROM (VALUES {', '.join(rows)}) "
            "AS e (id, status, attempts, next_at, ended_at, outcome, why) "
            "WHERE d.id = e.id",
            *values,
        )

    def replay(self, identifiers: Sequence[str]) -> None:
        """Have them delivered again, with the same ids, by the next run."""
        names = ", ".join(map(literal, identifiers))
        at = moment()
        self.ledger.do(
            f"UPDATE {self.ledger.name(DELIVERIES)} SET status = 'pending', attempts = 0, "
            f"first_at = NULL, next_at = {at}, ended_at = NULL, outcome = NULL, why = NULL "
            f"WHERE id IN ({names})"
        )

    def _rows(self, columns: str, condition: str) -> list[dict[str, Any]]:
        if not self.ledger.has(DELIVERIES):
            return []
        names = columns.split(", ")
        chosen = ", ".join(
            f"CAST({name} AS VARCHAR)" if name in OBJECTS else name for name in names
        )
        table = self.ledger.name(DELIVERIES)
        rows = self.ledger.place.select(f"SELECT {chosen} FROM {table} WHERE {condition}")
        return [_plain(dict(zip(names, row, strict=True))) for row in rows]


def _later(play: str, now: datetime) -> str:
    return f"play = {literal(play)} AND status = 'pending' AND next_at > {moment(now)}"


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """With times in UTC, whatever time zone the driver thinks of."""
    return {
        name: each.astimezone(UTC) if isinstance(each, datetime) else each
        for name, each in row.items()
    }


def parsed(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the table with its JSON as objects; what is no JSON stays a text."""
    return {name: object_of(each) if name in OBJECTS else each for name, each in row.items()}


def object_of(text: str | None) -> Any:
    """A JSON text as an object; the text itself where it is none."""
    with suppress(orjson.JSONDecodeError):
        return None if text is None else orjson.loads(text)
    return text


def _delivery(row: Mapping[str, Any]) -> Delivery:
    found: dict[str, Any] = {
        name: None if row[name] is None else orjson.loads(row[name]) for name in OBJECTS
    }
    change = Change(
        id=row["id"],
        play=row["play"],
        model=row["model"],
        change=row["change"],
        key=found["row_key"],
        before=found["before"],
        after=found["after"],
        found_at=row["found_at"],
    )
    return Delivery(change, row["row_key"], row["attempts"], row["first_at"])
