"""Takes a shown object back to an older version, at every depth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeAlias

from stripe_source.simulator.types import Json
from stripe_source.simulator.versions import basil, y2024_06_20
from stripe_source.simulator.versions.added import Tree, added_since, joined, without
from stripe_source.simulator.versions.lookup import Lookup
from stripe_source.simulator.versions.releases import CURRENT

Change: TypeAlias = Callable[[Json, Lookup], Json]
"""``change(object, lookup)``: the fields that an older object has besides, or otherwise.

It sees the object with all that newer versions know of it, its embedded objects still as they are
shown now; what the older version lacks is taken away at the end.
"""
STEPS: tuple[tuple[str, Mapping[str, Change]], ...] = (
    ("2025-03-31.basil", basil.CHANGES),
    ("2024-06-20", y2024_06_20.CHANGES),
)
"""Each version with its changes by object name, newest first."""
STUB = {"id", "object", "deleted"}


@dataclass
class Rule:
    """What happens to one kind of object on its way back to a version."""

    changes: list[Change] = field(default_factory=list)
    gone: Tree = field(default_factory=dict)

    def apply(self, obj: Json, lookup: Lookup) -> Json:
        """The object itself in the older shape; what it embeds is left."""
        if obj.keys() <= STUB:
            return obj
        for change in self.changes:
            obj = obj | change(obj, lookup)
        older_one: Json = without(obj, self.gone)
        return older_one


@cache
def rules_of(version: str) -> dict[str, Rule]:
    """Object name to what all the steps down to ``version`` do to it."""
    rules: dict[str, Rule] = {}
    for at, changes in STEPS:
        if at < version:
            break
        for name, change in changes.items():
            rules.setdefault(name, Rule()).changes.append(change)
        for name, tree in added_since(at).items():
            rule = rules.setdefault(name, Rule())
            rule.gone = joined(rule.gone, tree)
    return rules


def older(shown: Json, version: str, lookup: Lookup) -> Json:
    """A shown object (or a list of them) as a client of ``version`` sees it.

    ``version`` is one of ``VERSIONS``. What needs no change is shared with ``shown``, which is
    left as it is.
    """
    return shown if version == CURRENT else _older(shown, rules_of(version), lookup)


def _older(value: Json, rules: dict[str, Rule], lookup: Lookup) -> Json:
    name = value.get("object")
    rule = rules.get(name) if isinstance(name, str) else None
    made = value if rule is None else rule.apply(value, lookup)
    if name == "event":
        # An event's snapshot is rendered when the event happens, and never again.
        return made
    return _inside(made, rules, lookup)


def _inside(obj: Json, rules: dict[str, Rule], lookup: Lookup) -> Json:
    """The same for all that an object or a hash holds; metadata's keys are the account's own."""
    made = obj
    for name, old in obj.items():
        kind = type(old)
        if (kind is not dict and kind is not list) or not old or name == "metadata":
            continue
        new = _older(old, rules, lookup) if kind is dict else _items(old, rules, lookup)
        if new is not old:
            made = dict(obj) if made is obj else made
            made[name] = new
    return made


def _items(old: list[Any], rules: dict[str, Rule], lookup: Lookup) -> list[Any]:
    new = [_older(item, rules, lookup) if type(item) is dict else item for item in old]
    return new if any(a is not b for a, b in zip(new, old, strict=True)) else old
