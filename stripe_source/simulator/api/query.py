"""Query strings and form bodies, in every bracket style, checked against an endpoint's parameters.

``created[gte]=1``, ``types[]=a``, ``types[0]=a`` and ``metadata[k]=v`` are all in use; the Python
SDK sends indexed lists.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any
from urllib.parse import parse_qsl

from stripe_source.simulator.api.bounds import within_bounds
from stripe_source.simulator.api.errors import (
    ApiError,
    empty_parameter,
    invalid,
    missing_parameter,
    unknown_parameter,
)
from stripe_source.simulator.api.metadata import check_metadata
from stripe_source.simulator.api.scalars import to_int, to_scalar
from stripe_source.simulator.types import Json

DEEPEST = 32
"""Brackets in a name; no parameter needs as many, and a parser has its bounds (inferred)."""
LONGEST_INDEX = 9
"""Digits of the number that an item of a list has."""


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


def form(body: bytes) -> str:
    """A body as text. Raises the 400 of what is not UTF-8."""
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise ApiError(400, "Invalid request: the body is not valid UTF-8.") from None


def parse(text: str) -> Json:
    """Pairs to nested dicts; list items are kept under their index or a running number.

    Raises the 400 of names that are nested too deeply.
    """
    tree: Json = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        if name.count("[") > DEEPEST:
            raise ApiError(400, "Invalid request: parameters are nested too deeply.")
        head, _, rest = name.partition("[")
        keys = [head, *rest.rstrip("]").split("][")] if rest else [head]
        _put(tree, keys, value)
    return tree


def _put(tree: Json, keys: list[str], value: str) -> None:
    for at, name in enumerate(keys[:-1]):
        key = name or _element(tree, keys[at + 1 :])
        inner = tree.setdefault(key, {})
        if not isinstance(inner, dict):
            inner = tree[key] = {}
        tree = inner
    tree[keys[-1] or str(len(tree))] = value


def _element(items: Json, rest: list[str]) -> str:
    """Where ``items[][price]`` goes: the last item, or a new one where that has a price already."""
    last: Any = items.get(str(len(items) - 1))
    for key in rest:
        if key == "" and isinstance(last, dict):
            break
        last = last.get(key) if isinstance(last, dict) else None
        if last is None:
            return str(max(len(items) - 1, 0))
    return str(len(items) - (key == ""))


def checked(given: Json, params: Json, within: str = "") -> Json:
    """The given parameters with their types, or the 400 that Stripe answers.

    ``params`` are an endpoint's, in the notation of ``data/sdk_params.py``; what is unset
    (``name=``) is None. ``within`` is the parameter whose hash this is.
    """
    marked = {name.rstrip("!?"): name for name in params}
    if not given.keys() <= marked.keys():
        raise _unknown(given, marked, within)
    for name, mark in marked.items():
        if mark != name and "!" in mark and name not in given:
            raise missing_parameter(inside(within, name))
    made: Json = {}
    for name, value in given.items():
        mark = marked[name]
        full = inside(within, name)
        made[name] = convert(full, value, params[mark], unset=mark.endswith("?"))
        within_bounds(full, name, made[name])
    return made


def inside(within: str, name: str) -> str:
    """``tiers[0][up_to]``: a parameter by its full name, ``within`` the hash that it is in."""
    return f"{within}[{name}]" if within else name


def _unknown(given: Json, known: Json, within: str) -> Exception:
    names = [name for name in given if name not in known]
    full = [_first_key(inside(within, name), given[name]) for name in names]
    close = get_close_matches(names[0], known, n=1, cutoff=0.8)
    return unknown_parameter(*full, meant=inside(within, close[0]) if close else "")


def _first_key(name: str, value: Any) -> str:
    return name if not isinstance(value, dict) else f"{name}[{next(iter(value), '')}]"


def convert(name: str, value: Any, kind: Any, *, unset: bool = False) -> Any:
    """One value in the type that its parameter has; None where the empty text unsets it."""
    if kind == "any":
        return value
    if value == "":
        if unset:
            return None
        raise empty_parameter(name)
    if isinstance(kind, dict):
        return to_structure(name, value, kind)
    if kind == "range":
        return to_range(name, value)
    return to_scalar(name, value, kind)


def to_structure(name: str, value: Any, kind: Json) -> Any:
    """A value of a kind that has kinds inside."""
    if "array" in kind:
        return to_array(name, value, kind["array"])
    if "map" in kind:
        return to_map(name, value, kind["map"])
    if isinstance(value, dict):
        return checked(value, kind["object"], name)
    if kind.get("or") == "str":
        return value
    raise invalid("object", name)


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


def to_array(name: str, value: Any, kind: Any) -> list[Any]:
    """Items by their index, whatever numbers the client gave them."""
    if not isinstance(value, dict) or not all(map(_is_index, value)):
        raise invalid("array", name)
    return [convert(f"{name}[{n}]", value[n], kind) for n in sorted(value, key=int)]


def _is_index(key: str) -> bool:
    return key.isdecimal() and len(key) <= LONGEST_INDEX


def to_map(name: str, value: Any, kind: Any) -> Json:
    """Keys of the client's own. Only metadata has texts for values; there an empty one deletes."""
    if not isinstance(value, dict):
        raise invalid("object", name)
    if kind != "str":
        return {key: convert(f"{name}[{key}]", each, kind) for key, each in value.items()}
    made = {key: to_scalar(f"{name}[{key}]", each, kind) for key, each in value.items()}
    check_metadata(name, made)
    return made
