"""Metadata: what may be in it, and how a write changes it.

At most 50 keys of up to 40 characters, without square brackets, with values of up to 500
(https://docs.stripe.com/api/metadata).
"""

from __future__ import annotations

from stripe_source.simulator.api.errors import ApiError
from stripe_source.simulator.types import Json

MOST_KEYS = 50
LONGEST_KEY = 40
LONGEST_VALUE = 500


def check_metadata(name: str, given: Json) -> None:
    """Refuse a key or a value that is too long; ``name`` is the parameter."""
    for key, value in given.items():
        if len(key) > LONGEST_KEY:
            raise _too_long(name, "key", LONGEST_KEY, key)
        if len(value) > LONGEST_VALUE:
            raise _too_long(name, "value", LONGEST_VALUE, value)
    _check_count(name, sum(value != "" for value in given.values()))


def merged(current: Json | None, given: Json | None) -> Json:
    """The metadata after a write: ``""`` deletes a key, None deletes them all."""
    if given is None:
        return {}
    both = (current or {}) | given
    made = {key: value for key, value in both.items() if value != ""}
    _check_count("metadata", len(made))
    return made


def _too_long(name: str, part: str, most: int, text: str) -> ApiError:
    return ApiError(
        400,
        f"Metadata {part}s can have up to {most} characters, but you passed in a {part} that is "
        f"{len(text)} characters. Invalid {part}: {text}",
        param=name,
    )


def _check_count(name: str, count: int) -> None:
    if count > MOST_KEYS:
        raise ApiError(
            400,
            f"Metadata can have up to {MOST_KEYS} keys, but you've set {count}. "
            "Email us at support+metadata@stripe.com for more information.",
            param=name,
        )
