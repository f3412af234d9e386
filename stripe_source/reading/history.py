"""History: the snapshots that events carry, one version an event, read apart from the pointers.

    {"read_to": {"customers": 1790000000},    until when the events of a resource are in its history
     "seen": ["evt_1", ...],                  events around that time which are in
     "columns": "2026-10-28.endive ...",      what the tables show
     "tables": {"customers_history": true},   the tables, and whether rows of events came
     "refill": "...",                         why all that Stripe has is to be read again
     "kept": [0, false],                      from which `created` on, and whether on test clocks
     "types": [..], "until": 1790000000,      a read under way: of which types, until when it is
     "pending": [[0, 1780000000, null]]}      whole, and the spans that are left

The first sync takes in what Stripe still has, 30 days. A later one asks the shared read of the
events first, and reads nothing where that has nothing new.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import dlt
import pyarrow as pa
import pyarrow.compute as pc

from stripe_source.catalog import Resource
from stripe_source.errors import StripeSourceError
from stripe_source.extract.feed import (
    AGED_OUT,
    EVENTS,
    LATENESS,
    MOST_TYPES,
    REACH,
    RETENTION,
    AgedOut,
)
from stripe_source.extract.loaded import note_rows, note_tables
from stripe_source.extract.plan import with_head
from stripe_source.extract.reader import ListReader, Read
from stripe_source.extract.spans import Bounds, Span, from_state, seconds
from stripe_source.reading.reading import HISTORY
from stripe_source.reading.whole import whole
from stripe_source.reading.work import Work
from stripe_source.settings import API_VERSION
from stripe_source.tables.history import histories_of, once
from stripe_source.tables.layout import Table
from stripe_source.tables.maker import Tables, is_batch
from stripe_source.tables.snapshots import Wanted, snapshots, versions
from stripe_source.tables.types import arrow_schema

log = logging.getLogger("stripe_source")

EVENTS_OF_HISTORY = replace(EVENTS, name=HISTORY)


@dataclass
class History:
    """The read of one run. ``places`` counts the events read, so that they keep their order."""

    work: Work
    rows: Sequence[Resource]
    places: int = 0
    met: set[str] = field(default_factory=set)

    @property
    def types(self) -> list[str]:
        """The events that tell versions."""
        own = {kind for row in self.rows for kind in row.events}
        parts = [part for row in self.rows for part in row.embedded if part.history]
        return sorted(own.union(*(part.events for part in parts)))

    def batches(self) -> Iterator[Tables]:
        """Read what is due, in bounded runs up to what a run may read."""
        self.work.reading.place.prepare()
        if self.work.reading.settings.bounds.end is not None:
            return  # a one-off window of rows moves no cursor
        columns = " ".join([API_VERSION, *(n for row in self.rows for n in row.histories)])
        if self.work.state.get("columns") != columns:
            self.work.state["columns"] = columns
            yield {table.name: arrow_schema(table).empty_table() for table in _histories(self.rows)}
        if self.work.reading.report.runs == 0:
            self._begin()
        try:
            yield from self._read()
        except StripeSourceError:
            self.work.reading.report.pending -= self._names()  # or a sync would ask again and again
            raise

    def _begin(self) -> None:
        """Note in the state what is to be read; what was pending for other types starts again."""
        state, now = self.work.state, self.work.reading.client.clock.seen()
        read_to = state.setdefault("read_to", {})
        oldest = now - RETENTION
        new, refill = self._new_tables(), state.pop("refill", None)
        if refill:
            log.warning("%s; it gets what Stripe's events tell", refill)
        if self._keeps_more() or refill or new:
            read_to.clear()
            state.pop("pending", None)
        since = max(min(read_to.get(row.name, 0) for row in self.rows) - LATENESS, oldest)
        if state.get("types") != self.types:
            state.pop("pending", None)  # it would be walked with other types than it was begun
        if state.get("pending"):
            start = max(state["until"] - LATENESS, oldest)
            state["pending"] = with_head(state["pending"], start)
        elif self._has_news(since, now):
            state |= {"pending": [Span(since).state()], "types": self.types}
        else:
            return
        state |= {"until": now, "seen": []}

    def _new_tables(self) -> list[str]:
        """The tables that were left out before; notes all that are loaded, now or else."""
        ours = [table.name for table in _histories(self.rows)]
        others = [name for name in self.work.state.get("tables", {}) if name not in ours]
        chosen = dlt.current.source().selected_resources
        return note_tables(self.work.state, others + [name for name in ours if name in chosen])

    def _keeps_more(self) -> bool:
        """Whether older objects or test clocks are wanted that the last sync left out."""
        settings = self.work.reading.settings
        wanted = [settings.bounds.start or 0, settings.test_clocks]
        start, clocks = self.work.state.get("kept", wanted)
        self.work.state["kept"] = wanted
        return bool(wanted[0] < start or wanted[1] > clocks)

    def _has_news(self, since: int, now: int) -> bool:
        """Whether the shared read of the events has one that is not in; else moves the cursors."""
        if now - since > REACH:
            return True
        feed, state = self.work.reading.feed, self.work.state
        try:
            told, until = feed.told(self.types, since)
        except AgedOut:
            return True
        if not told <= set(state["seen"]):
            return True
        state["seen"] = sorted(feed.told(self.types, until - LATENESS)[0])
        self._is_read_to(until)
        return False

    def _is_read_to(self, until: int) -> None:
        self.work.state["read_to"] |= {row.name: until for row in self.rows}

    def _read(self) -> Iterator[Tables]:
        state = self.work.state
        if not state.get("pending"):
            return
        try:
            yield from self._pages(from_state(state["pending"]))
        except StripeSourceError as refusal:
            if AGED_OUT not in str(refusal):
                raise
            # The event that a span goes on behind is gone: what is left of it is read again.
            oldest = self.work.reading.client.clock.seen() - REACH
            spans = [Span(max(s.start or 0, oldest), s.end) for s in from_state(state["pending"])]
            yield from self._pages([s for s in spans if s.end is None or s.end > oldest])

    def _pages(self, spans: Sequence[Span]) -> Iterator[Tables]:
        if not spans:
            self._advance([])
        types = [("types[]", kind) for kind in self.types]
        only = types if len(types) <= MOST_TYPES else []
        reader = ListReader(self.work.reading.client, EVENTS_OF_HISTORY, spans, only)
        collected: list[Read] = []
        for read in reader.pages():
            collected.append(read)
            rows = sum(r.page.rows for r in collected)
            if self.work.is_full(rows):
                reader.stop()
            if is_batch(r.page for r in collected) or not read.pending:
                yield self._flush(collected)
                collected = []
        if collected:
            yield self._flush(collected)

    def _flush(self, collected: Sequence[Read]) -> Tables:
        """Turn the pages into tables, and note in the state that they are read."""
        pages = [read.page.body for read in collected]
        tables = self._tables(pages, [read.sent_at for read in collected])
        self._advance(collected[-1].pending)
        self.work.rows += sum(read.page.rows for read in collected)
        self.work.note_stamp(read.sent_at for read in collected)
        for name, rows in tables.items():
            self.work.reading.sync.add(name, rows.num_rows)
            if rows.num_rows:
                note_rows(self.work.state, name)
        self._note_pending()
        return tables

    def _tables(self, pages: Sequence[bytes], sent_at: Sequence[float]) -> Tables:
        reading = self.work.reading
        wanted = Wanted(
            account_id=reading.account.id,
            bounds=Bounds(reading.settings.bounds.start),
            test_clocks=reading.settings.test_clocks,
            oddities=reading.sync.oddities,
            erased=self.work.held.erased,
            masks=reading.settings.masks,
        )
        found = self._numbered(snapshots(pages, sent_at))
        parts: dict[str, list[pa.Table]] = {}
        for row in self.rows:
            for name, rows in versions(row, whole(reading.client, row, found), wanted).items():
                parts.setdefault(name, []).append(rows)
        return {table.name: once(table, parts[table.name]) for table in _histories(self.rows)}

    def _numbered(self, found: pa.Table) -> pa.Table:
        """The events not met before in this run, with their ``place`` in the order of reading."""
        ids = found["event"].to_pylist()
        places = range(self.places, self.places + len(ids))
        self.places += len(ids)
        again = pa.array([event in self.met for event in ids], pa.bool_())
        self.met.update(ids)
        found = found.append_column("place", pa.array(places, pa.int64()))
        recent = pc.greater_equal(found["told"], self.work.state.get("until", 0) - LATENESS)
        seen = set(self.work.state.get("seen", [])) | set(found["event"].filter(recent).to_pylist())
        self.work.state["seen"] = sorted(seen)
        return found.filter(pc.invert(again))

    def _advance(self, left: Sequence[Span]) -> None:
        """Note what is still to be read; at the end, until when all is in."""
        state = self.work.state
        state["pending"] = [span.state() for span in left]
        if not left:
            self._is_read_to(state.pop("until"))
            del state["pending"], state["types"]

    def _note_pending(self) -> None:
        """Report how much is left; a sync goes on with the names of the tables that need it."""
        report, names = self.work.reading.report, self._names()
        spans = from_state(self.work.state.get("pending", []))
        now = self.work.reading.client.clock.seen()
        report.at(HISTORY, seconds(spans, now, now - RETENTION))
        if spans:
            report.pending.update(names)
        else:
            report.pending.difference_update(names)

    def _names(self) -> set[str]:
        return {f"{row.name}_history" for row in self.rows}


def _histories(rows: Iterable[Resource]) -> list[Table]:
    """The history tables of these rows, each once: some rows share theirs."""
    every = {table.name: table for row in rows for table in histories_of(row).values()}
    return list(every.values())
