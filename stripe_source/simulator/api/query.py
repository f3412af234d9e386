"""Query strings and form bodies, in every bracket style, checked against an endpoint's parameters.

``created[gte]=1``, ``types[]=a``, ``types[0]=a`` and ``metadata[k]=v`` are all in use; the Python
SDK sends indexed lists.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from stripe_source.simulator.api.errors import (
    ApiError,
    invalid_integer,
    missing_parameter,
    unknown_parameter,
)
from stripe_source.simulator.types import Json


@dataclass(frozen=True, slots=True)
class Range:
    """Whole seconds (or amounts) from ``low`` to ``high``, both included; None is open."""

    low: int | None
    high: int | None

    def holds(self, value: Any) -> bool:
        """Whether a field's value lies inside; null never does."""
        if not isinstance(value, int):
            return False
        above = self.low is None or value >= self.low
        return above and (self.high is None or value <= self.high)


def parse(text: str) -> Json:
    """Pairs to nested dicts; list items are kept under their index or a running number."""
    tree: Json = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        head, _, rest = name.partition("[")
        keys = [head, *rest.rstrip("]").split("][")] if rest else [head]
        _put(tree, keys, value)
    return tree


def _put(tree: Json, keys: list[str], value: str) -> None:
    for name in keys[:-1]:
        key = name or str(len(tree))
        inner = tree.setdefault(key, {})
        if not isinstance(inner, dict):
            inner = tree[key] = {}
        tree = inner
    tree[keys[-1] or str(len(tree))] = value


def checked(given: Json, params: Json) -> Json:
    """The given parameters with their types, or the 400 that Stripe answers."""
    kinds = {name.rstrip("!"): kind for name, kind in params.items()}
    for name in given:
        if name not in kinds:
            raise unknown_parameter(_first_key(name, given[name]))
    for name in params:
        if name.endswith("!") and not given.get(name[:-1]):
            raise missing_parameter(name[:-1])
    return {name: convert(name, value, kinds[name]) for name, value in given.items()}


def _first_key(name: str, value: Any) -> str:
    return name if not isinstance(value, dict) else f"{name}[{next(iter(value), '')}]"


def convert(name: str, value: Any, kind: Any) -> Any:
    """One value in the type that its parameter has."""
    if kind == "range":
        return to_range(name, value)
    if kind == "array":
        return list(value.values()) if isinstance(value, dict) else [value]
    if isinstance(kind, dict):
        return to_hash(name, value, kind["object"])
    if isinstance(value, dict):
        raise ApiError(400, f"Invalid string: {value}", param=name)
    if kind == "int":
        return to_int(name, value)
    return to_bool(name, value) if kind == "bool" else value


def to_int(name: str, value: str) -> int:
    """A whole number."""
    try:
        return int(value)
    except (TypeError, ValueError):
        raise invalid_integer(name, str(value)) from None


def to_bool(name: str, value: str) -> bool:
    """``true`` or ``false``."""
    if value.lower() not in ("true", "false"):
        raise ApiError(400, f"Invalid boolean: {value}", param=name)
    return value.lower() == "true"


def to_range(name: str, value: Any) -> Range:
    """An exact number, or any of ``gt gte lt lte``; the strict ones become inclusive."""
    if not isinstance(value, dict):
        exact = to_int(name, value)
        return Range(exact, exact)
    lows: list[int] = []
    highs: list[int] = []
    for key, text in value.items():
        if key not in ("gt", "gte", "lt", "lte"):
            raise unknown_parameter(f"{name}[{key}]")
        number = to_int(f"{name}[{key}]", text)
        (lows if key[0] == "g" else highs).append(number + {"gt": 1, "lt": -1}.get(key, 0))
    return Range(max(lows, default=None), min(highs, default=None))


def to_hash(name: str, value: Any, params: Json) -> Json:
    """A hash with keys of its own."""
    if not isinstance(value, dict):
        raise ApiError(400, f"Invalid object: {value}", param=name)
    try:
        return checked(value, params)
    except ApiError as error:
        if error.param:
            raise _renamed(error, name) from None
        raise


def _renamed(error: ApiError, outer: str) -> ApiError:
    """The same error with its parameter named from the outside: ``owner[type]``."""
    inner = error.param or ""
    head, _, rest = inner.partition("[")
    full = f"{outer}[{head}]" + (f"[{rest}" if rest else "")
    message = error.message.replace(inner, full)
    return ApiError(error.status, message, code=error.code, param=full)
