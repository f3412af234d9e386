"""What the filter parameters of a list compare.

A filter that is not named by its resource follows from the parameter: the field of the same name
is equal, in the range, or among the values.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stripe_source.simulator.api.query import Range
from stripe_source.simulator.shapes import shape
from stripe_source.simulator.store.collection import field_of
from stripe_source.simulator.store.row import Row

PAGING = {"limit", "starting_after", "ending_before", "expand", "created"}


@dataclass(frozen=True, slots=True)
class Filter:
    """``test(row, value)`` decides; ``index`` is the field by which equal rows can be looked up."""

    test: Callable[[Row, Any], bool]
    index: str | None = None


def equal(path: str) -> Filter:
    """The field under ``path`` is the value; both as text, since a query has nothing else."""

    def test(row: Row, value: Any) -> bool:
        found = field_of(row, path)
        return found == value or (found is not None and str(found) == str(value))

    return Filter(test, index=path)


def within(path: str) -> Filter:
    """The number under ``path`` lies in the range."""
    return Filter(lambda row, value: value.holds(field_of(row, path)))


def among(path: str) -> Filter:
    """The field under ``path`` is one of the values."""
    return Filter(lambda row, values: field_of(row, path) in values)


def parts(param: str) -> Filter:
    """A hash: each key that the object has under the same name must match."""

    def test(row: Row, value: Any) -> bool:
        for key, wanted in value.items():
            found = field_of(row, f"{param}.{key}")
            matches = wanted.holds(found) if isinstance(wanted, Range) else found == wanted
            if key != "type" and found is not None and not matches:
                return False
        return True

    return Filter(test)


ANY = Filter(lambda row, value: True)


def by_name(objects: tuple[str, ...], param: str, kind: Any) -> Filter:
    """The filter that follows from a parameter's name; it lets all through where no field fits."""
    listed = isinstance(kind, dict) and "array" in kind
    if isinstance(kind, dict) and not listed:
        return parts(param)
    known = any(param in shape(name) for name in objects) or not any(map(shape, objects))
    field = param if known else next((p for p in _spellings(param, objects)), None)
    if field is None:
        return equal_if_hidden(param)
    if kind == "range":
        return within(field)
    return among(field) if listed else equal(field)


def _spellings(param: str, objects: tuple[str, ...]) -> list[str]:
    """``lookup_keys`` and ``ids`` look at ``lookup_key`` and ``id``."""
    singular = param.removesuffix("s")
    return [singular] if any(singular in shape(name) for name in objects) else []


def equal_if_hidden(param: str) -> Filter:
    """A parameter whose field the object does not show: compared where it is stored beside it."""

    def test(row: Row, value: Any) -> bool:
        return row.hidden is None or param not in row.hidden or row.hidden[param] == value

    return Filter(test)
