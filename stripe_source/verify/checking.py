"""One resource as the destination has it, against Stripe: everything that differs, nothing written.

What is read, and how absence is told from deletion, is as in a re-list (`reading.listing`).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from stripe_source.api.client import Client
from stripe_source.catalog import Resource
from stripe_source.errors import StripeSourceError
from stripe_source.extract.clocks import Clocks
from stripe_source.extract.feed import Change
from stripe_source.extract.fetch import Fetcher
from stripe_source.extract.nested import left_out
from stripe_source.extract.plan import oldest_kept
from stripe_source.extract.progress import State
from stripe_source.extract.reader import ListReader, Read
from stripe_source.extract.refetch import Refetcher
from stripe_source.extract.spans import CLOCKS, Bounds, Span, seconds
from stripe_source.held import Held
from stripe_source.reading.comparing import (
    comparison,
    listed_at_all,
    moment,
    tells_page_by_page,
    within,
)
from stripe_source.report import AccountReport, Report
from stripe_source.settings import STRIPE_EPOCH
from stripe_source.tables.layout import ACCOUNT, Table, tables_of
from stripe_source.tables.maker import Answer, Recipe, Tables, is_batch
from stripe_source.tables.masks import Masks
from stripe_source.tables.sql import identifier
from stripe_source.verify.findings import Findings


@dataclass(frozen=True)
class Place:
    """Where both sides are: Stripe, and what the destination has of an account."""

    client: Client
    held: Held
    account_id: str
    clocks: Clocks
    sync: Report
    report: AccountReport
    masks: Masks


@dataclass
class Check:
    """The check of one resource. ``state`` is what dlt's state has of it.

    ``changed`` are the ids of objects that changed since the last sync.
    """

    row: Resource
    place: Place
    state: State
    changed: Collection[str] = ()
    findings: Findings = field(default_factory=Findings)
    _seen: set[str] = field(default_factory=set)

    def whole(self) -> None:
        """Compare every object of the list, and whatever else the destination has.

        Raises what the client and the destination raise.
        """
        collected: list[Read] = []
        spans = self.place.clocks.spans(self.row, self._spans())
        for read in ListReader(self.place.client, self.row, spans).pages():
            collected.append(read)
            self._report_left(read.pending)
            if is_batch(r.page for r in collected):
                self._compare([(r.page, r.sent_at) for r in collected])
                collected = []
        self._compare([(r.page, r.sent_at) for r in collected])
        self._unlisted(self._asked_for)
        hidden = self.place.held.tombstones(self._own, self._asked_for)
        self._by_id([Change(i) for i in hidden if i not in self._seen])
        self._by_themselves()

    def sample(self, most: int) -> None:
        """Compare the newest page of the list, and so many objects of the destination at random.

        Raises what the client and the destination raise.
        """
        span = self._spans()[0]
        page, sent_at = Fetcher(self.place.client, self.row).page(span)
        self._compare([(page, sent_at)])
        read = Read(page, sent_at, span, ())
        if tells_page_by_page(self.row):
            self._unlisted(within(self.row, [read]))
        elif not page.has_more:
            self._unlisted(listed_at_all(self.row, clocks=False))
        dated = tells_page_by_page(self.row)
        created = identifier(self.row.created_field) if dated else None
        some = self.place.held.sample(self._own, most, created, self._asked_for)
        self._by_id(
            [
                Change(i, int(at.timestamp()) if at and not self.state.get("clocks") else None)
                for i, at in some
                if i not in self._seen
            ]
        )
        self._by_themselves()

    @property
    def _own(self) -> Table:
        return tables_of(self.row)[0]

    @property
    def _since(self) -> int:
        kept = oldest_kept(self.row, self.place.client.clock.seen())
        return max(int(self.state["created"]["since"]), kept)

    @property
    def _asked_for(self) -> str:
        """The rows that syncs keep up to date, as a condition."""
        field, since = self.row.created_field, "true"
        if self._since and any(column.name == field for column in self._own.columns):
            since = f"coalesce({identifier(field)} >= {moment(self._since)}, true)"
        listed = listed_at_all(self.row, clocks=bool(self.state.get("clocks")))
        return f"{since} AND {listed}"

    def _spans(self) -> list[Span]:
        start = self._since if self.row.cursor else None
        spans = [Span(start)]
        if self.state.get("clocks"):
            spans.append(Span(start, of=CLOCKS))
        return spans

    def _unlisted(self, condition: str) -> None:
        """Rows that no list shows: not all of them are gone."""
        ids = self.place.held.ids(self._own, f"({condition}) AND {self._asked_for}")
        self._by_id([Change(i) for i in ids if i not in self._seen])

    def _by_id(self, wanted: Sequence[Change]) -> None:
        answers: list[Answer] = []
        gone: list[str] = []
        left = {change.id for change in wanted}
        for result in Refetcher(self.place.client, self.row, wanted).results():
            gone += [change.id for change in result.gone]
            left -= {change.id for change in result.settled}
            if result.page is not None:
                answers.append((result.page, result.sent_at))
        if left:
            raise StripeSourceError(f"Stripe does not give {len(left):,} objects, as {min(left)}")
        self._compare(answers, only={change.id for change in wanted})
        self._seen.update(gone)
        for table in tables_of(self.row):
            if table is self._own or table.parent_id:
                rows = self.place.held.rows(table, table.parent_id or "id", gone)
                self._count(table.name, rows.num_rows)
                left = rows.filter(pc.invert(pc.field("is_deleted")))
                names = [name for name in table.key if name != ACCOUNT]
                keys = zip(*(left[name].to_pylist() for name in names), strict=True)
                self.findings.note(table.name, "gone", keys)

    def _compare(self, answers: Sequence[Answer], only: Collection[str] | None = None) -> None:
        """Compare the objects on these pages, but for those that have been; the pages overlap."""
        if not answers:
            return
        tables = self._tables(answers, only)
        self._seen.update(tables[self._own.name]["id"].to_pylist())
        result = comparison(self.row, self.place.held, tables)
        for name, different in result.differences.items():
            self._count(name, tables[name].num_rows)
            self.findings.add(name, different, self.changed)

    def _tables(self, answers: Sequence[Answer], only: Collection[str] | None) -> Tables:
        dated = any(column.name == "created" for column in self._own.columns)
        recipe = Recipe(
            resource=self.row,
            bounds=Bounds(self._since or None) if dated else Bounds(),
            test_clocks=bool(self.state.get("clocks")),
            oddities=self.place.sync.oddities,
            erased=self.place.held.erased,
            masks=self.place.masks,
        )
        denied = left_out(self.place.client, self.row)
        for name, why in denied.items():
            self.place.report.skip(name, why, "denied")
        made = recipe.tables([self.place.account_id] * len(answers), answers)
        tables = {name: rows for name, rows in made.items() if name not in denied}
        ids = tables[self._own.name]["id"].unique().to_pylist()
        new = [i for i in ids if i not in self._seen and (only is None or i in only)]
        for table in tables_of(self.row):
            if table.name in tables and (table is self._own or table.parent_id):
                rows, values = tables[table.name], pa.array(new, pa.string())
                inside = pc.is_in(rows[table.parent_id or "id"], value_set=values)
                tables[table.name] = rows.filter(inside)
        return tables

    def _by_themselves(self) -> None:
        """What is wrong with the destination whatever Stripe has."""
        for table in tables_of(self.row):
            self.findings.note(table.name, "repeated", self.place.held.repeated(table))
            if table.parent_id:
                astray = self.place.held.astray(self._own, table)
                self.findings.note(table.name, "stale", astray, ["is_deleted"])

    def _count(self, table: str, rows: int) -> None:
        self.findings.count(table, rows)
        self.place.sync.add(table, rows)

    def _report_left(self, pending: Sequence[Span]) -> None:
        now = self.place.client.clock.seen()
        self.place.report.at(self.row.name, seconds(pending, now, STRIPE_EPOCH))
