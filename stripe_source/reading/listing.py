"""Lists: what is new, and what is listed again to be compared with the destination."""

import logging
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from stripe_source.api.pages import Page
from stripe_source.extract.feed import Change
from stripe_source.extract.plan import ASKED, Part, advance, is_whole_walk, pending
from stripe_source.extract.reader import ListReader, Read
from stripe_source.extract.refetch import Refetcher
from stripe_source.extract.spans import Span
from stripe_source.reading.work import BATCH_ROWS, Answer, Tables, Work
from stripe_source.tables.compare import Comparison, compare
from stripe_source.tables.layout import tables_of
from stripe_source.tables.sql import identifier

log = logging.getLogger("stripe_source")


def listed(work: Work, part: Part) -> Iterator[Tables]:
    """Read what is pending of one part; yields the rows that are to be loaded."""
    spans = pending(work.state, part)
    later = part == "relist" and work.state.get(part, {}).get("why") == ASKED
    if later and work.reading.report.runs == 0 and work.reading.settings.chunk_rows is not None:
        return  # what events tell has to be loaded first, or it would count as drift
    if not spans or work.is_full():
        return
    relisting = Relisting(work) if part == "relist" else None
    if relisting and work.state["relist"]["why"] != "routine":
        work.reading.report.relisted[work.row.name] = work.state["relist"]["why"]
        log.warning("%s is listed again: %s", work.row.name, work.state["relist"]["why"])
    reader = ListReader(work.reading.client, work.row, spans)
    floor = work.state[part].get("floor")
    collected: list[Read] = []
    for read in reader.pages():
        collected.append(read)
        left = read.pending
        if floor is not None and (read.page.last_created or 0) < floor:
            left = ()
            reader.stop()
        if work.is_full(sum(r.page.rows for r in collected)):
            reader.stop()
        if sum(r.page.rows for r in collected) >= BATCH_ROWS or not left:
            yield from _flush(work, part, relisting, collected, left)
            collected = []
    if collected:
        yield from _flush(work, part, relisting, collected, collected[-1].pending)


def _flush(
    work: Work,
    part: Part,
    relisting: "Relisting | None",
    collected: Sequence[Read],
    left: Sequence[Span],
) -> Iterator[Tables]:
    """Turn the pages into tables, and note in the state that they are read."""
    tables = work.tables([(read.page, read.sent_at) for read in collected], part=part)
    if relisting is not None:
        tables = relisting.changed(tables)
        yield from relisting.absent(collected, at_end=not left)
    tables = work.hand_on(tables, part)
    advance(work.state, part, left, len(collected))
    work.note_pending()
    yield tables


class Relisting:
    """A re-list: rows that differ from the destination's are loaded, those that are gone marked."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self._drift = work.state["relist"]["drift"]
        self._listed = work.reading.report.listed.setdefault(work.row.name, set())
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
        if not is_whole_walk(self.work.row):
            candidates = self.work.held.ids(self.work.own, self._within(reads))
        elif at_end:
            candidates = self.work.held.ids(self.work.own)
        else:
            return
        absent = [Change(i) for i in candidates if i not in self._listed]
        if absent:
            yield from self._looked_up(absent)

    def _within(self, reads: Sequence[Read]) -> str:
        """The time that the pages cover, as a condition on the destination's rows."""
        column = identifier(self.work.row.created_field)
        parts = []
        for read in reads:
            start, end = covered(read.span, read.page)
            times = [f"{column} >= {moment(start)}"]
            times += [f"{column} < {moment(end)}"] if end is not None else []
            parts.append(f"({' AND '.join(times)})")
        return " OR ".join(parts)

    def _looked_up(self, absent: Sequence[Change]) -> Iterator[Tables]:
        there: list[Answer] = []
        gone: dict[str, int] = {}
        stamp = 0.0
        for result in Refetcher(self.work.reading.client, self.work.row, absent).results():
            stamp = max(stamp, result.sent_at)
            gone |= {change.id: int(result.sent_at) for change in result.gone}
            if result.page is not None:
                there.append((result.page, result.sent_at))
        if gone:
            buried = self.work.buried(gone, stamp)
            for name, rows in buried.items():
                self._note(name, gone=rows.num_rows)
            yield buried
        if there:
            yield self.work.hand_on(self._compared(self.work.tables(there)))

    def _compared(self, tables: Tables) -> Tables:
        result = comparison(self.work, tables)
        for name, drift in result.drift.items():
            self._note(name, drift.missing, drift.stale, drift.gone)
        return result.rows

    def _note(self, table: str, missing: int = 0, stale: int = 0, gone: int = 0) -> None:
        old = self._drift.get(table, [0, 0, 0])
        now = [a + b for a, b in zip(old, (missing, stale, gone), strict=True)]
        if any(now):
            self._drift[table] = now
        if self.work.state["relist"]["why"] != "routine":
            self.work.reading.report.note_drift(table, missing, stale, gone)


def comparison(work: Work, tables: Tables) -> Comparison:
    """Rows as they were read against the destination's of the same objects."""
    ids = tables[work.row.name]["id"].to_pylist()
    held = {}
    for table in tables_of(work.row):
        owned = table is work.own or table.parent_id
        values = ids if owned else tables[table.name]["id"].unique().to_pylist()
        held[table.name] = work.held.rows(table, table.parent_id or "id", values)
    return compare(tables_of(work.row), tables, held)


def covered(span: Span, page: Page) -> tuple[int, int | None]:
    """The seconds, half-open, of which a page shows every row, but for those before its span.

    The page's last second may go on in the next page, which then covers it.
    """
    start = span.start or 0
    if page.has_more and page.last_created is not None:
        start = page.last_created + 1
    return start, span.end


def moment(seconds: int) -> str:
    """A time as SQL; every destination compares its times with such a text."""
    return f"'{datetime.fromtimestamp(seconds, UTC).isoformat()}'"
