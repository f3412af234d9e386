"""Reads a search query: up to ten clauses, all joined by AND or all by OR.

A clause is ``-field[key] operator value``: ``-currency:"usd"``, ``metadata["order"]:"6735"``,
``created>1620310503``. Strings stand in double or single quotes, where a backslash escapes a quote
and a backslash; numbers may go without quotes; ``null`` asks whether the field is empty. Clauses
with nothing but space between them are joined by AND. There are no parentheses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from stripe_source.simulator.api.errors import ApiError

MOST_CLAUSES = 10
STRING = r"""(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')"""
CLAUSE = re.compile(
    rf"""(?P<negated>-)?(?P<field>[A-Za-z_][A-Za-z0-9_.]*)(?:\[(?P<key>{STRING})\])?
    (?P<operator>>=|<=|[:~<>])(?P<value>{STRING}|-?[0-9]+(?:\.[0-9]+)?|null)(?=\s|$)""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
JOIN = re.compile(r"\s+(?:(and|or)\s+)?", re.IGNORECASE)
ESCAPED = re.compile(r"""\\([\\"'])""")


@dataclass(frozen=True, slots=True)
class Clause:
    """One comparison; ``value`` is None for ``null``, ``key`` is the metadata's."""

    field: str
    operator: str
    value: str | None
    key: str | None = None
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """The clauses; an object must match every one, or any one where OR joins them."""

    clauses: tuple[Clause, ...]
    every: bool


def unparsable() -> ApiError:
    """Not a query in this language (the text is Stripe's)."""
    return ApiError(
        400,
        "We were unable to parse your search query. Try using the format "
        '`metadata["key"]:"value"` to query for metadata or key:"value" to query for other fields.',
    )


def parse(text: str) -> Query:
    """The query in ``text``; a 400 where it is none."""
    text = text.strip()
    clauses: list[Clause] = []
    joins: set[str] = set()
    at = 0
    while True:
        found = CLAUSE.match(text, at)
        if found is None:
            raise unparsable()
        clauses.append(_clause(found))
        at = found.end()
        if at == len(text):
            break
        at = _join(text, at, joins)
    return _checked(clauses, joins)


def _join(text: str, at: int, joins: set[str]) -> int:
    """Note what stands between two clauses; where the next one begins."""
    found = JOIN.match(text, at)
    assert found is not None
    joins.add((found[1] or "and").lower())
    return found.end()


def _clause(found: re.Match[str]) -> Clause:
    key = found["key"]
    return Clause(
        field=found["field"],
        operator=found["operator"],
        value=_value(found["value"]),
        key=None if key is None else _unquoted(key),
        negated=found["negated"] is not None,
    )


def _value(text: str) -> str | None:
    if text[0] in "\"'":
        return _unquoted(text)
    return None if text.lower() == "null" else text


def _unquoted(text: str) -> str:
    return ESCAPED.sub(r"\1", text[1:-1])


def _checked(clauses: list[Clause], joins: set[str]) -> Query:
    """The texts of these two errors are ours: Stripe's are not known."""
    if len(joins) > 1:
        raise ApiError(400, "You can't combine AND and OR in the same search query.", param="query")
    if len(clauses) > MOST_CLAUSES:
        raise ApiError(
            400, f"A search query can have at most {MOST_CLAUSES} clauses.", param="query"
        )
    return Query(tuple(clauses), "or" not in joins)
