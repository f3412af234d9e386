"""Lists: what is new, and what is listed again to be compared with the destination."""

import logging
from collections.abc import Iterator, Sequence

from stripe_source.extract.feed import Change
from stripe_source.extract.progress import ASKED, Part, advance, pending, wait_for
from stripe_source.extract.reader import ListReader, Read
from stripe_source.extract.refetch import Refetcher
from stripe_source.extract.spans import CLOCKS, Span
from stripe_source.reading.comparing import (
    comparison,
    listed_at_all,
    of_no_owner,
    tells_page_by_page,
    within,
)
from stripe_source.reading.observed import observed
from stripe_source.reading.work import Work
from stripe_source.tables.ahead import Ahead, Made
from stripe_source.tables.maker import PARSED_ROWS, Answer, Tables

log = logging.getLogger("stripe_source")


def listed(work: Work, part: Part) -> Iterator[Tables]:
    """Read what is pending of one part; yields the rows that are to be loaded."""
    due = pending(work.state, part)
    later = part == "relist" and work.state.get(part, {}).get("why") == ASKED
    if later and work.reading.report.runs == 0 and work.reading.sync.followed:
        return  # what events tell has to be loaded first, or it would count as drift
    if not due or work.is_full():
        return
    spans = work.reading.clocks.spans(work.row, due)
    relisting = Relisting(work) if part == "relist" else None
    if work.state[part].get("backfill"):
        work.reading.sync.whole = True
    if relisting and not relisting.routine:
        work.reading.sync.whole = True
        work.reading.report.relisted[work.row.name] = work.state["relist"]["why"]
        log.warning("%s is listed again: %s", work.row.name, work.state["relist"]["why"])
    if relisting:
        yield from relisting.left_behind(due)
    if not spans:  # they were of test clocks, and there are none
        advance(work.state, part, [], 0)
        return
    yield from _walked(work, part, relisting, spans)


def _walked(
    work: Work, part: Part, relisting: "Relisting | None", spans: Sequence[Span]
) -> Iterator[Tables]:
    report, key = work.reading.report, (work.row.name, part)
    ahead = report.ahead.get(key)  # the run before has left it on the way
    if ahead is not None and ahead.left != tuple(spans):
        ahead.stop()
        ahead = None
    ahead = report.ahead[key] = ahead or _ahead(work, part, spans)
    on_the_way = False
    try:
        yield {}  # it reads by itself, and dlt can turn to the next resource
        for batch in ahead.batches(work.wanted):
            yield from _flush(work, part, relisting, batch)
            if work.is_full(since=None if ahead.held_up else ahead.since):
                on_the_way = work.reading.sync.followed
                ahead.leave()
                return
    finally:
        if not on_the_way:
            ahead.stop()
            report.ahead.pop(key, None)


def _ahead(work: Work, part: Part, spans: Sequence[Span]) -> Ahead:
    """The list from here on, read ahead of what is loaded."""
    recipe, maker = work.recipe(part), work.reading.sync.room.maker
    floor = work.state[part].get("floor")
    return Ahead(
        ListReader(work.reading.client, work.row, spans, floor=floor),
        lambda reads: maker.make(
            recipe, work.reading.account.id, [(read.page, read.sent_at) for read in reads]
        ),
        work.reading.sync.room,
        most=work.reading.settings.chunk_rows,
        keys=part == "relist",
    )


def _flush(
    work: Work,
    part: Part,
    relisting: "Relisting | None",
    batch: Made,
) -> Iterator[Tables]:
    """Hand on the tables of some pages, and note in the state that they are read."""
    collected, left = batch.reads, batch.left
    tables = shown = work.taken(batch.tables, [(read.page, read.sent_at) for read in collected])
    if work.state[part].get("floor") is not None and work.held.readable:
        tables = comparison(work.row, work.held, tables).rows  # its head has mostly known rows
    if relisting is not None:
        tables = relisting.changed(tables)
        yield from relisting.absent(collected, at_end=not left)
    # A load that broke off may have brought rows without their versions: then all are looked at.
    routine = relisting is None or relisting.routine
    seen = observed(work, tables if routine else shown, part)
    tables = work.hand_on(tables, part) | seen
    advance(work.state, part, left, len(collected))
    work.note_pending()
    yield tables


class Relisting:
    """A re-list: rows that differ from the destination's are loaded, those that are gone marked."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.routine = work.state["relist"]["why"] == "routine"
        self._drift = work.state["relist"]["drift"]
        self._listed = work.reading.report.listed.setdefault(work.row.name, set())
        self._open = set(self._listed)  # by the run before: its last second may go on in this one
        self._readable = work.held.readable

    def changed(self, tables: Tables) -> Tables:
        """The rows of objects that are not in the destination as they are here."""
        return self._compared(tables) if self._readable else tables

    def absent(self, reads: Sequence[Read], *, at_end: bool) -> Iterator[Tables]:
        """What the destination has and the list has not: gone, if reading it by id says so, too.

        Lists leave out more than what was deleted, as prices that were made inline.
        """
        self._listed.update(identifier for read in reads for identifier, _ in read.page.keys)
        if not self._readable:
            return
        if tells_page_by_page(self.work.row):
            yield from self._missed(within(self.work.row, reads))
            self._open |= _of_an_open_second(reads)
            self._listed.clear()
            self._listed |= self._open
        elif at_end:
            clocks = bool(self.work.state.get("clocks"))
            yield from self._missed(listed_at_all(self.work.row, clocks=clocks))

    def left_behind(self, due: Sequence[Span]) -> Iterator[Tables]:
        """What the destination has on test clocks that are gone, and so in no list."""
        owners = self.work.reading.clocks.owners
        if self._readable and any(span.of == CLOCKS for span in due):
            condition = of_no_owner(self.work.row, due, owners(self.work.row))
            if condition is not None:
                yield from self._missed(condition)

    def _missed(self, condition: str) -> Iterator[Tables]:
        """What of the destination's rows no page has shown, read by id."""
        candidates = self.work.held.ids(self.work.own, condition)
        absent = [Change(i) for i in candidates if i not in self._listed]
        for start in range(0, len(absent), PARSED_ROWS):
            yield from self._looked_up(absent[start : start + PARSED_ROWS])

    def _looked_up(self, absent: Sequence[Change]) -> Iterator[Tables]:
        there: list[Answer] = []
        gone: dict[str, int] = {}
        left, stamp = set(absent), 0.0
        for result in Refetcher(self.work.reading.client, self.work.row, absent).results():
            stamp = max(stamp, result.sent_at)
            if result.refused is not None:
                self.work.refused.append(str(result.refused))
            left -= set(result.settled)
            gone |= {change.id: int(result.sent_at) for change in result.gone}
            if result.page is not None:
                there.append((result.page, result.sent_at))
        wait_for(self.work.state, left)  # what Stripe does not give is asked for again
        if gone:
            buried = self.work.buried(gone, stamp)
            for name, rows in buried.items():
                self._note(name, gone=rows.num_rows)
            yield buried | observed(self.work, buried, "relist")
        if there:
            changed = self._compared(self.work.tables(there))
            seen = observed(self.work, changed, "relist")
            yield self.work.hand_on(changed) | seen

    def _compared(self, tables: Tables) -> Tables:
        result = comparison(self.work.row, self.work.held, tables)
        for name, drift in result.drift.items():
            self._note(name, drift.missing, drift.stale, drift.gone)
        return result.rows

    def _note(self, table: str, missing: int = 0, stale: int = 0, gone: int = 0) -> None:
        old = self._drift.get(table, [0, 0, 0])
        now = [a + b for a, b in zip(old, (missing, stale, gone), strict=True)]
        if any(now):
            self._drift[table] = now
        if not self.routine:
            self.work.reading.sync.note_drift(table, missing, stale, gone)


def _of_an_open_second(reads: Sequence[Read]) -> set[str]:
    """The rows of each page's last second, which may go on in the page behind it."""
    return {
        identifier
        for read in reads
        if read.page.has_more
        for identifier, created in read.page.keys
        if created == read.page.last_created
    }
