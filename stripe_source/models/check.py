"""Runs what a model's header says of its rows against the deployed views."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import sqlglot
from sqlglot import exp

from stripe_source.errors import DestinationError
from stripe_source.models.model import DIALECT, Model
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
    view = place.view(model.name)
    for name, query in _queries(model, view, place, deployed).items():
        try:
            asked = sqlglot.transpile(query, read=DIALECT, write=place.schemas.dialect)
            rows = place.select(asked[0])
        except (DestinationError, sqlglot.errors.SqlglotError) as failure:
            lines = ANSI.sub("", str(failure)).splitlines() or [type(failure).__name__]
            yield Finding(model.name, name, 0, error=lines[0])
        else:
            yield Finding(model.name, name, int(rows[0][0] or 0))


def _queries(
    model: Model, view: str, place: Warehouse, deployed: Mapping[str, Model]
) -> dict[str, str]:
    """For each test the query that counts what is wrong, in DuckDB's dialect."""
    queries = {}
    if model.key:
        names = ", ".join(model.key)
        columns = _key(model, place.shelf.account)
        grouped = ", ".join(columns)
        queries[f"unique: {names}"] = (
            f"SELECT COUNT(*) FROM (SELECT {grouped} FROM {view} "
            f"GROUP BY {grouped} HAVING COUNT(*) > 1) AS twice"
        )
        null = " OR ".join(f"{column} IS NULL" for column in columns)
        queries[f"not null: {names}"] = f"SELECT COUNT(*) FROM {view} WHERE {null}"
    for column, (other, key) in model.refers.items():
        if other in deployed:
            account = place.shelf.account
            alike = all(account in each.columns for each in (model, deployed[other]))
            same_account = f" AND o.{account} = m.{account}" if alike else ""
            queries[f"refers: {column} -> {other}.{key}"] = (
                f"SELECT COUNT(*) FROM {view} AS m WHERE m.{_name(column)} IS NOT NULL "
                f"AND NOT EXISTS (SELECT 1 FROM {place.view(other)} AS o "
                f"WHERE o.{_name(key)} = m.{_name(column)}{same_account})"
            )
    for column, values in model.one_of.items():
        listed = ", ".join(exp.Literal.string(value).sql(dialect=DIALECT) for value in values)
        queries[f"one of: {column}"] = (
            f"SELECT COUNT(*) FROM {view} WHERE {_name(column)} NOT IN ({listed})"
        )
    for condition in model.holds:
        queries[f"holds: {condition}"] = f"SELECT COUNT(*) FROM {view} WHERE NOT ({condition})"
    return queries


def _key(model: Model, account: str | None) -> list[str]:
    """The key's columns, with the account where there is one."""
    whose = [account] if account in model.columns and account not in model.key else []
    return [_name(name) for name in (*whose, *model.key)]


def _name(column: str) -> str:
    """A column as SQL. One with capitals is only a way to write a name in small letters."""
    if column != column.lower() and column.isidentifier():
        return column
    return str(exp.to_identifier(column, quoted=True).sql(dialect=DIALECT))
