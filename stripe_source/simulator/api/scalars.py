"""One text of a request to one value, or the 400 that Stripe answers."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

import orjson

from stripe_source.simulator.api.errors import invalid, invalid_integer, not_among
from stripe_source.simulator.types import Json

MOST_DIGITS = 18
"""Of a decimal, before the point and after it: ``1e999999999`` would be a text of a gigabyte."""


def to_scalar(name: str, value: str | Json, kind: str) -> str | int | float | bool:
    """The value in the type that ``kind`` names; a hash is none of them."""
    if isinstance(value, dict):
        raise invalid("string", name, orjson.dumps(value).decode())
    if kind == "str":
        return value
    base, words, listed = kind.partition("=")
    if words and value in listed.split("|"):
        return value
    if base == "int":
        return to_int(name, value)
    if base == "bool":
        return to_bool(name, value)
    if base == "float":
        return to_float(name, value)
    if base == "decimal":
        return to_decimal(name, value)
    raise not_among(name, listed.split("|"))


def to_int(name: str, value: str) -> int:
    """A whole number of 64 bits; Python's own ``1_000`` is none."""
    try:
        if "_" not in value and -(2**63) <= (number := int(value)) < 2**63:
            return number
    except (TypeError, ValueError):
        pass
    raise invalid_integer(name, str(value))


def to_float(name: str, value: str) -> float:
    """A number; ``nan`` and ``inf`` are none."""
    number = _decimal(value)
    if number is None:
        raise invalid("decimal", name, value)
    return float(number)


def to_decimal(name: str, value: str) -> str:
    """A decimal number; it stays a text, without zeros at the end."""
    number = _decimal(value)
    if number is None:
        raise invalid("decimal", name, value)
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _decimal(value: str) -> Decimal | None:
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    if not number.is_finite() or "_" in value:
        return None
    small, large = int(number.as_tuple().exponent), number.adjusted()
    return number if small >= -MOST_DIGITS and large < MOST_DIGITS else None


def to_bool(name: str, value: str) -> bool:
    """``true`` or ``false``."""
    if value.lower() not in ("true", "false"):
        raise invalid("boolean", name, value)
    return value.lower() == "true"
