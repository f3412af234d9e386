"""What a sync has to read of a resource, noted in the state that `progress` describes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from stripe_source.catalog import Resource
from stripe_source.extract.feed import DAY, LATENESS, REACH, Change, News
from stripe_source.extract.progress import (
    ASKED,
    ROUTINE,
    State,
    end_walk,
    pending,
    pending_changes,
)
from stripe_source.extract.spans import CLOCKS, Bounds, Span, from_state

HOUR = 3_600
NO_CURSOR = "the tables have rows, and dlt's state no cursor for them"
WINDOWS = "only windows of time were loaded before"
GAP = "the last sync was {days} days ago, and Stripe keeps events for 30"
NEW_COLUMNS = "the API version or what is expanded has changed"
NEW_MASKS = "what is left out or hashed has changed"
NEW_TABLES = "not loaded before: {names}"
EMPTIED = "dropped or emptied: {names}"
GRANTED = "denied to the key before: {names}"
RESUMED = "the first reading broke off"
EARLIER = "it starts earlier, where windows of time were loaded that no sync kept up"
NEW_CLOCKS = "objects on test clocks are wanted from now on"


@dataclass(frozen=True)
class Circumstances:
    """What decides how a resource is read: Stripe's time, and what the user wants.

    ``held`` says that the destination has rows of it. ``relist_every`` is the least time in seconds
    between two re-lists that take more than one request. ``relist`` is why all of it is to be
    listed again, if it is. With ``clocks`` objects on test clocks are read, too. ``watching`` says
    that syncs follow on each other closely: then no list is looked at more often than that.
    """

    now: int
    bounds: Bounds
    held: bool = False
    relist_every: int = 3600
    relist: str | None = None
    clocks: bool = False
    watching: bool = False


def begin(resource: Resource, state: State, given: Circumstances) -> bool:
    """Note in the state what this sync has to read; whether events tell of changes, too."""
    if given.bounds.end is not None:
        _window(resource, state, given)
        return False
    state.pop("clocks", None)
    if given.clocks:
        state["clocks"] = True
    since, now = given.bounds.start or 0, given.now
    first = "updated" not in state
    if first:
        state |= {"updated": now, "seen": [], "changes": []}
        _note_listed(resource, state, now)
        state["created"] = {"since": since, "read_to": now, "pending": []}
        if not given.held:
            state["created"] |= {"pending": _all(resource, state), "backfill": True}
            return False
    elif state["created"].get("backfill"):
        state["created"]["resumed"] = True
    unknown = WINDOWS if state.get("windows") else NO_CURSOR
    lost = unknown if first else _gap(resource, state, now)
    why = lost or given.relist
    if why is None and state["created"].get("resumed") and is_whole_walk(resource):
        why = RESUMED  # it starts at its head in any case
    if why is None and since < state["created"]["since"] and state.get("windows"):
        why = EARLIER
    if why is not None:
        state["created"]["since"] = min(since, state["created"]["since"])
        relist(resource, state, why, now)
    if lost:
        state |= {"updated": now, "seen": [], "changes": []}
        return False
    _older(resource, state, since)
    _routine(resource, state, given)
    return bool(resource.events)


def relist(resource: Resource, state: State, why: str, now: int) -> None:
    """Have the whole list read again and compared; whatever else was to be read is part of it."""
    created = state["created"]
    created |= {"read_to": now, "pending": []}
    end_walk(created)
    _note_listed(resource, state, now)
    state["relist"] = {"why": why, "at": now, "requests": 0, "drift": {},
                       "pending": _all(resource, state, oldest_kept(resource, now))}  # fmt: skip


def take_in(state: State, news: News) -> None:
    """Note the changes that events tell of, and move the cursor behind them."""
    waiting = {change.id: change for change in pending_changes(state)}
    spans = pending(state, "created")
    if state.get("relist", {}).get("why") not in (ASKED, NEW_COLUMNS, NEW_MASKS):
        spans += pending(state, "relist")  # but for those that are to find what events don't tell
    since = state["created"]["since"]
    for change in news.changes:
        if not _is_read_anyway(change, spans, since):
            waiting[change.id] = change
    state["changes"] = [[c.id, c.created, c.deleted_at] for c in waiting.values()]
    state |= {"updated": news.until, "seen": news.events}
    state["created"]["read_to"] = max(state["created"]["read_to"], news.until)


def without_events(resource: Resource, state: State) -> None:
    """Read what is new by the list where the key may not read the events; the cursor stays."""
    if resource.relist == "never":
        _head(resource, state)
        created = state["created"]
        if state.get("clocks") and not any(s.of for s in pending(state, "created")):
            created["pending"] = [*created["pending"], Span(created["since"], of=CLOCKS).state()]


def is_whole_walk(resource: Resource) -> bool:
    """Whether a re-list is one walk from the head, for the list can't be filtered."""
    return resource.cursor is None


def _window(resource: Resource, state: State, given: Circumstances) -> None:
    known, bounds = state.get("window"), given.bounds
    if known and (known["start"], known["end"]) == (bounds.start, bounds.end):
        return
    start = (bounds.start or 0) if resource.cursor else None
    span = Span(start, bounds.end if resource.cursor else None)
    spans = _with_clocks(span, given.clocks)
    state["window"] = {"start": bounds.start, "end": bounds.end, "pending": spans}
    state["windows"] = True


def oldest_kept(resource: Resource, now: int) -> int:
    """Since when Stripe is sure to have everything, in seconds, for as long as a walk may take."""
    return 0 if resource.kept_days is None else now - resource.kept_days * DAY + HOUR


def _all(resource: Resource, state: State, oldest: int = 0) -> list[Any]:
    since = max(state["created"]["since"], oldest)
    return _with_clocks(Span(since if resource.cursor else None), state.get("clocks"))


def _with_clocks(span: Span, wanted: bool | None, since: int | None = None) -> list[Any]:
    """A span and, if wanted, the same of what lives on test clocks; since then, if it says so."""
    if not wanted:
        return [span.state()]
    start = span.start if since is None else since
    return [span.state(), replace(span, start=start, of=CLOCKS).state()]


def _gap(resource: Resource, state: State, now: int) -> str | None:
    age = now - state["updated"]
    if not resource.events or age <= REACH:
        return None
    return GAP.format(days=age // DAY)


def _older(resource: Resource, state: State, since: int) -> None:
    """An earlier start than before: what lies between is to be read, too."""
    created = state["created"]
    if since >= created["since"]:
        return
    span = Span(since, created["since"]) if resource.cursor else Span(None)
    created["pending"] = [*created["pending"], *_with_clocks(span, state.get("clocks"))]
    created["since"] = since


def _routine(resource: Resource, state: State, given: Circumstances) -> None:
    """What this sync reads beside the events: a re-list if one is due, else what is new."""
    left = state.get("relist")
    if left is not None and is_whole_walk(resource):
        left["pending"] = _all(resource, state)  # an old cursor would miss what is new
    elif left is not None:
        head = max(_next_start(state), oldest_kept(resource, given.now))
        left["pending"] = with_head(left["pending"], head)
    elif _was_just_listed(state, given):
        return
    elif _relist_is_due(resource, state, given):
        start = _relist_start(resource, state, given.now)
        # A clock has a time of its own, to which days before now mean nothing.
        whole = None if start is None else state["created"]["since"]
        spans = _with_clocks(Span(start), state.get("clocks"), whole)
        state["relist"] = {"why": ROUTINE, "at": given.now, "requests": 0,
                           "drift": {}, "pending": spans}  # fmt: skip
    elif resource.relist != "never":
        _head(resource, state)
    if is_whole_walk(resource) and state["created"]["pending"]:
        state["created"]["pending"] = _all(resource, state)
    if left is not None or resource.relist != "never":  # else it moves with the events
        state["created"]["read_to"] = given.now
        _note_listed(resource, state, given.now)


def _note_listed(resource: Resource, state: State, now: int) -> None:
    """Note that the list is looked at; where events tell of everything it is not, in between."""
    if resource.relist != "never":
        state["listed"] = now


def _was_just_listed(state: State, given: Circumstances) -> bool:
    """Whether a sync that watches can do without a list, for the last one looked at it."""
    if not given.watching or pending(state, "created"):
        return False
    return bool(given.now - state.get("listed", 0) < given.relist_every)


def _relist_is_due(resource: Resource, state: State, given: Circumstances) -> bool:
    """A short list is read at every sync, a longer one after a while."""
    if resource.relist in ("never", "new") or pending(state, "created"):
        return False
    last = state.get("relisted") or state.get("backfilled") or {"at": 0, "requests": 0}
    return bool(last["requests"] <= 1 or given.now - last["at"] >= given.relist_every)


def _relist_start(resource: Resource, state: State, now: int) -> int | None:
    if is_whole_walk(resource):
        return None
    since = int(state["created"]["since"])
    if isinstance(resource.relist, int):
        last = state.get("relisted", {}).get("at", state["created"]["read_to"])
        watched = min(now, last, state["created"]["read_to"]) - resource.relist * DAY
        return max(min(int(watched), _next_start(state)), since)
    return since


def _head(resource: Resource, state: State) -> None:
    """What was created since the last sync."""
    created = state["created"]
    if not is_whole_walk(resource):
        created["pending"] = with_head(created["pending"], _next_start(state))
    elif not created["pending"]:
        created |= {"pending": [Span(None).state()], "floor": _next_start(state)}


def with_head(spans: list[Any], start: int) -> list[Any]:
    """The spans with the head of the list; a head that was not begun is begun now."""
    known = from_state(spans)
    heads = [span for span in known if (span.end, span.after, span.of) == (None, None, None)]
    rest = [span for span in known if span not in heads]
    starts = [head.start or 0 for head in heads]
    return [span.state() for span in (*rest, Span(min([start, *starts])))]


def _next_start(state: State) -> int:
    """Where the next read of new rows begins, given how far the last one came."""
    created = state["created"]
    start = min(created["read_to"], state.get("listed", created["read_to"])) - LATENESS
    start = min(start, created.pop("newest", start))
    return max(int(start), int(created["since"]))


def _is_read_anyway(change: Change, spans: Sequence[Span], since: int) -> bool:
    """Whether an object lies in what is still to be listed, or outside what is asked for."""
    if change.created is None or change.deleted_at is not None:
        return False
    if change.created < since:
        return True
    return any(_holds(span, change.created) for span in spans)


def _holds(span: Span, created: int) -> bool:
    """Whether the span is sure to list an object: one on its last row's second may be behind it.

    Of objects on test clocks the events give no ``created`` here, so that they are read by id.
    """
    if span.of is not None:
        return False
    if span.after is not None and span.end is None:
        return False  # there is no telling how far it has come
    if span.start is None:
        return span.end is None
    end = span.end if span.end is None or span.after is None else span.end - 1
    return span.start <= created and (end is None or created < end)
