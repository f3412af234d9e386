"""The known differences, each with its reason."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from .comparison import ONLY_LOCALSTRIPE, ONLY_SIMULATOR, Difference

FILE = Path(__file__).parents[1] / "data" / "localstripe_differences.toml"


def listed() -> set[tuple[str, ...]]:
    """All that the file lists, in the form of ``keys``; one entry may not be there twice."""
    entries: list[dict[str, Any]] = tomllib.loads(FILE.read_text())["difference"]
    for entry in entries:
        assert entry["why"].strip(), entry
    found = [key for entry in entries for key in keys_of(entry)]
    assert len(found) == len(set(found)), sorted(k for k in found if found.count(k) > 1)
    return set(found)


def keys_of(entry: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """What one reason is for."""
    for ours, theirs, steps in entry.get("status", ()):
        yield from (("status", str(ours), str(theirs), step) for step in steps)
    yield from (tuple(value) for value in entry.get("values", ()))
    for side in (ONLY_SIMULATOR, ONLY_LOCALSTRIPE):
        for name, fields in entry.get(side.replace(" ", "_"), {}).items():
            yield from ((f"{name}.{field}", side) for field in fields)


def keys(differences: Iterable[Difference]) -> set[tuple[str, ...]]:
    """Statuses by step; values by field, whatever the step; fields of one server alone by name."""
    found: set[tuple[str, ...]] = set()
    for each in differences:
        if each.field == "status":
            found.add(("status", each.simulator, each.localstripe, each.step))
        elif each.localstripe:
            found.add((each.field, each.simulator, each.localstripe))
        else:
            found.add((each.field, each.simulator))
    return found
