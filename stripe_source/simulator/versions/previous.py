"""What an event says of the time before, in an older version."""

from __future__ import annotations

from typing import Any

from stripe_source.simulator.types import Json
from stripe_source.simulator.versions.lookup import Lookup
from stripe_source.simulator.versions.rendering import older


def older_previous(shown: Json, previous: Json, version: str, lookup: Lookup) -> Json:
    """``previous_attributes`` in the shape of ``version``.

    ``shown`` is the object after the change. The object before it is put together again and
    rendered too, and what differs is what the older version tells: a moved field shows up under
    its old name.
    """
    before = older(_restored(shown, previous), version, lookup)
    after = older(shown, version, lookup)
    return _differing(before, after)


def _restored(after: Json, previous: Json) -> Json:
    """The hash with the values that it had; hashes hold only the keys that changed."""
    made = dict(after)
    for name, old in previous.items():
        new: Any = after.get(name)
        both = isinstance(old, dict) and isinstance(new, dict)
        made[name] = _restored(new, old) if both else old
    return made


def _differing(before: Json, after: Json) -> Json:
    made: dict[str, Any] = {}
    for name, old in before.items():
        new: Any = after.get(name)
        if old == new:
            continue
        both = isinstance(old, dict) and isinstance(new, dict) and "object" not in old
        made[name] = _differing(old, new) if both else old
    return made
