"""The in-memory account: its objects, its clock, and the events that changes leave behind."""

from __future__ import annotations

import threading
from collections.abc import Iterable

import orjson

from stripe_source.simulator.api.expansion import NOTHING, Expand
from stripe_source.simulator.api.presenter import Presenter
from stripe_source.simulator.api.registry import Registry, Special, resource_of, standard_registry
from stripe_source.simulator.config import SimulatorConfig
from stripe_source.simulator.store.clock import Clock
from stripe_source.simulator.store.collection import Collection
from stripe_source.simulator.store.events import event_type, new_event
from stripe_source.simulator.store.ids import Ids
from stripe_source.simulator.store.row import BulkRow, Key, Prototype, Row
from stripe_source.simulator.types import Json

EMBEDDED = {"price", "plan", "tax_rate", "discount", "coupon", "cash_balance"}
"""Objects that others carry inside them: a change to one makes every rendered byte stale."""
PAGING_PARAMS = {"limit": "int", "starting_after": "str", "ending_before": "str", "expand": "array"}


class Account:
    """One Stripe account. Every method takes the lock, so tests may change it while it serves."""

    def __init__(self, config: SimulatorConfig) -> None:
        self.config = config
        self.id = config.account_id
        self.clock = Clock(config.now, ticking=config.ticking)
        self.ids = Ids(config.seed)
        self.lock = threading.RLock()
        self.registry: Registry = standard_registry()
        self.collections: dict[str, Collection] = {}
        self.presenter = Presenter(self, self.find_any, self.registry.includes)
        self._seq = 0
        self._writes = 0
        self._embedded_writes = 0

    def collection(self, path: str) -> Collection:
        """The objects stored under a path."""
        found = self.collections.get(path)
        if found is None:
            found = self.collections[path] = Collection(path)
        return found

    def objects(self, path: str) -> list[Json]:
        """The whole objects of a list, newest first, as stored (nested lists complete)."""
        with self.lock:
            return [row.data for row in reversed(self.collection(path).ordered.rows)]

    def find(self, name: str, identifier: str) -> Json | None:
        """An object by its name and id; a deleted one's stub; None where it never was."""
        collection = self.collection(self.registry.home(name))
        row = collection.by_id.get(identifier)
        return row.data if row else collection.deleted.get(identifier)

    def find_any(self, names: list[str], identifier: str) -> Json | None:
        """The same among several names: an expandable field may hold one of many."""
        with self.lock:
            found = (self.find(name, identifier) for name in names)
            return next((each for each in found if each is not None), None)

    def insert(
        self, path: str, obj: Json, *, hidden: Json | None = None, event: bool = True
    ) -> Json:
        """Store a new object (``id`` and ``created`` filled in where absent) and emit its event."""
        with self.lock:
            obj.setdefault("id", self.ids.new(path.rsplit("/", 1)[-1][:4]))
            created = obj.get("created")
            created = created if isinstance(created, int) else self.clock.now
            self.collection(path).add(Row(obj, obj["id"], self._next_key(created), hidden))
            self._wrote(obj)
            if event:
                self.emit("created", obj)
            return obj

    def put(
        self, name: str, obj: Json, *, at: int | None = None, hidden: Json | None = None
    ) -> Json:
        """Store an object under its name's own list, without an event.

        ``at`` stands in for ``created`` where the object has none.
        """
        created = obj["created"] if at is None else at
        path = self.registry.home(name)
        self.collection(path).add(Row(obj, obj["id"], self._next_key(created), hidden))
        return obj

    def update(
        self, path: str, identifier: str, changes: Json, *, event: str | None = "updated"
    ) -> Json:
        """Change fields of an object; the event carries what they were before."""
        with self.lock:
            row = self._row_to_change(path, identifier)
            before = {k: row.data.get(k) for k, v in changes.items() if row.data.get(k) != v}
            previous = orjson.loads(orjson.dumps(before))
            row.data.update(changes)
            row.rendered = None
            self.collection(path).replace(row)
            self._wrote(row.data)
            if event:
                self.emit(event, row.data, previous)
            return row.data

    def delete(self, path: str, identifier: str, *, event: bool = True) -> Json:
        """Take an object out of its list; a stub is left."""
        with self.lock:
            row = self._row_to_change(path, identifier)
            data = row.data
            stub = {"id": identifier, "object": data.get("object", ""), "deleted": True}
            self.collection(path).remove(row, stub)
            self._wrote(data)
            if event:
                self.emit("deleted", data)
            return stub

    def emit(
        self, action: str, obj: Json, previous: Json | None = None, *, at: int | None = None
    ) -> Json | None:
        """Record an event with a snapshot; None where Stripe has no such type.

        ``action`` is the last word (``updated``), or the whole type where it has a dot.
        """
        kind = action if "." in action else event_type(obj.get("object", ""), action)
        if kind is None:
            return None
        snapshot = orjson.loads(orjson.dumps(self.presenter.present(obj, {})))
        created = self.clock.now if at is None else at
        made = new_event(self.ids.new("evt"), kind, snapshot, created, self.config)
        if previous is not None and kind.endswith(".updated"):
            made["data"]["previous_attributes"] = previous
        self.collection("/v1/events").add(Row(made, made["id"], self._next_key(created)))
        self._writes += 1
        return made

    def add_list(self, path: str, objects: Iterable[Json], created_filter: bool = True) -> None:
        """Serve a new list endpoint at ``path``, oldest object first or by ``created``."""
        rows = list(objects)
        params: Json = dict(PAGING_PARAMS) | ({"created": "range"} if created_filter else {})
        names = tuple(sorted({str(o.get("object", "")) for o in rows} - {""}))
        with self.lock:
            self.registry.enter(resource_of(path, names, params, Special(path)))
            for obj in rows:
                self.insert(path, obj, event=False)

    def bulk(self, path: str, prototype: Json, count: int, since: int, until: int) -> None:
        """Store ``count`` copies of an object, spread evenly over a time.

        Ids that differ must hold ``Prototype.TOKEN``; ``created`` fields that differ must be
        ``Prototype.TIME``.
        """
        with self.lock:
            listed = self.render_bytes(prototype)
            source = Prototype(prototype, listed)
            step = (until - since) / max(count, 1)
            rows: list[Row] = [
                BulkRow(source, n, self._next_key(since + int(n * step))) for n in range(count)
            ]
            self.collection(path).add_many(rows)
            self._writes += 1

    def render(self, row: Row, expand: Expand = NOTHING) -> bytes:
        """A row as it stands in a list, indented by four; kept until something changes."""
        if isinstance(row, BulkRow) and not expand.key:
            return row.text()
        stamp = self._writes if expand.key else self._embedded_writes
        if row.rendered is None:
            row.rendered = {}
        kept = row.rendered.get(expand.key)
        if kept is None or kept[0] != stamp:
            kept = row.rendered[expand.key] = (stamp, self.render_bytes(row.data, expand))
        return kept[1]

    def render_bytes(self, obj: Json, expand: Expand = NOTHING) -> bytes:
        """An object as it stands in a list, indented by four."""
        text = orjson.dumps(self.presenter.present(obj, expand.tree), option=orjson.OPT_INDENT_2)
        return text.replace(b"\n", b"\n    ")

    def _next_key(self, created: int) -> Key:
        self._seq += 1
        return created, self._seq

    def _wrote(self, obj: Json) -> None:
        self._writes += 1
        if obj.get("object") in EMBEDDED:
            self._embedded_writes += 1

    def _row_to_change(self, path: str, identifier: str) -> Row:
        """The row, made an object of its own where it was one of many copies."""
        collection = self.collection(path)
        row = collection.by_id[identifier]
        if isinstance(row, BulkRow):
            collection.ordered.remove(row)
            row = Row(row.data, row.id, row.key)
            collection.add(row)
        return row
