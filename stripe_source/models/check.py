"""Runs what a model's header says of its rows against the deployed views."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import sqlglot
from sqlglot import exp

from stripe_source.errors import DestinationError
from stripe_source.models.model import DIALECT, Model
from stripe_source.models.rules import Holds, NotNull, OneOf, Refers, Rule, Unique, rules
from stripe_source.models.warehouse import Warehouse

ANSI = re.compile(r"\x1b\[\d*m")
"""What sqlglot underlines an error with."""


@dataclass(frozen=True)
class Finding:
    """One test of a model: what it says, and of how many rows (or keys) it is not true.

    ``error`` is why it could not be asked, where it could not.
    """

    model: str
    test: str
    failures: int
    error: str | None = None


def check(place: Warehouse, model: Model, deployed: Mapping[str, Model]) -> Iterator[Finding]:
    """The tests of a model: its key, references, values, and what holds of each row.

    A reference to a model that is not ``deployed`` is not tested.
    """
    for rule in rules(model, deployed, place.shelf.account):
        name, query = _title(model, rule), _query(rule, place, place.view(model.name))
        try:
            asked = sqlglot.transpile(query, read=DIALECT, write=place.schemas.dialect)
            rows = place.select(asked[0])
        except (DestinationError, sqlglot.errors.SqlglotError) as failure:
            lines = ANSI.sub("", str(failure)).splitlines() or [type(failure).__name__]
            yield Finding(model.name, name, 0, error=lines[0])
        else:
            yield Finding(model.name, name, int(rows[0][0] or 0))


def _title(model: Model, rule: Rule) -> str:
    """A rule as the header says it."""
    match rule:
        case Unique():
            return f"unique: {', '.join(model.key)}"
        case NotNull():
            return f"not null: {', '.join(model.key)}"
        case Refers():
            return f"refers: {rule.column} -> {rule.model}.{rule.key}"
        case OneOf():
            return f"one of: {rule.column}"
        case Holds():
            return f"holds: {rule.condition}"


def _query(rule: Rule, place: Warehouse, view: str) -> str:
    """The query that counts what is wrong, in DuckDB's dialect."""
    match rule:
        case Unique():
            grouped = ", ".join(map(_name, rule.columns))
            return (
                f"SELECT COUNT(*) FROM (SELECT {grouped} FROM {view} "
                f"GROUP BY {grouped} HAVING COUNT(*) > 1) AS twice"
            )
        case NotNull():
            null = " OR ".join(f"{_name(column)} IS NULL" for column in rule.columns)
            return f"SELECT COUNT(*) FROM {view} WHERE {null}"
        case Refers():
            account = place.shelf.account
            same_account = f" AND o.{account} = m.{account}" if rule.same_account else ""
            return (
                f"SELECT COUNT(*) FROM {view} AS m WHERE m.{_name(rule.column)} IS NOT NULL "
                f"AND NOT EXISTS (SELECT 1 FROM {place.view(rule.model)} AS o "
                f"WHERE o.{_name(rule.key)} = m.{_name(rule.column)}{same_account})"
            )
        case OneOf():
            listed = ", ".join(exp.Literal.string(v).sql(dialect=DIALECT) for v in rule.values)
            return f"SELECT COUNT(*) FROM {view} WHERE {_name(rule.column)} NOT IN ({listed})"
        case Holds():
            return f"SELECT COUNT(*) FROM {view} WHERE NOT ({rule.condition})"


def _name(column: str) -> str:
    """A column as SQL. One with capitals is only a way to write a name in small letters."""
    if column != column.lower() and column.isidentifier():
        return column
    return str(exp.to_identifier(column, quoted=True).sql(dialect=DIALECT))
