"""The rules of a model as dbt's tests: its own where they mean the same, else ours.

Ours are ``static/generic/*.sql``, which become ``tests/generic`` of the project.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import duckdb
import sqlglot
from sqlglot import exp

from stripe_source.dbt.names import plain, ref
from stripe_source.errors import UsageError
from stripe_source.models.model import DIALECT, Model
from stripe_source.models.rules import Holds, NotNull, OneOf, Refers, Unique, rules
from stripe_source.models.shelf import MODELS

Test = str | dict[str, Any]
SPECIAL = re.compile(r"['\\{]")
"""What dbt's accepted_values would take for more than a letter of a value."""


@dataclass
class Tests:
    """Tests of a model, and of its columns by their names."""

    model: list[Test] = field(default_factory=list)
    columns: dict[str, list[Test]] = field(default_factory=dict)

    def on(self, column: str, test: Test) -> None:
        """Add a test of a column."""
        self.columns.setdefault(column, []).append(test)


def generic_tests() -> dict[str, str]:
    """The tests that dbt lacks, by the names of their files."""
    folder = files("stripe_source.dbt") / "static" / "generic"
    found = {file.name: file.read_text("utf-8") for file in folder.iterdir()}
    return dict(sorted(found.items()))


def tests_of(  # noqa: C901 - one case a rule
    model: Model, models: Mapping[str, Model], adapter: str
) -> Tests:
    """The tests of a model; a reference to a model that is not there is none.

    Raises UsageError for a condition that is no SQL.
    """
    tests, made = Tests(), _Maker(model, adapter)
    for rule in rules(model, models, MODELS.account):
        match rule:
            case Unique(columns=(column,)):
                tests.on(column, "unique")
            case Unique():
                tests.model.append(made.unique(rule))
            case NotNull():
                for column in rule.columns:
                    tests.on(column, "not_null")
            case Refers(same_account=True):
                tests.model.append(made.refers(rule, models))
            case Refers():
                tests.on(rule.column, {"relationships": made.relation(rule, models)})
            case OneOf() if any(map(SPECIAL.search, rule.values)):
                tests.model.append(made.one_of(rule))
            case OneOf():
                values = {"values": list(rule.values)}
                tests.on(rule.column, {"accepted_values": {"arguments": values}})
            case Holds():
                tests.model.append(made.holds(rule))
    return tests


def to_quote(model: Model, adapter: str) -> frozenset[str]:
    """The columns that have to be quoted: those that the query quotes, and SQL's own words."""
    quoted = set()
    for column in model.query.selects:
        name = column.args.get("alias") or column.this
        if isinstance(name, exp.Identifier) and (
            name.quoted or name.name.lower() in _reserved_words(adapter)
        ):
            quoted.add(name.name)
    return frozenset(quoted)


@cache
def _reserved_words(adapter: str) -> frozenset[str]:
    """The words that are no names: DuckDB's are Postgres', sqlglot has those of some others.

    Snowflake has none here: what is not quoted where it is made has capitals there.
    """
    if adapter == "snowflake":
        return frozenset()
    query = "SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category <> 'unreserved'"
    with duckdb.connect() as connection:
        known = {str(word) for (word,) in connection.execute(query).fetchall()}
    dialects = map(sqlglot.Dialect.get_or_raise, (DIALECT, adapter))
    return frozenset(known.union(*(each.generator_class.RESERVED_KEYWORDS for each in dialects)))


class _Maker:
    """Writes tests of one model in a dialect."""

    def __init__(self, model: Model, adapter: str) -> None:
        self.model, self.adapter = model, adapter
        self.conditions = 0

    def unique(self, rule: Unique) -> Test:
        columns = [self._column(column, self.model) for column in rule.columns]
        return self._ours("unique", "unique", columns=columns)

    def refers(self, rule: Refers, models: Mapping[str, Model]) -> Test:
        column = self._column(rule.column, self.model)
        arguments = {"column": column, **self.relation(rule, models)["arguments"]}
        return self._ours("refers", f"refers_{rule.column}", **arguments)

    def relation(self, rule: Refers, models: Mapping[str, Model]) -> dict[str, Any]:
        key = self._column(rule.key, models[rule.model])
        return {"arguments": {"to": ref(rule.model), "field": key}}

    def one_of(self, rule: OneOf) -> Test:
        column = exp.column(rule.column, quoted=rule.column in to_quote(self.model, self.adapter))
        listed = column.isin(*map(exp.Literal.string, rule.values)).sql(dialect=self.adapter)
        return self._ours("holds", f"one_of_{rule.column}", condition=plain(listed))

    def holds(self, rule: Holds) -> Test:
        self.conditions += 1
        try:
            parsed = sqlglot.parse_one(rule.condition, dialect=DIALECT)
        except sqlglot.errors.SqlglotError:
            where = f"model '{self.model.name}'"
            raise UsageError(f"{where}: 'holds: {rule.condition}' is no SQL") from None
        condition = parsed.sql(dialect=self.adapter)
        return self._ours("holds", f"holds_{self.conditions}", condition=plain(condition))

    def _ours(self, test: str, name: str, **arguments: Any) -> Test:
        called = re.sub(r"\W", "_", f"{self.model.name}_{name}")
        return {f"stripe_{test}": {"name": called, "arguments": arguments}}

    def _column(self, name: str, model: Model) -> str:
        quoted = name in to_quote(model, self.adapter) or None
        return exp.to_identifier(name, quoted=quoted).sql(dialect=self.adapter)
