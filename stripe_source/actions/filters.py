"""Filters: conditions as the parameters of a list, or as a query of Stripe's search.

The query language: https://docs.stripe.com/search#search-query-language. A value stands in double
quotes, in which a backslash escapes a quote and a backslash: so no value can end its quotes.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from stripe_source.actions.outcome import Json
from stripe_source.actions.properties import dotted
from stripe_source.dates import seconds_of
from stripe_source.errors import UsageError, did_you_mean
from stripe_source.schema.params import Param, params

Operator = Literal["=", "!=", "~", ">", ">=", "<", "<=", "empty", "not empty"]
SearchKind = Literal["token", "text", "number", "time", "metadata"]
"""Stripe's field types, but that a number may be a time (https://docs.stripe.com/search)."""

ORDERED = frozenset({">", ">=", "<", "<="})
OPERATORS: Mapping[SearchKind, frozenset[Operator]] = {
    "token": frozenset({"=", "!=", "empty", "not empty"}),
    "text": frozenset({"=", "!=", "~", "empty", "not empty"}),
    "number": frozenset({"=", "!=", ">", ">=", "<", "<=", "empty", "not empty"}),
    "time": frozenset({"=", "!=", ">", ">=", "<", "<=", "empty", "not empty"}),
    "metadata": frozenset({"=", "!=", "empty", "not empty"}),
}
BOUNDS = {">": "gt", ">=": "gte", "<": "lt", "<=": "lte"}
PAGING = frozenset({"limit", "starting_after", "ending_before"})
MOST_CLAUSES = 10
SHORTEST_PART = 3
NUMBER = re.compile(r"-?[0-9]{1,18}")
CURRENCY = re.compile(r"[a-z]{3}")


class CannotTell(UsageError):
    """The conditions are sound, but not for this way of finding objects."""


class Condition(BaseModel):
    """One condition on a field."""

    model_config = ConfigDict(extra="forbid")

    field: str = Field(min_length=1, description="The field, such as email or metadata.crm_id.")
    operator: Operator = Field("=", description="How it compares; ~ is 'contains'.")
    value: str | int | bool | None = Field(
        None, description="What with. Times are ISO dates in UTC or Unix seconds."
    )


class Filter(BaseModel):
    """Conditions, all of which must hold, or any of them."""

    model_config = ConfigDict(extra="forbid")

    conditions: list[Condition] = Field(description="The conditions.")
    combine: Literal["and", "or"] = Field("and", description="Whether all must hold, or any.")


def quoted(value: str) -> str:
    """A text as search takes it."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def to_search(wanted: Filter, fields: Mapping[str, SearchKind]) -> str:
    """The conditions as a query.

    Raises CannotTell where search can't tell, and UsageError for a value that can't be one.
    """
    if len(wanted.conditions) > MOST_CLAUSES:
        raise CannotTell(f"search takes {MOST_CLAUSES} conditions at most")
    clauses = [_clause(condition, fields) for condition in wanted.conditions]
    return f" {wanted.combine.upper()} ".join(clauses)


def to_list(wanted: Filter, request: str) -> Json:
    """The conditions as parameters of a list. Raises as ``to_search``."""
    if wanted.combine == "or" and len(wanted.conditions) > 1:
        raise CannotTell("lists have no 'or'")
    known = {name: param for name, param in params(request).items() if name not in PAGING}
    found: Json = {}
    for condition in wanted.conditions:
        path = dotted(condition.field)
        if path not in known:
            raise CannotTell(f"the list has no filter '{path}'{did_you_mean(path, known)}")
        _narrow(found, path, condition, known[path])
    return found


def in_words(fields: Iterable[str]) -> str:
    """Field names for a message."""
    return ", ".join("metadata.KEY" if name == "metadata" else name for name in sorted(fields))


def list_fields(request: str) -> list[str]:
    """What a list can be filtered by."""
    return [name for name in params(request) if name not in PAGING]


def _clause(condition: Condition, fields: Mapping[str, SearchKind]) -> str:
    path, operator = dotted(condition.field), condition.operator
    first, _, key = path.partition(".")
    kind = fields.get("metadata" if first == "metadata" and key else path)
    if kind is None or (kind == "metadata" and not key):
        raise CannotTell(f"search knows no field '{path}'{did_you_mean(path, fields)}")
    if operator not in OPERATORS[kind]:
        raise CannotTell(f"search can't compare {path} by '{operator}'")
    name = f"metadata[{quoted(key)}]" if kind == "metadata" else path
    if operator in ("empty", "not empty"):
        return f"{'' if operator == 'empty' else '-'}{name}:null"
    sign = ":" if operator in ("=", "!=") else operator
    value = _searched(path, operator, condition.value, kind)
    return f"{'-' if operator == '!=' else ''}{name}{sign}{value}"


def _searched(path: str, operator: Operator, value: Any, kind: SearchKind) -> str:
    if kind in ("number", "time"):
        return str(_number(path, value, time=kind == "time"))
    text = _text(path, value)
    if operator == "~" and len(text) < SHORTEST_PART:
        raise UsageError(f"{path} ~ takes at least {SHORTEST_PART} characters: '{text}'")
    return quoted(text)


def _narrow(found: Json, path: str, condition: Condition, param: Param) -> None:
    """Add one condition to a list's parameters."""
    operator = condition.operator
    if param.kind == "range":
        if operator not in ("=", *BOUNDS):
            raise CannotTell(f"the list can't compare {path} by '{operator}'")
        value = _number(path, condition.value, time=True)  # all ranges of lists are times
        bound: dict[str | None, int] = (
            {"gte": value, "lte": value} if operator == "=" else {BOUNDS.get(operator): value}
        )
        if None in bound or bound.keys() & found.get(path, {}).keys():
            raise CannotTell(f"the list can't compare {path} by '{operator}' like this")
        found.setdefault(path, {}).update(bound)
        return
    if operator != "=" or path in found:
        raise CannotTell(f"the list can only compare {path} by one '='")
    text = _text(path, condition.value)
    if param.choices and text not in param.choices:
        raise UsageError(f"{path} is one of {', '.join(param.choices)}, not '{text}'")
    found[path] = text


def _number(path: str, value: Any, *, time: bool) -> int:
    if time:
        if value is None or value == "":
            raise UsageError(f"{path} is compared with nothing")
        found = seconds_of(value if isinstance(value, int) else _text(path, value), path)
        assert found is not None  # noqa: S101 - it is of a value
        return found
    if isinstance(value, bool) or not NUMBER.fullmatch(str(value)):
        raise UsageError(f"{path} is a whole number, in minor units where it is money: {value!r}")
    return int(value)


def _text(path: str, value: Any) -> str:
    text = str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)
    if not text.strip():
        raise UsageError(f"{path} is compared with nothing; 'empty' asks for that")
    if path == "currency":
        text = text.lower()
        if not CURRENCY.fullmatch(text):
            raise UsageError(f"a currency is three letters, such as usd: '{text}'")
    return text
