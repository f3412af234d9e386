"""One resource in one run: where it stands, and how its pages become tables."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import dlt
import pyarrow as pa
import pyarrow.compute as pc

from stripe_source.blanking import MASKS, note_masks
from stripe_source.catalog import Resource
from stripe_source.extract.loaded import accounts_in, note_rows, note_tables
from stripe_source.extract.plan import (
    NEW_CLOCKS,
    NEW_COLUMNS,
    NEW_MASKS,
    NEW_TABLES,
    Circumstances,
)
from stripe_source.extract.progress import (
    ASKED,
    Part,
    State,
    has_pending,
    is_first,
    note_newest,
    pending,
)
from stripe_source.extract.spans import Bounds, seconds
from stripe_source.held import Held
from stripe_source.reading.belonging import check_account
from stripe_source.reading.denied import denied_tables
from stripe_source.reading.reading import Reading
from stripe_source.schema import load_schema
from stripe_source.settings import API_VERSION, STRIPE_EPOCH
from stripe_source.tables.ahead import MOST_ROWS
from stripe_source.tables.layout import Table, feeder, tables_of
from stripe_source.tables.maker import Answer, Recipe, Tables
from stripe_source.tables.tombstones import bare_tombstones, tombstones, with_markers

# In bounded runs. What is read last is loaded when nothing else is left to be done, so a chunk is
# short beside what was before it. What was read while the last one was loaded is part of it.
CHUNK_SECONDS = 3.0
CHUNK_SHARE = 0.1
MOST_SECONDS = 30.0


@dataclass
class Work:
    """One resource in one run. ``rows`` have been read since ``started``.

    ``refused`` says why Stripe does not give some of the changed objects.
    """

    row: Resource
    reading: Reading
    state: State
    held: Held
    rows: int = 0
    started: float = field(default_factory=time.monotonic)
    refused: list[str] = field(default_factory=list)

    @property
    def own(self) -> Table:
        """The resource's own table."""
        return tables_of(self.row)[0]

    def circumstances(self) -> Circumstances:
        """What `begin` goes by."""
        settings = self.reading.settings
        clocks = settings.test_clocks and self.row.on_clocks is not None
        relist = self._reason_to_relist(clocks)
        if relist is not None:
            self.state.pop("denied", None)  # it will show what the key may read now
        return Circumstances(
            now=self.reading.client.clock.seen(),
            bounds=settings.bounds,
            held="updated" not in self.state and self._has_rows(),
            relist_every=settings.relist_every,
            relist=relist,
            clocks=clocks,
            watching=self.reading.sync.watching,
        )

    def _has_rows(self) -> bool:
        """Whether a load, perhaps one that broke off half-way, has left rows."""
        ours = [table for table in tables_of(self.row) if table is self.own or table.parent_id]
        return any(self.held.has_rows(table) for table in ours)

    def _reason_to_relist(self, clocks: bool) -> str | None:
        """Why all of it has to be listed again, if it has; notes what the tables are to show."""
        if self.reading.settings.bounds.end is not None:
            return None  # a window keeps nothing up
        columns, known = _columns_of(self.row), self.state.get("columns")
        self.state["columns"] = columns
        other_masks = self._note_masks()
        new, refill = self._new_tables(), self.state.pop("refill", None)
        if known not in (None, columns):
            return NEW_COLUMNS
        if other_masks and known is not None:
            return NEW_MASKS
        if clocks and "updated" in self.state and not self.state.get("clocks"):
            return NEW_CLOCKS
        if refill:
            return str(refill)
        if new:
            return NEW_TABLES.format(names=", ".join(new))
        return ASKED if self.row.name in self.reading.settings.reconcile else None

    def _note_masks(self) -> bool:
        """Note what the rows are masked by, whichever tables it is of; whether that is new."""
        note, before = self.reading.settings.asked.note(), self.state.get(MASKS, {})
        note_masks(self.state, note)
        return bool(note != before)

    def _new_tables(self) -> list[str]:
        """The tables that were left out before and are loaded from now on; notes all of them."""
        chosen = dlt.current.source().selected_resources
        names = [t.name for t in tables_of(self.row) if feeder(self.row, t) in chosen]
        return note_tables(self.state, names)

    def needs_columns(self) -> bool:
        """Whether the tables may lack columns, so that an empty batch has to bring them."""
        return self.reading.report.runs == 0 and self.state.get("columns") != _columns_of(self.row)

    def is_full(self, more: int = 0, since: float | None = None) -> bool:
        """Whether this run has read enough, with so many rows more; the rest is for the next.

        ``since`` is when reading began, for what went on while the last run loaded. Else this run
        reads for as long as that took, at least.
        """
        if self.reading.settings.chunk_rows is None:
            return False
        report = self.reading.sync
        seconds = min(max(CHUNK_SECONDS, CHUNK_SHARE * report.seconds), MOST_SECONDS)
        if since is None:
            since, seconds = self.started, max(seconds, report.loading)
        return more >= self.wanted() or time.monotonic() - since > seconds

    def wanted(self) -> int:
        """How many rows more this run may read."""
        return (self.reading.settings.chunk_rows or MOST_ROWS) - self.rows

    def tables(
        self,
        answers: Sequence[Answer],
        *,
        part: Part | None = None,
        only: Iterable[str] | None = None,
    ) -> Tables:
        """Pages as tables; with ``only``, no other objects than those of these ids.

        ``part`` is what the pages were listed for, None for objects that were looked for. What the
        key may not read is not among the tables, so that they stay as they are.
        """
        made = self.recipe(part).tables([self.reading.account.id] * len(answers), answers)
        found = self.taken(made, answers)
        return found if only is None else self._narrowed(found, pa.array(list(only), pa.string()))

    def recipe(self, part: Part | None) -> Recipe:
        """How pages become tables, in whatever thread: nothing in the state, but oddities."""
        by_filter = part is not None and self.row.cursor is not None
        return Recipe(
            resource=self.row,
            bounds=Bounds() if by_filter else self._bounds(part),
            test_clocks=self.reading.settings.test_clocks,
            oddities=self.reading.sync.oddities,
            erased=self.held.erased,
            masks=self.reading.settings.masks,
        )

    def taken(self, tables: Tables, answers: Sequence[Answer]) -> Tables:
        """The tables of these pages as part of this run, but for what the key may not read."""
        denied = denied_tables(self.row, self.reading, self.state)
        self.rows += sum(page.weight for page, _ in answers)
        self.note_stamp(sent_at for _, sent_at in answers)
        return {name: rows for name, rows in tables.items() if name not in denied}

    def _narrowed(self, found: Tables, ids: pa.Array) -> Tables:
        for table in tables_of(self.row):
            if table.name in found and (table is self.own or table.parent_id):
                rows = found[table.name]
                inside = pc.is_in(rows[table.parent_id or "id"], value_set=ids)
                found[table.name] = rows.filter(inside)
        return found

    def _bounds(self, part: Part | None) -> Bounds:
        """The rows that the user asked for, where no filter of the list sees to it."""
        if "created" not in load_schema(self.row.object).columns:
            return Bounds()
        if part == "window":
            return self.reading.settings.bounds
        since = self.state.get("created", {}).get("since", 0)
        return Bounds(since or None)

    def buried(self, gone: dict[str, int], stamp: float) -> Tables:
        """Tombstones of objects that the destination has, with their children's.

        ``gone`` has when each was deleted, in seconds.
        """
        found: Tables = {}
        for table in tables_of(self.row):
            if table is not self.own and not table.parent_id:
                continue
            if self.held.readable:
                rows = self.held.rows(table, table.parent_id or "id", list(gone))
                rows = rows.filter(pc.invert(pc.field("is_deleted")))
                found[table.name] = tombstones(table, rows, gone, stamp)
            elif table is self.own:
                account = self.reading.account.id
                found[table.name] = bare_tombstones(table, account, gone, stamp)
        self.note_stamp([stamp])
        for name, rows in found.items():
            self.reading.sync.add(name, rows.num_rows)
        return found

    def note_stamp(self, stamps: Iterable[float]) -> None:
        """Have later syncs go on behind the stamps of this one."""
        shared = dlt.current.source_state()
        with self.reading.sync.lock:
            shared["stamp"] = max([shared.get("stamp", 0.0), *stamps])

    def hand_on(self, tables: Tables, part: Part | None = None) -> Tables:
        """Count what is to be loaded, and say which parents have no children (any more)."""
        own = tables[self.row.name]
        if part in ("created", "relist") and self.row.created_field in own.column_names:
            latest = pc.max(_off_clocks(own)[self.row.created_field]).as_py()
            if latest is not None:
                note_newest(self.state, int(latest.timestamp()))
        for name, table in tables.items():
            self.reading.sync.add(name, table.num_rows)
            if table.num_rows:
                note_rows(self.state, name)
        self.note_pending()
        if part is not None and is_first(self.state, part):
            return tables
        children = [t for t in tables_of(self.row) if t.parent_id and t.name in tables]
        return tables | {t.name: with_markers(t, own, tables[t.name]) for t in children}

    def note_pending(self) -> None:
        """Report how much of the resource is still to be read."""
        oldest = self.reading.account.created or STRIPE_EPOCH
        spans = [span for part in _PARTS for span in pending(self.state, part)]
        left = seconds(spans, self.reading.client.clock.seen(), oldest)
        self.reading.report.at(self.row.name, left)
        more = has_pending(self.state, self.reading.settings.bounds, len(self.refused))
        names = self.reading.report.pending
        (names.add if more else names.discard)(self.row.name)


_PARTS: tuple[Part, ...] = ("created", "relist", "window")


def begin_work(row: Resource, reading: Reading) -> Work:
    """The work on a resource, after a check that the dataset is this account's."""
    check_account(reading)
    for before in (dlt.current.source_state(), reading.sync.uncommitted):
        if reading.account.id in accounts_in(before):
            reading.client.clock.not_before(before.get("stamp", 0.0))
    accounts: State = dlt.current.resource_state(row.name)
    state: State = accounts.setdefault(reading.account.id, {})
    return Work(row, reading, state, reading.held())


def _off_clocks(rows: pa.Table) -> pa.Table:
    """The rows without those of test clocks, whose time may be in years to come."""
    known = "test_clock" in rows.column_names
    return rows.filter(pc.field("test_clock").is_null()) if known else rows


def _columns_of(row: Resource) -> str:
    """What the tables show: another version or expand needs everything to be read again."""
    return " ".join([API_VERSION, *row.expand])
