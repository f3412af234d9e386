"""Checks a script of faults, so that a slip in it is told at once and not missed in silence."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

from stripe_source.simulator.server.limits import REASONS
from stripe_source.simulator.server.outcomes import BEFORE, KINDS, WIRE
from stripe_source.simulator.types import Json

COUNTED = ("seen", "met", "since")


class FaultError(ValueError):
    """A fault that can't be meant; the message is one line."""


def read_script(path: Path) -> list[Json]:
    """The faults of a JSON file: one, or a list. Raises FaultError, with the file's name."""
    try:
        given = orjson.loads(path.read_bytes())
        return [checked(each) for each in (given if isinstance(given, list) else [given])]
    except OSError as failure:
        raise FaultError(f"{path}: {failure.strerror}") from None
    except orjson.JSONDecodeError as failure:
        raise FaultError(f"{path}: no JSON: {failure}") from None
    except FaultError as failure:
        raise FaultError(f"{path}: {failure}") from None


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _seconds(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def _text(value: Any) -> bool:
    return isinstance(value, str)


RULES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "kind": (lambda v: v in KINDS, "one of " + ", ".join(KINDS)),
    "path": (lambda v: _text(v) and v.startswith("/"), "a path that begins with /"),
    "exact": (lambda v: isinstance(v, bool), "true or false"),
    "method": (lambda v: v in ("GET", "POST", "DELETE"), "GET, POST or DELETE"),
    "query": (_text, "a text"),
    "key": (_text, "an API key"),
    "account": (_text, "an account's id"),
    "nth": (_whole, "a whole number from 1"),
    "every": (_whole, "a whole number from 1"),
    "times": (lambda v: v is None or _whole(v), "a whole number from 1, or null for no end"),
    "probability": (lambda v: _seconds(v) and v <= 1, "a number from 0 to 1"),
    "after": (_seconds, "a number of seconds"),
    "executed": (lambda v: isinstance(v, bool), "true or false"),
    "seconds": (_seconds, "a number of seconds"),
    "count": (_whole, "a whole number from 1"),
    "reason": (lambda v: v is None or v in REASONS, "null or one of " + ", ".join(REASONS)),
    "retry_after": (_seconds, "a number of seconds"),
    "message": (_text, "a text"),
    "permission": (_text, "a permission such as rak_customer_read"),
    "location": (_text, "an address"),
}


def checked(fault: Any) -> Json:
    """A copy of a fault with its counters at nought. Raises FaultError with one clear line."""
    if not isinstance(fault, dict):
        raise FaultError(f"a fault is an object with a kind, not {fault!r}")
    if "kind" not in fault:
        raise FaultError(f"a fault without a kind; the kinds are {', '.join(KINDS)}")
    made = {name: value for name, value in fault.items() if name not in COUNTED}
    for name, value in made.items():
        if name not in RULES:
            raise FaultError(f"unknown key {name!r} in a fault; known are {', '.join(RULES)}")
        fits, wanted = RULES[name]
        if not _fits(fits, value):
            raise FaultError(f"{name!r} of a fault is {value!r}, but must be {wanted}")
    done = made["kind"] in (*WIRE, *BEFORE) and made["kind"] != "reset"
    if made.get("executed") is False and done:
        raise FaultError(f"a request that meets {made['kind']!r} is executed")
    return made | {"seen": 0, "met": 0, "since": time.monotonic()}


def _fits(rule: Callable[[Any], bool], value: Any) -> bool:
    try:
        return rule(value)
    except TypeError:  # such as a list, which no set of names can hold
        return False
