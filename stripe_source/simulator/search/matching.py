"""Decides whether an object matches a query, by the fields that its resource can be searched by."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeAlias

from stripe_source.simulator.api.errors import ApiError
from stripe_source.simulator.search.fields import Fields, SearchField
from stripe_source.simulator.search.language import Clause, Query, unparsable
from stripe_source.simulator.store.collection import at_path
from stripe_source.simulator.types import Json

Test: TypeAlias = Callable[[Json], bool]

SHORTEST_PART = 3
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    ":": operator.eq,
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}


def matcher(query: Query, resource: str, fields: Fields) -> Test:
    """A test of objects; a 400 where the query asks what ``resource`` (``customers``) cannot."""
    tests = [_clause_test(clause, _field(clause, resource, fields)) for clause in query.clauses]
    joined = all if query.every else any
    return lambda obj: joined(test(obj) for test in tests)


def _field(clause: Clause, resource: str, fields: Fields) -> SearchField:
    """The clause's field, which must be there, be able to do that, and have a key if metadata."""
    field = fields.get(clause.field)
    if field is None:
        anchor = resource.replace("_", "-")
        raise ApiError(
            400,
            f"Field `{clause.field}` is an unsupported search field for resource `{resource}`. "
            f"See http://stripe.com/docs/search#query-fields-for-{anchor} "
            "for a list of supported fields.",
        )
    if (clause.key is not None) != (field.kind == "metadata"):
        raise unparsable()
    if clause.operator not in field.operators or (clause.value is None and clause.operator != ":"):
        raise _unsupported(clause, field)
    return field


def _unsupported(clause: Clause, field: SearchField) -> ApiError:
    """Stripe documents that this is an error; the text is ours."""
    value = "null" if clause.value is None else f"{field.kind} fields"
    return ApiError(
        400,
        f"Field `{clause.field}` does not support the operator `{clause.operator}`, "
        f"which cannot be used with {value}.",
        param="query",
    )


def _clause_test(clause: Clause, field: SearchField) -> Test:
    read, holds = _reader(clause, field), _value_test(clause, field)
    if clause.negated:
        return lambda obj: not holds(read(obj))
    return lambda obj: holds(read(obj))


def _reader(clause: Clause, field: SearchField) -> Callable[[Json], Any]:
    if clause.key is not None:
        return lambda obj: (obj.get("metadata") or {}).get(clause.key)
    return field.read or (lambda obj: at_path(obj, clause.field))


def _value_test(clause: Clause, field: SearchField) -> Callable[[Any], bool]:
    if clause.value is None:
        return lambda found: found is None or found == ""
    if field.kind == "numeric":
        return _number_test(clause.operator, clause.value, clause.field)
    if clause.operator == "~":
        return _part_test(clause.value)
    return _words_test(clause.value) if field.kind == "string" else _token_test(clause.value)


def _number_test(sign: str, value: str, name: str) -> Callable[[Any], bool]:
    if not NUMBER.fullmatch(value):
        raise ApiError(400, f"Field `{name}` is numeric: `{value}` is no number.", param="query")
    wanted, compare = Decimal(value), COMPARE[sign]
    return lambda found: found is not None and compare(Decimal(found), wanted)


def _token_test(value: str) -> Callable[[Any], bool]:
    wanted = value.casefold()
    return lambda found: found is not None and _text(found) == wanted


def _part_test(value: str) -> Callable[[Any], bool]:
    if len(value) < SHORTEST_PART:
        raise ApiError(
            400,
            f"A substring match needs at least {SHORTEST_PART} characters: `{value}` is too short.",
            param="query",
        )
    wanted = value.casefold()
    return lambda found: found is not None and wanted in _text(found)


def _words_test(value: str) -> Callable[[Any], bool]:
    """All of the query's words in their order: "one two" finds "one two three" too."""
    wanted = f" {' '.join(value.casefold().split())} "
    return lambda found: found is not None and wanted in f" {' '.join(_text(found).split())} "


def _text(found: Any) -> str:
    """As it is compared: ``true`` for True, in any case."""
    return str(found).casefold()
