"""The in-memory account: its objects, its time, and the events that changes leave behind.

What works on the account (requests, tasks of the timeline) takes objects with ``find``, changes
them with ``modify`` and leaves. ``insert``, ``update``, ``delete`` and ``objects`` do all of that
under the lock, for tests that change an account while it serves.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import orjson

from stripe_source.simulator.api.registry import PAGING_PARAMS, Special, resource_of
from stripe_source.simulator.config import SimulatorConfig
from stripe_source.simulator.store.changes import merge
from stripe_source.simulator.store.events import Journal
from stripe_source.simulator.store.ids import Ids
from stripe_source.simulator.store.ledger import Ledger
from stripe_source.simulator.store.objects import Objects
from stripe_source.simulator.store.row import BulkRow, Prototype, Row
from stripe_source.simulator.store.timeline import Task, Timeline
from stripe_source.simulator.types import Json

OUTLIVED = {"plan", "price"}
"""Subscriptions and invoices go on with these after they were deleted
(https://docs.stripe.com/api/plans/delete)."""


class Account(Objects):
    """One Stripe account; with an identifier of its own it is connected to a platform."""

    def __init__(self, config: SimulatorConfig, identifier: str = "") -> None:
        super().__init__(config)
        self.id = identifier or config.account_id
        self.connected = bool(identifier)
        self.ids = Ids(config.seed)
        self.lock = threading.RLock()
        self.timeline = Timeline()
        self.test_timelines: dict[str, Timeline] = {}
        self.journal = Journal(self)
        self.ledger = Ledger()
        self.business: object = None

    # -- changes; the caller holds the lock --

    def add(
        self, obj: Json, *, hidden: Json | None = None, event: str | None = "created",
        at: int | None = None,
    ) -> Json:  # fmt: skip
        """Store a new object under its name's list.

        ``at`` is its place in the list where it has no ``created``.
        """
        created = obj.get("created") if at is None else at
        self.store(self.home(obj["object"]), obj, created, hidden)
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
        self.texts.count(obj["object"], changed=True)
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
            self.store(self.collection(path), obj, obj.get("created"), hidden)
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
            taken = self.take(collection, collection.by_id[identifier])
            self.modify(taken, changes, event=event)
            self.settle()
            return taken

    def delete(self, path: str, identifier: str, *, event: bool = True) -> Json:
        """Take an object out of its list."""
        with self.lock:
            collection = self.collection(path)
            taken = self.take(collection, collection.by_id[identifier])
            return self.remove(taken, event="deleted" if event else None)

    def add_list(self, path: str, objects: Iterable[Json], created_filter: bool = True) -> None:
        """Serve a new list endpoint at ``path``, oldest object first or by ``created``."""
        rows = list(objects)
        params: Json = dict(PAGING_PARAMS) | ({"created": "range"} if created_filter else {})
        names = tuple(sorted({str(o.get("object", "")) for o in rows} - {""}))
        with self.lock:
            self.registry.enter(resource_of(path, names, params, Special(path)))
            self.forget_homes()
            for obj in rows:
                self.insert(path, obj, event=False)

    def bulk(self, path: str, prototype: Json, count: int, since: int, until: int) -> None:
        """Store ``count`` copies of an object, spread evenly over a time.

        Ids that differ must hold ``Prototype.TOKEN``; ``created`` fields that differ must be
        ``Prototype.TIME``.
        """
        with self.lock:
            source = Prototype(prototype)
            step = (until - since) / max(count, 1)
            rows: list[Row] = [
                BulkRow(source, n, self.next_key(since + int(n * step))) for n in range(count)
            ]
            self.collection(path).add_many(rows)
