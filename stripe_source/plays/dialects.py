"""What change detection needs of a database: a row as JSON, its key, and whether two differ.

A row's JSON is the same for the same values: fractions have 12 digits, for a sum over many threads
may differ in the last ones; decimals have no trailing zeros; times are UTC in ISO 8601.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from typing import ClassVar

from stripe_source.errors import UsageError
from stripe_source.plays.change import ID


def quoted(name: str) -> str:
    """A column as SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as SQL."""
    return "'" + text.replace("'", "''") + "'"


class Dialect(ABC):
    """One database's words; columns are given with the types that ``information_schema`` has."""

    id: ClassVar[str]
    json: ClassVar[str]
    settings: ClassVar[str]

    @abstractmethod
    def value(self, name: str, kind: str) -> str:
        """A column's value, as it goes into a row's JSON."""

    @abstractmethod
    def row(self, alias: str) -> str:
        """A row as JSON."""

    @abstractmethod
    def key(self, names: Sequence[str]) -> str:
        """The key of a row, a JSON object as text."""

    @abstractmethod
    def differ(
        self, one: str, two: str, counting: Sequence[str], others: Collection[str] | None
    ) -> str:
        """Whether two rows differ in the columns that count.

        ``others`` are those beside them; None where both rows have the same columns, in the same
        order, and all of them count.
        """


class Duckdb(Dialect):
    """DuckDB, whose JSON is text."""

    json = "JSON"
    id = f"'{ID}' || replace(CAST(uuid() AS VARCHAR), '-', '')"
    settings = "SET TimeZone = 'UTC'"

    def value(self, name: str, kind: str) -> str:
        """Fractions, and times, whose text is not of ISO 8601."""
        column = quoted(name)
        if kind in ("DOUBLE", "FLOAT"):
            text = f"printf('%.12g', CAST({column} AS DOUBLE))"
            return f"CASE WHEN isfinite({column}) THEN CAST({text} AS JSON) END"
        if kind.startswith("DECIMAL"):
            text = f"CAST({column} AS VARCHAR)"
            short = f"rtrim(rtrim({text}, '0'), '.')"
            return f"CAST(CASE WHEN contains({text}, '.') THEN {short} ELSE {text} END AS JSON)"
        if kind == "TIMESTAMP WITH TIME ZONE":
            text = f"strftime({column} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%f+00:00')"
            return f"replace({text}, '.000000', '')"
        if kind.startswith("TIMESTAMP"):
            text = f"strftime(CAST({column} AS TIMESTAMP), '%Y-%m-%dT%H:%M:%S.%f')"
            return f"replace({text}, '.000000', '')"
        return column

    def row(self, alias: str) -> str:
        """All of its columns."""
        return f"to_json({alias})"

    def key(self, names: Sequence[str]) -> str:
        """A struct as JSON."""
        parts = ", ".join(f"{literal(name)}: {quoted(name)}" for name in names)
        return f"CAST(to_json({{{parts}}}) AS VARCHAR)"

    def differ(
        self, one: str, two: str, counting: Sequence[str], others: Collection[str] | None
    ) -> str:
        """By the list of their values, which is one pass over the text."""
        if others is None:
            return f"{one} <> {two}"
        paths = ", ".join(literal(_pointer(name)) for name in counting)
        return f"json_extract({one}, [{paths}]) IS DISTINCT FROM json_extract({two}, [{paths}])"


class Postgres(Dialect):
    """Postgres, with jsonb, whose keys have an order of their own."""

    json = "JSONB"
    id = f"'{ID}' || replace(CAST(gen_random_uuid() AS VARCHAR), '-', '')"
    settings = "SET TIME ZONE 'UTC'; SET lock_timeout = '30s'"

    def value(self, name: str, kind: str) -> str:
        """Fractions and decimals."""
        column = quoted(name)
        if kind in ("double precision", "real"):
            return (
                f"CASE WHEN {column} NOT IN ('NaN', 'Infinity', '-Infinity') "
                f"THEN trim_scale(to_char({column}, '9.99999999999EEEE')::numeric) END"
            )
        return f"trim_scale({column})" if kind == "numeric" else column

    def row(self, alias: str) -> str:
        """All of its columns."""
        return f"to_jsonb({alias})"

    def key(self, names: Sequence[str]) -> str:
        """An object; a key has few columns, for a function takes 100 arguments at most."""
        parts = ", ".join(f"{literal(name)}, {quoted(name)}" for name in names)
        return f"jsonb_build_object({parts})::text"

    def differ(
        self,
        one: str,
        two: str,
        counting: Sequence[str],  # noqa: ARG002
        others: Collection[str] | None,
    ) -> str:
        """By the objects without the columns that don't count."""
        names = ", ".join(literal(name) for name in sorted(others or ()))
        return f"{one} - ARRAY[{names}]::text[] <> {two} - ARRAY[{names}]::text[]"


DIALECTS: dict[str, Dialect] = {"duckdb": Duckdb(), "postgres": Postgres()}


def dialect_of(name: str) -> Dialect:
    """The dialect of a destination. Raises UsageError for one that plays don't know."""
    if name not in DIALECTS:
        raise UsageError(f"plays run on DuckDB and Postgres, not on {name}")
    return DIALECTS[name]


def _pointer(name: str) -> str:
    return "/" + name.replace("~", "~0").replace("/", "~1")
