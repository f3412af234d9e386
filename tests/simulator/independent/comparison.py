"""What differs between two servers' answers; ids are each server's own, the time is the same."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from .recording import Answer
from .servers import NOW

ID = re.compile(
    r"\b(cus|txi|prod|pm|card|seti|pi|ch|py|re|txn|sub|si|in|ii|il|evt|txr|src)_(\w{10,})"
)
LONG_AGO = 1_500_000_000
"""Greater numbers are times."""
ONLY_SIMULATOR, ONLY_LOCALSTRIPE = "only simulator", "only localstripe"


@dataclass(frozen=True)
class Difference:
    """At ``field`` (``customer.address.city``, or ``status``) of one step.

    Of a field that only one server has, ``simulator`` says which, and the values are not told.
    """

    step: str
    field: str
    simulator: str
    localstripe: str = ""


class Names:
    """Which id of one server is which of the other: those that first turn up at the same place."""

    def __init__(self) -> None:
        self.pairs: dict[str, str] = {}
        self.names: dict[str, str] = {}
        self.count: Counter[str] = Counter()

    def same(self, ours: str, theirs: str) -> bool:
        """Whether two ids are one object's; two new ones become so."""
        if ours not in self.names and theirs not in self.names:
            kind = ours.partition("_")[0]
            self.count[kind] += 1
            self.pairs[ours] = theirs
            self.names[ours] = self.names[theirs] = f"{kind}#{self.count[kind]}"
        return self.pairs.get(ours) == theirs

    def same_text(self, ours: str, theirs: str) -> bool:
        """The same but for ids, and those the same."""
        if ID.sub(r"\1_", ours) != ID.sub(r"\1_", theirs):
            return False
        found = zip(ID.finditer(ours), ID.finditer(theirs), strict=True)
        return all(self.same(a.group(), b.group()) for a, b in found)

    def shown(self, value: Any) -> str:
        """A value as the list of differences has it."""
        if isinstance(value, dict):
            return f"{{{value.get('object', '...' if value else '')}}}"
        if isinstance(value, list) and any(isinstance(each, dict | list) for each in value):
            return f"[{', '.join(map(self.shown, value))}]"
        if isinstance(value, int) and value > LONG_AGO:
            return f"now + {value - NOW} s" if value != NOW else "now"
        text = orjson.dumps(value).decode()
        return ID.sub(lambda id_: self.names.get(id_.group(), f"{id_.group(1)}#new"), text)


class Comparison:
    """Compares step by step, in the script's order, for ids are learnt on the way."""

    def __init__(self) -> None:
        self.names = Names()

    def steps(
        self, simulator: dict[str, Answer], localstripe: dict[str, Answer]
    ) -> Iterator[Difference]:
        """All that differs; bodies are compared where the status is the same."""
        assert list(simulator) == list(localstripe)
        for step, ours in simulator.items():
            theirs = localstripe[step]
            if ours.status != theirs.status:
                yield Difference(step, "status", str(ours.status), str(theirs.status))
                continue
            for field, *sides in self.values("", ours.compared, theirs.compared):
                yield Difference(step, field, *sides)

    def values(self, field: str, ours: Any, theirs: Any) -> Iterator[tuple[str, ...]]:
        """The fields that differ, each with both values, or with which server has it."""
        if isinstance(ours, dict) and isinstance(theirs, dict):
            yield from self.objects(field, ours, theirs)
        elif isinstance(ours, list) and isinstance(theirs, list) and holds_objects(ours, theirs):
            yield from self.lists(field, ours, theirs)
        elif not self.equal(ours, theirs):
            yield field, self.names.shown(ours), self.names.shown(theirs)

    def objects(
        self, field: str, ours: dict[str, Any], theirs: dict[str, Any]
    ) -> Iterator[tuple[str, ...]]:
        """Field by field, the id first; an object of its own begins a new path."""
        kind = ours.get("object")
        base = kind if isinstance(kind, str) else field
        for name in sorted({*ours, *theirs}, key=lambda name: (name != "id", name)):
            inner = f"{base}.{name}".lstrip(".")
            if name not in theirs:
                yield inner, ONLY_SIMULATOR
            elif name not in ours:
                yield inner, ONLY_LOCALSTRIPE
            else:
                yield from self.values(inner, ours[name], theirs[name])

    def lists(self, field: str, ours: list[Any], theirs: list[Any]) -> Iterator[tuple[str, ...]]:
        """Rows of one object are compared wherever they stand; then their order."""
        places = self.places(ours, theirs)
        for row, place in zip(ours, places, strict=True):
            if place is not None:
                yield from self.values(f"{field}[]", row, theirs[place])
        if places != list(range(len(theirs))):
            yield f"{field}[]", self.order(ours), self.order(theirs)

    def places(self, ours: list[Any], theirs: list[Any]) -> list[int | None]:
        """Where the other list has each row: known objects by id, the others in order."""
        known = {key: place for place, row in enumerate(theirs) if (key := self.key(row))}
        found = [known.get(self.key(row)) for row in ours]
        free = (place for place, row in enumerate(theirs) if self.key(row) is None)
        return [
            next(free, None) if place is None and self.key(row) is None else place
            for place, row in zip(found, ours, strict=True)
        ]

    def key(self, row: Any) -> str | None:
        """The name of a row, or of the object that an event tells of; None where it is new."""
        if not isinstance(row, dict):
            return None
        about = row["data"]["object"] if row.get("object") == "event" else row
        name = str(about.get("id", ""))
        return self.names.names.get(name) or (None if ID.match(name) else name or None)

    def order(self, rows: list[Any]) -> str:
        """A list's rows by name."""
        return ", ".join(self.key(row) or self.names.shown(row) for row in rows) or "none"

    def equal(self, ours: Any, theirs: Any) -> bool:
        """Ids by what they stand for; a whole float is an integer."""
        if isinstance(ours, str) and isinstance(theirs, str):
            return self.names.same_text(ours, theirs)
        return bool(ours == theirs) and isinstance(ours, bool) == isinstance(theirs, bool)


def holds_objects(*lists: list[Any]) -> bool:
    """Whether the rows are objects and not plain values."""
    return any(isinstance(row, dict) for rows in lists for row in rows)
