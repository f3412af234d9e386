"""Changes objects in place and tells what they were before, as ``previous_attributes`` does.

Stripe's ``previous_attributes`` name only what changed: within a hash, only the keys that did; a
list or anything else is given whole; a key that was not there is null.
"""

from __future__ import annotations

from stripe_source.simulator.types import Json

REPLACED = {"metadata"}
"""Hashes that a change replaces whole; what is told of them is still by key."""


def merge(obj: Json, changes: Json) -> Json:
    """Apply changes, hashes merged in depth, and return what was there before."""
    previous: Json = {}
    for name, value in changes.items():
        old = obj.get(name)
        if old == value:
            continue
        if isinstance(value, dict) and isinstance(old, dict):
            if name in REPLACED:
                previous[name] = differing(old, value)
                obj[name] = value
            else:
                before = merge(old, value)
                if before:
                    previous[name] = before
        else:
            previous[name] = old
            obj[name] = value
    return previous


def differing(old: Json, new: Json) -> Json:
    """The keys of two hashes whose values differ, with the old ones."""
    return {key: old.get(key) for key in [*old, *new] if old.get(key) != new.get(key)}
