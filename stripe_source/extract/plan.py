"""What is due for one resource, and how far it has come: kept in dlt's state, by account.

    {"updated": 1790000000,                      the change cursor: Stripe's clock at the start
     "columns": "2026-10-28.endive",             the version whose columns the tables have
     "created": {"since": 0,                     rows older than this were not asked for
                 "read_to": 1790000000,          everything created before it has been read, but for
                 "pending": [[0, 1780000000, null]],   these spans
                 "newest": 1789999000},          the newest row that has been read
     "window": {"start": .., "end": .., "pending": [..]}}     a one-off, while it is under way

The state is committed with the rows that it describes, so that a crash costs the chunk under way.
"""

from dataclasses import dataclass
from typing import Any

from stripe_source.catalog import Resource
from stripe_source.extract.spans import Span, from_state

State = dict[str, Any]

DAY = 86_400
OVERLAP = 60  # seconds that are read again, for rows whose writing took long


@dataclass(frozen=True)
class Bounds:
    """What the user asked for: half-open, in seconds. An end makes it a one-off window."""

    start: int | None = None
    end: int | None = None


def due(
    resource: Resource, state: State, bounds: Bounds, now: int, *, go_on: bool = False
) -> list[Span]:
    """The spans to read in this run. Stamps the cursors in ``state`` when a read begins.

    ``go_on`` says that this run continues the one before it, so that nothing new is due. Otherwise
    the head of the list is, beside whatever an interrupted run has left.
    """
    if bounds.end is not None:
        return _window(resource, state, bounds)
    if "updated" not in state:
        state["updated"] = now
    progress = state.get("created")
    if go_on and progress and progress["pending"]:
        return from_state(progress["pending"])
    if resource.cursor is None:
        return _whole(state)
    return _by_created(resource, state, bounds, now)


def advance(state: State, bounds: Bounds, pending: tuple[Span, ...]) -> None:
    """Note what is still to be read after the rows so far."""
    spans = [span.state() for span in pending]
    if bounds.end is not None:
        state["window"]["pending"] = spans
        if not spans:
            del state["window"]
        return
    state["created"]["pending"] = spans


def has_pending(state: State, bounds: Bounds) -> bool:
    """Whether the read that these bounds ask for has begun and is not at its end."""
    part = state.get("created" if bounds.end is None else "window")
    return bool(part and part["pending"])


def note_newest(state: State, bounds: Bounds, created: int) -> None:
    """Have the next read start no later than the newest row, should the clock be ahead."""
    progress = state.get("created")
    if bounds.end is None and progress and "read_to" in progress:
        progress["newest"] = max(created, progress.get("newest", 0))


def _window(resource: Resource, state: State, bounds: Bounds) -> list[Span]:
    known = state.get("window")
    if known and (known["start"], known["end"]) == (bounds.start, bounds.end):
        return from_state(known["pending"])
    start = (bounds.start or 0) if resource.cursor else None
    span = Span(start, bounds.end if resource.cursor else None)
    state["window"] = {"start": bounds.start, "end": bounds.end, "pending": [span.state()]}
    return [span]


def _whole(state: State) -> list[Span]:
    """A list without a filter is read from its head: an old cursor would miss what is new."""
    state["created"] = {"since": None, "pending": [Span(None).state()]}
    return [Span(None)]


def _by_created(resource: Resource, state: State, bounds: Bounds, now: int) -> list[Span]:
    since = bounds.start or 0
    progress = state.get("created")
    if progress is None:
        progress = {"since": since, "read_to": now, "pending": [[since, None, None]]}
        state["created"] = progress
        return from_state(progress["pending"])
    left = from_state(progress["pending"])
    heads = [span for span in left if span.end is None and span.after is None]
    spans = [span for span in left if span not in heads]  # a head that was not begun is begun now
    starts = [head.start or 0 for head in heads]
    spans.append(Span(min([_next_start(resource, progress, now), *starts])))
    if since < progress["since"]:
        spans.append(Span(since, progress["since"]))
        progress["since"] = since
    progress["read_to"] = now
    progress["pending"] = [span.state() for span in spans]
    return spans


def _next_start(resource: Resource, progress: State, now: int) -> int:
    """Where the next read of new rows begins, given how far the last one came."""
    if resource.relist == "whole":
        return int(progress["since"])
    start = progress["read_to"] - OVERLAP
    start = min(start, progress.pop("newest", start))
    if isinstance(resource.relist, int):
        start = min(start, now - resource.relist * DAY)
    return max(int(start), int(progress["since"]))
