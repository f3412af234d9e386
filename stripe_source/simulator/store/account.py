"""The in-memory account: its objects, its clock, and the events that changes leave behind.

What works on the account (requests, tasks of the timeline) takes objects with ``find``, changes
them with ``modify`` and leaves; ``settle`` then writes every object that was taken back to text,
once. ``insert``, ``update``, ``delete`` and ``objects`` do all of that under the lock, for tests
that change an account while it serves.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import orjson

from stripe_source.simulator.api.expansion import Expand
from stripe_source.simulator.api.presenter import Presenter
from stripe_source.simulator.api.registry import Registry, Special, resource_of, standard_registry
from stripe_source.simulator.config import SimulatorConfig
from stripe_source.simulator.store.changes import merge
from stripe_source.simulator.store.clock import Clock
from stripe_source.simulator.store.collection import Collection
from stripe_source.simulator.store.events import Journal
from stripe_source.simulator.store.ids import Ids
from stripe_source.simulator.store.ledger import Ledger
from stripe_source.simulator.store.row import BulkRow, Key, Prototype, Row
from stripe_source.simulator.store.timeline import Task, Timeline
from stripe_source.simulator.types import Json

OUTLIVED = {"plan", "price"}
"""Subscriptions and invoices go on with these after they were deleted
(https://docs.stripe.com/api/plans/delete)."""
PAGING_PARAMS = {
    "limit": "int",
    "starting_after": "str",
    "ending_before": "str",
    "expand": {"array": "str"},
}
MANY = 20_000
"""Objects that may be dicts at a time while the timeline runs: some 200 MB."""


class Account:
    """One Stripe account; with an identifier of its own it is connected to a platform."""

    def __init__(self, config: SimulatorConfig, identifier: str = "") -> None:
        self.config = config
        self.id = identifier or config.account_id
        self.connected = bool(identifier)
        self.clock = Clock(config.now, ticking=config.ticking)
        self.ids = Ids(config.seed)
        self.lock = threading.RLock()
        self.registry: Registry = standard_registry()
        self.collections: dict[str, Collection] = {}
        self._homes: dict[str, Collection] = {}
        self.presenter = Presenter(self, self.peek_any, self.registry.includes)
        self.timeline = Timeline()
        self.test_timelines: dict[str, Timeline] = {}
        self.journal = Journal(self)
        self.ledger = Ledger()
        self.business: object = None
        self.recent: deque[tuple[int, Collection, Row, bytes | None]] = deque()
        self._open: list[tuple[Collection, Row]] = []
        self._read: dict[Row, Json] = {}
        self._seq = 0
        self.changed: Counter[str] = Counter()
        self.written: Counter[str] = Counter()

    # -- taking, changing and storing objects; the caller holds the lock --

    def collection(self, path: str) -> Collection:
        """The objects stored under a path."""
        found = self.collections.get(path)
        if found is None:
            found = self.collections[path] = Collection(path)
        return found

    def home(self, name: str) -> Collection:
        """The objects of a name."""
        found = self._homes.get(name)
        if found is None:
            found = self._homes[name] = self.collection(self.registry.home(name))
        return found

    def find(self, name: str, identifier: str | None) -> Json | None:
        """An object to work on, by name and id; None where it never was or is deleted.

        Objects embedded in it are stored as ids. Every caller gets the same dict until the account
        settles.
        """
        if identifier is None:
            return None
        collection = self.home(name)
        row = collection.by_id.get(identifier)
        return self._taken(collection, row) if row else None

    def get(self, name: str, identifier: str) -> Json:
        """The same for one that is known to be there; an outlived one may be gone."""
        collection = self.home(name)
        row = collection.by_id.get(identifier)
        return self._taken(collection, row) if row else collection.outlived[identifier]

    def where(self, name: str, field: str, value: Any) -> list[Json]:
        """The objects whose field is the value, oldest first."""
        collection = self.home(name)
        for where, row in self._open:
            if where is collection and row.live is not None:
                collection.replace(row)
        return [self._taken(collection, row) for row in list(collection.where(field, value))]

    def add(
        self, obj: Json, *, hidden: Json | None = None, event: str | None = "created",
        at: int | None = None,
    ) -> Json:  # fmt: skip
        """Store a new object under its name's list.

        ``at`` is its place in the list where it has no ``created``.
        """
        created = obj.get("created") if at is None else at
        self._store(self.home(obj["object"]), obj, created, hidden)
        if event:
            self.emit(event, obj)
        return obj

    def modify(self, obj: Json, changes: Json, *, event: str | None = "updated") -> Json:
        """Change an object that was taken by ``find``.

        Hashes are merged in depth; ``metadata``, lists and plain values replaced. ``updated`` is
        emitted only if something changed, any other event always.
        """
        assert self.get(obj["object"], obj["id"]) is obj, "a copy, or taken before a settling"
        previous = merge(obj, changes)
        if event and (previous or event != "updated"):
            self.emit(event, obj, previous)
        return obj

    def remove(self, obj: Json, *, event: str | None = "deleted") -> Json:
        """Take an object out of its list; a stub is left."""
        collection = self.home(obj["object"])
        stub = {"id": obj["id"], "object": obj["object"], "deleted": True}
        row = collection.by_id[obj["id"]]
        row.live = None
        collection.remove(row, stub)
        if obj["object"] in OUTLIVED:
            collection.outlived[obj["id"]] = obj
        self._count(obj["object"], changed=True)
        if event:
            self.emit(event, obj)
        return stub

    def emit(self, action: str, obj: Json, previous: Json | None = None) -> None:
        """Record an event with a snapshot, where Stripe has such a type.

        ``action`` is the last word (``updated``), or the whole type where it has a dot.
        """
        self.journal.record(action, obj, previous)

    def plan(self, at: int, due: Task, *arguments: Any) -> None:
        """Have a task run at a time, at once if that has passed."""
        self.timeline.plan(max(at, self.clock.now), due, *arguments)

    # -- time --

    @contextmanager
    def on_test_clock(self, identifier: str | None) -> Iterator[None]:
        """Work at the time of a test clock; what is planned is due by that clock alone."""
        if identifier is None:
            yield
            return
        frozen = self.get("test_helpers.test_clock", identifier)["frozen_time"]
        before = self.timeline
        self.timeline = self.test_timelines.setdefault(identifier, Timeline())
        try:
            with self.clock.elsewhere(frozen):
                yield
        finally:
            self.timeline = before

    def advance(self, seconds: int) -> int:
        """Move the time on; what falls due happens. Returns the new time."""
        with self.lock:
            self.timeline.run(self, self.clock.now + seconds)
            self.clock.move(seconds)
            self.settle()
            self.journal.expire()
            return self.clock.now

    def catch_up(self) -> None:
        """Do what has fallen due while the clock ran."""
        due = self.timeline.next_at()
        if due is not None and due <= self.clock.now:
            self.timeline.run(self, self.clock.now)

    # -- the same for tests and the control address, under the lock --

    def objects(self, path: str) -> list[Json]:
        """The whole objects of a list, newest first: nested lists and embedded objects complete."""
        with self.lock:
            self.settle()
            rows = reversed(self.collection(path).ordered.rows)
            return [orjson.loads(orjson.dumps(self.presenter.whole(row.data))) for row in rows]

    def insert(
        self, path: str, obj: Json, *, hidden: Json | None = None, event: bool = True
    ) -> Json:
        """Store a new object (``id`` and ``object`` filled in where absent)."""
        with self.lock:
            if "object" not in obj and self.registry.resources[path].objects:
                obj["object"] = self.registry.resources[path].objects[0]
            obj.setdefault("id", self.ids.new(path.rsplit("/", 1)[-1][:4]))
            self._store(self.collection(path), obj, obj.get("created"), hidden)
            if event:
                self.emit("created", obj)
            self.settle()
            return obj

    def update(
        self, path: str, identifier: str, changes: Json, *, event: str | None = "updated"
    ) -> Json:
        """Change fields of an object."""
        with self.lock:
            collection = self.collection(path)
            taken = self._taken(collection, collection.by_id[identifier])
            self.modify(taken, changes, event=event)
            self.settle()
            return taken

    def delete(self, path: str, identifier: str, *, event: bool = True) -> Json:
        """Take an object out of its list."""
        with self.lock:
            collection = self.collection(path)
            taken = self._taken(collection, collection.by_id[identifier])
            return self.remove(taken, event="deleted" if event else None)

    def add_list(self, path: str, objects: Iterable[Json], created_filter: bool = True) -> None:
        """Serve a new list endpoint at ``path``, oldest object first or by ``created``."""
        rows = list(objects)
        params: Json = dict(PAGING_PARAMS) | ({"created": "range"} if created_filter else {})
        names = tuple(sorted({str(o.get("object", "")) for o in rows} - {""}))
        with self.lock:
            self.registry.enter(resource_of(path, names, params, Special(path)))
            self._homes.clear()
            for obj in rows:
                self.insert(path, obj, event=False)

    def bulk(self, path: str, prototype: Json, count: int, since: int, until: int) -> None:
        """Store ``count`` copies of an object, spread evenly over a time.

        Ids that differ must hold ``Prototype.TOKEN``; ``created`` fields that differ must be
        ``Prototype.TIME``.
        """
        with self.lock:
            source = Prototype(prototype, self.listed(prototype, {}))
            step = (until - since) / max(count, 1)
            rows: list[Row] = [
                BulkRow(source, n, self.next_key(since + int(n * step))) for n in range(count)
            ]
            self.collection(path).add_many(rows)

    # -- texts --

    def stamps(self, expand: Expand) -> tuple[int, int]:
        """How often that has changed which renderings depend on: unexpanded, and by the paths."""
        plain = sum(self.changed[name] for name in expand.plain)
        held = sum(self.changed[name] for name in expand.embedded)
        return plain, held + sum(self.written[name] for name in expand.listed)

    def render(self, row: Row, expand: Expand, stamps: tuple[int, int]) -> bytes:
        """A row as it stands in a list, indented by four; kept until something changes.

        A row that is shown as it is stored holds no other object until a path is expanded.
        """
        if isinstance(row, BulkRow) and not expand.tree:
            return row.listed
        plain, held = stamps
        if row.text is None:
            plain = 0
        if not expand.tree:
            if row.shown is None or row.stamp != plain:
                row.shown, row.stamp = self.listed(row.data, {}), plain
            return row.shown
        kept = row.expanded
        if kept is None or kept[0] != expand.key or kept[1] != plain + held:
            text = self.listed(row.data, expand.tree)
            same = row.text is None and text == row.shown
            kept = row.expanded = (expand.key, plain + held, None if same else text)
        return kept[2] or row.shown or b""

    def listed(self, obj: Json, tree: Json) -> bytes:
        """An object as it stands in a list, indented by four."""
        text = orjson.dumps(self.presenter.present(obj, tree), option=orjson.OPT_INDENT_2)
        return text.replace(b"\n", b"\n    ")

    def peek_any(self, names: list[str], identifier: str) -> Json | None:
        """An object to look at, among several names: an expandable field may hold one of many."""
        for name in names:
            collection = self.home(name)
            row = collection.by_id.get(identifier)
            if row is not None:
                return self._looked_at(row)
            left = collection.outlived.get(identifier) or collection.deleted.get(identifier)
            if left is not None:
                return left
        return None

    def as_of(self, path: str, at: int) -> Iterator[tuple[Row, bytes]]:
        """The rows of a list with their texts at a time not long ago, newest first.

        Only what ``config.search_lag`` reaches back to is remembered; rows that came later are left
        out, and so are those that are gone by now.
        """
        collection = self.collection(path)
        former: dict[Row, bytes | None] = {}
        for when, where, row, text in reversed(self.recent):
            if when > at and where is collection:
                former[row] = text
        for row in reversed(collection.ordered.rows):
            text = former.get(row, row.stored)
            if text is not None:
                yield row, text

    # -- settling --

    def settle(self) -> None:
        """Write every object that was taken back to text."""
        if not self._open:
            return
        self._read.clear()
        opened, self._open = self._open, []
        for collection, row in opened:
            if row.live is not None:
                self._settle(collection, row)
        self._forget()

    def settle_if_many(self) -> None:
        """The same while the timeline runs, seldom enough that an object is written once."""
        if len(self._open) > MANY:
            self.settle()

    def _settle(self, collection: Collection, row: Row) -> None:
        obj = row.live
        assert obj is not None
        before = row.stored
        shown = self.presenter.present(obj, {})
        name = obj.get("object", "")
        if shown is obj:
            now = orjson.dumps(obj, option=orjson.OPT_INDENT_2).replace(b"\n", b"\n    ")
            text = None
        else:
            now = text = bytes(memoryview(orjson.dumps(obj)))  # a copy gives the buffer's rest back
        if now != before:
            collection.replace(row)
            row.text, row.shown = text, None if text else now
            row.stamp = 0
            row.expanded = None
            self._count(name, changed=before is not None)
            self.recent.append((self.clock.now, collection, row, before))
        row.live = None

    def _forget(self) -> None:
        """Drop what the search index has caught up with."""
        oldest = self.clock.now - self.config.search_lag
        while self.recent and self.recent[0][0] < oldest:
            self.recent.popleft()

    def _taken(self, collection: Collection, row: Row) -> Json:
        if row.live is None:
            if isinstance(row, BulkRow):
                row = self._unbulked(collection, row)
            row.live = row.data
            self._open.append((collection, row))
        return row.live

    def _looked_at(self, row: Row) -> Json:
        if row.live is not None:
            return row.live
        kept = self._read.get(row)
        if kept is None:
            if len(self._read) > MANY // 4:
                self._read.clear()
            kept = self._read[row] = row.data
        return kept

    def _unbulked(self, collection: Collection, row: BulkRow) -> Row:
        """The row as an object of its own."""
        single = Row(row.id, row.key)
        single.text = row.stored
        collection.ordered.remove(row)
        collection.add(single)
        return single

    def _store(self, collection: Collection, obj: Json, created: Any, hidden: Json | None) -> None:
        when = created if isinstance(created, int) else self.clock.now
        for fetched in self.presenter.fetched(obj.get("object", "")):
            obj.pop(fetched, None)
        row = Row(obj["id"], self.next_key(when), hidden)
        row.live = obj
        collection.add(row)
        self._open.append((collection, row))
        self.written[obj.get("object", "")] += 1

    def next_key(self, created: int) -> Key:
        """The place in the list order of a row that is stored now."""
        self._seq += 1
        return created, self._seq

    def _count(self, name: str, *, changed: bool) -> None:
        self.written[name] += 1
        if changed:
            self.changed[name] += 1
