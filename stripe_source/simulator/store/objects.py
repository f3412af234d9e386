"""The objects of an account as what works on it takes and leaves them.

``take`` makes a row's object a dict, the same one for everybody until the account settles;
``settle`` then writes every object that was taken back to text, once.
"""

from __future__ import annotations

from typing import Any

from stripe_source.simulator.api.presenter import Presenter
from stripe_source.simulator.api.registry import Registry, standard_registry
from stripe_source.simulator.config import SimulatorConfig
from stripe_source.simulator.store.clock import Clock
from stripe_source.simulator.store.collection import Collection
from stripe_source.simulator.store.recent import Recent
from stripe_source.simulator.store.row import BulkRow, Key, Row
from stripe_source.simulator.store.texts import Texts
from stripe_source.simulator.types import Json

MANY = 20_000
"""Objects that may be dicts at a time while the timeline runs: some 200 MB."""


class Objects:
    """Collections by path, and the rows that are dicts at the moment."""

    def __init__(self, config: SimulatorConfig) -> None:
        self.config = config
        self.clock = Clock(config.now, ticking=config.ticking)
        self.registry: Registry = standard_registry()
        self.collections: dict[str, Collection] = {}
        self.presenter = Presenter(self, self.peek_any, self.registry.includes)
        self.texts = Texts(self.presenter)
        self.recent = Recent(config.search_lag)
        self._homes: dict[str, Collection] = {}
        self._open: list[tuple[Collection, Row]] = []
        self._read: dict[Row, Json] = {}
        self._seq = 0
        self.clocked = False
        """Whether anything was ever stored that is on a test clock."""

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

    def forget_homes(self) -> None:
        """The registry has changed: names may live elsewhere."""
        self._homes.clear()

    def find(self, name: str, identifier: str | None) -> Json | None:
        """An object to work on, by name and id; None where it never was or is deleted.

        Objects embedded in it are stored as ids. Every caller gets the same dict until the account
        settles.
        """
        if identifier is None:
            return None
        collection = self.home(name)
        row = collection.by_id.get(identifier)
        return self.take(collection, row) if row else None

    def get(self, name: str, identifier: str) -> Json:
        """The same for one that is known to be there; an outlived one may be gone."""
        collection = self.home(name)
        row = collection.by_id.get(identifier)
        return self.take(collection, row) if row else collection.outlived[identifier]

    def where(self, name: str, field: str, value: Any) -> list[Json]:
        """The objects whose field is the value, oldest first."""
        collection = self.home(name)
        for where, row in self._open:
            if where is collection and row.live is not None:
                collection.replace(row)
        return [self.take(collection, row) for row in list(collection.where(field, value))]

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

    def take(self, collection: Collection, row: Row) -> Json:
        """The row's object as a dict to work on."""
        if row.live is None:
            if isinstance(row, BulkRow):
                row = self._unbulked(collection, row)
            row.live = row.data
            self._open.append((collection, row))
        return row.live

    def store(self, collection: Collection, obj: Json, created: Any, hidden: Json | None) -> None:
        """Store a new object; one without ``created`` is as new as can be."""
        when = created if isinstance(created, int) else self.clock.now
        for fetched in self.presenter.fetched(obj.get("object", "")):
            obj.pop(fetched, None)
        row = Row(obj["id"], self.next_key(when), hidden)
        row.live = obj
        self.clocked = self.clocked or obj.get("test_clock") is not None
        collection.add(row)
        self._open.append((collection, row))
        self.texts.count(obj.get("object", ""), changed=False)

    def next_key(self, created: int) -> Key:
        """The place in the list order of a row that is stored now."""
        self._seq += 1
        return created, self._seq

    def settle(self) -> None:
        """Write every object that was taken back to text."""
        if not self._open:
            return
        self._read.clear()
        opened, self._open = self._open, []
        for collection, row in opened:
            if row.live is None:
                continue
            before = row.stored
            collection.replace(row)
            if self.texts.settle(row):
                self.recent.note(self.clock.now, collection, row, before)
        self.recent.forget(self.clock.now - self.config.search_lag)

    def settle_if_many(self) -> None:
        """The same while the timeline runs, seldom enough that an object is written once."""
        if len(self._open) > MANY:
            self.settle()

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
        collection.exchange(row, single)
        return single
