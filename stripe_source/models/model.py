"""A data model: one ``.sql`` file, with what it holds and what is true of it in its header.

    -- Open invoices that are past their due date.
    --
    -- More about it, in as many lines as it takes.
    --
    -- grain: an invoice
    -- key: invoice_id
    -- refers: customer_id -> customers.customer_id
    -- one of: bucket: 1-30, 31-60, 61-90, over 90
    -- holds: amount_remaining > 0
    -- optional: charges, refunds
    -- needs: invoice_payments

    SELECT ...

All of the header may be missing. ``key`` is unique and never null. ``holds`` is true of every row.
``optional`` tables need not be loaded: they are then read as empty. ``needs`` are tables that
have to be loaded although the models between them and this one do without.

Instead of a query a file may say ``like: item_values with item_states = current_items``: the query
of another model, which reads another one.

In the query ``raw.invoices`` is a loaded table, a plain name another model, ``$timezone`` a
setting, ``given.rates_table`` the table that a setting names; ``functions.py`` has functions. All
else is DuckDB's SQL, and is transpiled. A comment behind a column of the last SELECT describes it.
"""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import sqlglot
from sqlglot import exp

from stripe_source.errors import UsageError

DIALECT = "duckdb"
RAW = "raw"
NAME = re.compile(r"[a-z][a-z0-9_]*")
LONGEST = 63  # Postgres cuts a longer name
FACTS = ("grain", "key", "refers", "one of", "holds", "optional", "needs", "like")
FACT = re.compile(rf"({'|'.join(FACTS)}): *(.*)")
LIKE = re.compile(r"(\w+) with (\w+) = (\w+)")


@dataclass(frozen=True)
class Model:
    """What a file says. ``refers`` has, for a column, the model and column it points to."""

    name: str
    sql: str
    description: str
    grain: str
    key: tuple[str, ...]
    refers: dict[str, tuple[str, str]] = field(default_factory=dict)
    one_of: dict[str, tuple[str, ...]] = field(default_factory=dict)
    holds: tuple[str, ...] = ()
    optional: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()
    like: tuple[str, str, str] | None = None
    file: Path | None = None

    def as_like(self, other: "Model") -> "Model":
        """This model with the query of the other, in which one model stands for another."""
        assert self.like is not None  # noqa: S101 - or nobody asks
        _, old, new = self.like
        query = other.query.copy()
        for table in list(references(query)):
            if not table.db and table.name == old:
                table.replace(exp.alias_(exp.table_(new), table.alias_or_name, table=True))
        return replace(
            self,
            sql=query.sql(dialect=DIALECT, pretty=True),
            holds=other.holds,
            optional=other.optional,
            needs=other.needs,
        )

    @cached_property
    def query(self) -> exp.Query:
        """The query, parsed; copy it before you change it. Raises UsageError where it can't be."""
        try:
            parsed = sqlglot.parse(self.sql, dialect=DIALECT)
        except sqlglot.errors.ParseError as wrong:
            found = wrong.errors[0] if wrong.errors else {}
            where = f"line {found.get('line')}: {found.get('description')}"
            raise UsageError(f"model '{self.name}' is no SQL: {where}") from None
        except sqlglot.errors.SqlglotError as wrong:
            line = " ".join(str(wrong).split())[:200]
            raise UsageError(f"model '{self.name}' is no SQL: {line}") from None
        except RecursionError:
            raise UsageError(f"model '{self.name}' is nested too deeply") from None
        queries = [each for each in parsed if each and not isinstance(each, exp.Semicolon)]
        if len(queries) != 1 or not isinstance(queries[0], exp.Query):
            raise UsageError(f"model '{self.name}' has to be one SELECT")
        return queries[0]

    @cached_property
    def tables(self) -> frozenset[str]:
        """The loaded tables that it reads."""
        return frozenset(table.name for table in references(self.query) if table.db == RAW)

    @cached_property
    def required(self) -> frozenset[str]:
        """The tables without which it is left out."""
        return self.tables - self.optional | self.needs

    @cached_property
    def models(self) -> frozenset[str]:
        """The models that it reads."""
        return frozenset(table.name for table in references(self.query) if not table.db)

    @cached_property
    def columns(self) -> dict[str, str]:
        """Its columns, in their order, with what the comments behind them say."""
        found = {}
        for column in self.query.selects:
            comments = column.comments or []
            found[column.alias_or_name] = " ".join(" ".join(comments).split())
        return found


def references(query: exp.Expr) -> Iterator[exp.Table]:
    """The tables that a query reads, but for its own CTEs."""
    own = {cte.alias.lower() for cte in query.find_all(exp.CTE)}
    for table in query.find_all(exp.Table):
        if isinstance(table.this, exp.Identifier) and (table.db or table.name.lower() not in own):
            yield table


def read_model(file: Path) -> Model:
    """The model of a file. Raises UsageError where the header or the name is no good."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as failure:
        raise UsageError(f"{file} can't be read as text in UTF-8: {failure}") from None
    prose, facts = _header(file, text)
    if not NAME.fullmatch(file.stem):
        raise UsageError(f"{file} has to be named after its view, in small letters: my_model.sql")
    if len(file.stem) > LONGEST:
        raise UsageError(f"the name of {file} is longer than {LONGEST} letters")
    return Model(
        name=file.stem,
        sql=text,
        description=prose,
        grain=" ".join(facts.get("grain", [])),
        key=_names(facts.get("key", [])),
        refers=dict(_reference(file, line) for line in facts.get("refers", [])),
        one_of=dict(_values(file, line) for line in facts.get("one of", [])),
        holds=tuple(facts.get("holds", [])),
        optional=frozenset(_names(facts.get("optional", []))),
        needs=frozenset(_names(facts.get("needs", []))),
        like=_like(file, facts["like"]) if "like" in facts else None,
        file=file,
    )


def _header(file: Path, text: str) -> tuple[str, dict[str, list[str]]]:
    """The prose of the comments before the query, and the facts by their word."""
    prose: list[str] = []
    facts: dict[str, list[str]] = {}
    for line in text.splitlines():
        if not line.startswith("--"):
            break
        said = line.removeprefix("--").strip()
        if fact := FACT.fullmatch(said):
            facts.setdefault(fact[1], []).append(fact[2])
            continue
        word = said.partition(":")[0].lower() if ": " in said else ""
        if meant := difflib.get_close_matches(word, FACTS, n=1, cutoff=0.8):
            raise UsageError(f"{file}: '-- {word}:' is no word of a header: '-- {meant[0]}:'")
        prose.append(said)
    return "\n".join(prose).strip(), facts


def _like(file: Path, lines: list[str]) -> tuple[str, str, str]:
    found = LIKE.fullmatch(lines[0])
    if found is None:
        raise UsageError(f"{file}: '-- like: {lines[0]}' is not 'model with model = model'")
    return found[1], found[2], found[3]


def _names(lines: list[str]) -> tuple[str, ...]:
    return tuple(name.strip() for line in lines for name in line.split(",") if name.strip())


def _reference(file: Path, line: str) -> tuple[str, tuple[str, str]]:
    found = re.fullmatch(r"(\w+) *-> *(\w+)\.(\w+)", line)
    if found is None:
        raise UsageError(f"{file}: '-- refers: {line}' is not 'column -> model.column'")
    return found[1], (found[2], found[3])


def _values(file: Path, line: str) -> tuple[str, tuple[str, ...]]:
    column, colon, values = line.partition(":")
    if not colon:
        raise UsageError(f"{file}: '-- one of: {line}' is not 'column: value, value'")
    return column.strip(), _names([values])
