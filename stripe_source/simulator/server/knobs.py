"""Changes an account's configuration while it serves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, fields, is_dataclass
from typing import Any

from stripe_source.simulator.config import LIMITS, SimulatorConfig
from stripe_source.simulator.types import Json

FIXED = {"seed", "customers", "years", "ties", "fixtures", "connected", "now", "ticking",
         "livemode", "account_id", "request_log"}  # fmt: skip
"""What an account is made of; the rest may change."""


class KnobError(ValueError):
    """A change that can't be meant; the message is one line."""


def as_json(config: SimulatorConfig) -> Json:
    """The whole configuration."""
    made = asdict(config)
    made["disabled"] = sorted(config.disabled)
    return made


def change(config: Any, given: Any) -> None:
    """Set fields by name; nested ones in a hash. Raises KnobError and then changes nothing."""
    if not isinstance(given, dict):
        raise KnobError("the changes are an object of knobs and values")
    kinds = {f.name: str(f.type) for f in fields(config) if f.name not in FIXED}
    taken = {name: _taken(config, kinds, name, value) for name, value in given.items()}
    if isinstance(taken.get("limits"), str):
        rates = LIMITS[taken["limits"]]
        taken = dict(rates) | taken
    for name, value in taken.items():
        if not is_dataclass(value):
            setattr(config, name, value)


def _taken(config: Any, kinds: dict[str, str], name: str, value: Any) -> Any:
    """The value as the field takes it."""
    if name not in kinds:
        raise KnobError(f"no such knob: {name!r}; there are {', '.join(kinds)}")
    if is_dataclass(getattr(config, name)):
        change(getattr(config, name), value)
        return getattr(config, name)
    if name == "limits" and value is not None and value not in tuple(LIMITS):
        raise KnobError(f"limits is one of {', '.join(LIMITS)}, or null, not {value!r}")
    if name == "latency_ms" and value == "stripe":
        return value
    kind = kinds[name].removesuffix(" | str") if name == "latency_ms" else kinds[name]
    if kind.endswith(" | None") and value is None:
        return None
    fits, wanted, made = KINDS[kind.removesuffix(" | None")]
    if not fits(value):
        raise KnobError(f"{name} must be {wanted}, not {value!r}")
    return made(value)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def _pair(value: Any) -> bool:
    return (
        isinstance(value, list | tuple)
        and len(value) == 2
        and all(map(_number, value))
        and value[0] <= value[1]
    )


def is_texts(value: Any) -> bool:
    """Whether a value is a list of texts."""
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _rates(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_number, value.values()))


Kind = tuple[Callable[[Any], bool], str, Callable[[Any], Any]]
KINDS: dict[str, Kind] = {
    "str": (lambda v: isinstance(v, str), "a text", str),
    "bool": (lambda v: isinstance(v, bool), "true or false", bool),
    "int": (lambda v: _number(v) and v == int(v), "a whole number", int),
    "float": (_number, "a number", float),
    "tuple[int, int]": (_pair, "two whole numbers, the smaller first", tuple),
    "tuple[float, float]": (_pair, "two numbers, the smaller first", tuple),
    "set[str]": (is_texts, "a list of texts", set),
    "Mapping[str, float]": (_rates, "an object of rates", dict),
}
