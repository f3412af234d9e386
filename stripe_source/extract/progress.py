"""How far one resource has come, and what is left: kept in dlt's state, by account.

    {"columns": "2026-10-28.endive ...",         the version and the expands that the tables show
     "tables": {"invoices": true, ...},          those that are loaded, and whether rows came
     "updated": 1790000000,                      the change cursor: what events tell before it is in
     "seen": ["evt_1", ...],                     events around the cursor that were taken in
     "changes": [["in_1", 1780000000, null]],    objects that are still to be read again
     "created": {"since": 0,                     rows older than this are not asked for
                 "read_to": 1790000000,          everything created before it has been read, but for
                 "pending": [[0, 1780000000, null]],   these spans
                 "newest": 1789999000,           the newest row that has been read
                 "floor": 1789990000,            where a list without a filter may be left
                 "backfill": true,               while it is the first reading of all,
                 "resumed": true},               by a sync that goes on with another's
     "relist": {"why": "...", "at": ..,          a re-list under way, with what it has found
                "requests": 3, "drift": {..},    that the destination had otherwise
                "pending": [..]},
     "relisted": {"why": "...", "at": .., ..},   the last one that came to its end
     "listed": 1790000000,                       when the list was looked at last, beside the events
     "window": {"start": .., "end": .., "pending": [..]},     a one-off, while it is under way
     "windows": true,                            once a window was loaded
     "refill": "...",                            why all is to be listed again by the next sync
     "denied": ["payout_balance_transactions"],  tables that lack what the key might not read
     "masks": {"exclude_columns": [..], ..},     by which the rows are masked
     "backfilled": {"at": .., "requests": 3},    when the first reading began, and what it took
     "clocks": true}                             while what lives on test clocks is wanted, too

The state is committed with the rows that it describes, so that a crash costs the chunk under way.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from stripe_source.extract.feed import Change
from stripe_source.extract.spans import Bounds, Span, from_state

ASKED = "asked for"
ROUTINE = "routine"
"""Reasons to list again what is all there; for others rows may be missing until it is done."""

State = dict[str, Any]
Part = Literal["created", "relist", "window"]


def pending_changes(state: State) -> list[Change]:
    """Objects that are still to be read again."""
    return [Change(*change) for change in state.get("changes", [])]


def wait_for(state: State, objects: Iterable[Change]) -> None:
    """Note objects that are to be read again, as if an event had told of them."""
    waiting = {change.id for change in pending_changes(state)}
    new = sorted((c for c in objects if c.id not in waiting), key=lambda c: c.id)
    state["changes"] += [[c.id, c.created, c.deleted_at] for c in new]


def settle(state: State, settled: Iterable[Change]) -> None:
    """Note objects that have been read again."""
    done = {change.id for change in settled}
    state["changes"] = [change for change in state["changes"] if change[0] not in done]


def pending(state: State, part: Part) -> list[Span]:
    """The spans that are still to be read."""
    return from_state(state.get(part, {}).get("pending", []))


def advance(state: State, part: Part, spans: Sequence[Span], requests: int) -> None:
    """Note what is still to be read after the rows so far."""
    progress = state[part]
    progress["pending"] = [span.state() for span in spans]
    if part == "relist":
        progress["requests"] += requests
        if not spans:
            state["relisted"] = {k: v for k, v in progress.items() if k != "pending"}
    if progress.get("backfill"):
        taken = state.setdefault("backfilled", {"at": state["updated"], "requests": 0})
        taken["requests"] += requests
    if not spans and part == "created":
        end_walk(progress)
    elif not spans:
        del state[part]


def end_walk(created: State) -> None:
    """Forget what is noted while the list is read for the first time, or from its head."""
    for name in ("backfill", "resumed", "floor"):
        created.pop(name, None)


def has_pending(state: State, bounds: Bounds, refused: int = 0) -> bool:
    """Whether the read that these bounds ask for has begun and is not at its end.

    So many changes as were ``refused`` wait for another sync.
    """
    if bounds.end is not None:
        return bool(pending(state, "window"))
    waiting = len(state.get("changes", [])) > refused
    return bool(waiting or pending(state, "created") or pending(state, "relist"))


def is_incomplete(state: State) -> bool:
    """Whether older rows may be missing: they are read for the first time, or filled in again."""
    first = state.get("created", {}).get("backfill") and pending(state, "created")
    again = pending(state, "relist") and state["relist"]["why"] not in (ROUTINE, ASKED)
    return bool(first or again or "refill" in state)


def note_newest(state: State, created: int) -> None:
    """Have the next read start no later than the newest row, should the clock be ahead."""
    progress = state["created"]
    progress["newest"] = max(created, progress.get("newest", 0))


def is_first(state: State, part: Part) -> bool:
    """Whether rows of this part have never been read before, not even by a run that crashed."""
    created = state["created"] if part == "created" else {}
    return bool(created.get("backfill")) and not created.get("resumed")
