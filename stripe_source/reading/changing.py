"""Changes: what the events point to, read again as it is now."""

import logging
from collections.abc import Iterator

from stripe_source.errors import PermissionDenied
from stripe_source.extract.feed import AgedOut, Change
from stripe_source.extract.plan import relist, take_in, without_events
from stripe_source.extract.progress import pending_changes, settle
from stripe_source.extract.refetch import Refetched, Refetcher
from stripe_source.reading.work import Work
from stripe_source.tables.maker import Answer, Tables, is_enough

log = logging.getLogger("stripe_source")

GONE_EVENTS = "Stripe no longer has all events since the last sync"


def changed(work: Work, *, follows: bool) -> Iterator[Tables]:
    """Read again what has changed; with ``follows``, after asking the events for it."""
    if follows:
        _follow(work)
    deleted = [c for c in pending_changes(work.state) if _is_gone_for_good(work, c)]
    if deleted:
        yield _bury(work, deleted)
    wanted = pending_changes(work.state)
    if not wanted or work.is_full():
        return
    refetcher = Refetcher(work.reading.client, work.row, wanted)
    collected: list[Refetched] = []
    rows = size = 0
    for result in refetcher.results():
        collected.append(result)
        rows += result.page.weight if result.page else 1
        size += len(result.page.body) if result.page else 0
        if result.refused is not None:
            work.refused.append(str(result.refused))
        if work.is_full(rows):
            refetcher.stop()
        if is_enough(rows, size):
            yield from _flush(work, collected)
            collected, rows, size = [], 0, 0
    if collected:
        yield from _flush(work, collected)


def _follow(work: Work) -> None:
    """Take in what the events say; where they can't be had, something else is to be read."""
    cursor, seen = work.state["updated"], work.state["seen"]
    try:
        news = work.reading.feed.news(work.row, cursor, seen)
    except AgedOut:
        relist(work.row, work.state, GONE_EVENTS, work.reading.client.clock.seen())
        work.state |= {"updated": work.reading.client.clock.seen(), "seen": [], "changes": []}
    except PermissionDenied as denied:
        why = f"changes can't be seen, for the key may not read events: {denied}"
        work.reading.report.skip("events", why, "denied")
        without_events(work.row, work.state)
    else:
        work.note_stamp([news.stamp])
        take_in(work.state, news)


def _is_gone_for_good(work: Work, change: Change) -> bool:
    return change.deleted_at is not None and not work.row.reuses_ids


def _bury(work: Work, deleted: list[Change]) -> Tables:
    gone = {change.id: change.deleted_at or 0 for change in deleted}
    tables = work.buried(gone, work.reading.client.clock.stamp())
    settle(work.state, deleted)
    return tables


def _flush(work: Work, collected: list[Refetched]) -> Iterator[Tables]:
    """Turn the answers into tables, and note in the state that they are read."""
    answers: list[Answer] = [(r.page, r.sent_at) for r in collected if r.page is not None]
    gone = {c.id: c.deleted_at or int(r.sent_at) for r in collected for c in r.gone}
    settled = [change for result in collected for change in result.settled]
    if gone:
        yield work.buried(gone, max(r.sent_at for r in collected))
    if answers:
        tables = work.tables(answers, only={change.id for change in settled})
        settle(work.state, settled)
        yield work.hand_on(tables)
    settle(work.state, settled)
    work.note_pending()
