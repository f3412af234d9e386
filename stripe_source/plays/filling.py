"""Texts with columns in braces, ``"{number} is {days_overdue} days overdue"``, filled from a row.

``{before.mrr}`` is the row before the change, ``{metadata.plan}`` a key of a JSON column, ``{{`` a
brace. A text that is nothing but one column becomes its value, whatever that is; in a longer one
null is an error.
"""

from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from string import Formatter
from typing import Any

import orjson

from stripe_source.actions.properties import at
from stripe_source.errors import UsageError, did_you_mean
from stripe_source.plays.change import Change
from stripe_source.plays.targets.target import Refused

BEFORE = "before."
Part = tuple[str, str | None]


def columns_in(value: Any) -> set[str]:
    """The columns that are named anywhere in a value. Raises UsageError for bad braces."""
    if isinstance(value, Mapping):
        return set().union(*map(columns_in, value.values()))
    if isinstance(value, list | tuple):
        return set().union(*map(columns_in, value))
    if not isinstance(value, str):
        return set()
    names = (name for _, name in _parts(value) if name is not None)
    return {name.removeprefix(BEFORE).partition(".")[0] for name in names}


def check_columns(value: Any, columns: Collection[str]) -> None:
    """Raise UsageError for a column that there is not."""
    for name in sorted(columns_in(value)):
        if name not in columns:
            raise UsageError(f"the model has no column '{name}'{did_you_mean(name, columns)}")


def filled(value: Any, change: Change) -> Any:
    """A value with columns in place of their names. Raises Refused for null in a longer text."""
    if isinstance(value, Mapping):
        return {name: filled(each, change) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [filled(each, change) for each in value]
    if not isinstance(value, str):
        return value
    parts = list(_parts(value))
    if len(parts) == 1 and not parts[0][0] and parts[0][1] is not None:
        return _column(parts[0][1], change)
    return "".join(text + _written(name, change) for text, name in parts)


def is_filled(value: Any) -> bool:
    """Whether a value has columns in it."""
    return bool(columns_in(value))


def _parts(text: str) -> Iterator[Part]:
    """A text, and the name of the column behind it, if there is one."""
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        parts = [("", "", None, None)]
    for plain, name, form, conversion in parts:
        if form or conversion or name == "":
            raise UsageError(f"a column is written {{name}}, and a brace {{{{: '{text}'")
        yield plain, name


def _column(name: str, change: Change) -> Any:
    row = change.before or {} if name.startswith(BEFORE) else change.row
    return at(row, name.removeprefix(BEFORE))


def _written(name: str | None, change: Change) -> str:
    if name is None:
        return ""
    value = _column(name, change)
    if value is None:
        raise Refused(f"{name} is null")
    if isinstance(value, bool | dict | list):
        return orjson.dumps(value).decode()
    if isinstance(value, float):
        return f"{Decimal(repr(value)).normalize():f}"
    return str(value)
