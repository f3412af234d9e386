"""Scripted faults: which requests are to go wrong, and how.

A fault is a dict. Which requests it is for (all of what is given must fit):

| key | value |
| --- | --- |
| `path` | how the path begins; all paths where absent |
| `exact` | true: the path is `path` and no longer |
| `method` | `GET`, `POST` or `DELETE` |
| `query` | a text in the decoded query, such as `starting_after=` |
| `key` | the API key that was sent |
| `account` | the account that was asked for |
| `nth` | the first of those requests to fail, from 1 |
| `every` | after that, every so many-th of them |
| `probability` | after that, each with this chance, by the account's seed |
| `after` | only once so many real seconds have passed since it was added |
| `times` | how many fail in all: 1, or no end (null) with `every` or `probability` |

What happens is `kind`, with keys of its own: see `outcomes`. Each fault counts by itself: `seen`
requests that were for it, `met` that it failed.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, MutableSequence
from typing import Any, overload
from urllib.parse import unquote_plus

from stripe_source.simulator.api.keys import key_text
from stripe_source.simulator.api.messages import Request
from stripe_source.simulator.server.outcomes import cursor_in
from stripe_source.simulator.server.script import checked
from stripe_source.simulator.types import Json


class Faults(MutableSequence[Json]):
    """The faults that wait for their requests: a list that takes only what it understands."""

    def __init__(self, seed: int = 1) -> None:
        self._faults: list[Json] = []
        self._random = random.Random(seed)

    def due(self, request: Request, account_id: str) -> Json | None:
        """The fault that this request meets: the first that is due; the others only count."""
        met: Json | None = None
        for fault in list(self._faults):
            if not is_for(fault, request, account_id):
                continue
            fault["seen"] += 1
            if met is None and self._strikes(fault):
                fault["met"] += 1
                met = fault
        return met

    def _strikes(self, fault: Json) -> bool:
        since = fault["seen"] - fault.get("nth", 1)
        endless = "every" in fault or "probability" in fault
        times = fault.get("times", None if endless else 1)
        return bool(
            since >= 0
            and (times is None or fault["met"] < times)
            and since % fault.get("every", 1) == 0
            and self._random.random() < fault.get("probability", 1.0)
        )

    @overload
    def __getitem__(self, index: int) -> Json: ...
    @overload
    def __getitem__(self, index: slice) -> list[Json]: ...
    def __getitem__(self, index: int | slice) -> Json | list[Json]:
        return self._faults[index]

    @overload
    def __setitem__(self, index: int, value: Json) -> None: ...
    @overload
    def __setitem__(self, index: slice, value: Iterable[Json]) -> None: ...
    def __setitem__(self, index: int | slice, value: Any) -> None:
        if isinstance(index, slice):
            self._faults[index] = [checked(each) for each in value]
        else:
            self._faults[index] = checked(value)

    def __delitem__(self, index: int | slice) -> None:
        del self._faults[index]

    def __len__(self) -> int:
        return len(self._faults)

    def insert(self, index: int, value: Json) -> None:
        """Add a fault; ``append`` and ``extend`` come here too. Raises FaultError."""
        self._faults.insert(index, checked(value))


def is_for(fault: Json, request: Request, account_id: str) -> bool:
    """Whether a request is one of those that a fault is for."""
    path: str = fault.get("path", "/")
    if not request.path.startswith(path) or (fault.get("exact") and request.path != path):
        return False
    if fault.get("method", request.method) != request.method:
        return False
    if time.monotonic() - fault["since"] < fault.get("after", 0):
        return False
    if fault.get("query", "") not in unquote_plus(request.query):
        return False
    if fault["kind"] in ("404_cursor", "cursor_deleted") and cursor_in(request) is None:
        return False
    if "key" in fault and fault["key"] != key_text(request.headers.get("authorization")):
        return False
    return fault.get("account") in (None, account_id)
