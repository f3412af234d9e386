"""One stored object with the bytes that it was last served as."""

from __future__ import annotations

from typing import TypeAlias

import orjson

from stripe_source.simulator.types import Json

Key: TypeAlias = tuple[int, int]
"""(created, insertion number): Stripe lists by the first and breaks ties by the second."""


class Row:
    """An object, its place in the list order, and its rendered bytes by expand set.

    ``hidden`` holds what filters need and the object does not show, such as the payout of a
    balance transaction.
    """

    __slots__ = ("_data", "created", "hidden", "id", "rendered", "seq")

    def __init__(self, data: Json, identifier: str, key: Key, hidden: Json | None = None) -> None:
        self._data: Json | None = data
        self.id = identifier
        self.created, self.seq = key
        self.hidden = hidden
        self.rendered: dict[str, tuple[int, bytes]] | None = None

    @property
    def key(self) -> Key:
        """The place in the list order."""
        return self.created, self.seq

    @property
    def data(self) -> Json:
        """The full object: whole nested lists, includables too."""
        assert self._data is not None
        return self._data


class BulkRow(Row):
    """One of many copies of a prototype: only its number and time are kept.

    Its bytes are the prototype's with two tokens replaced, which costs microseconds a row and
    no memory; 200,000 invoices fit where 200,000 dicts would not.
    """

    __slots__ = ("prototype",)

    def __init__(self, prototype: Prototype, number: int, key: Key) -> None:
        self._data = None
        self.id = prototype.id.replace(Prototype.TOKEN, f"{number:012d}")
        self.created, self.seq = key
        self.hidden = None
        self.rendered = None
        self.prototype = prototype

    @property
    def data(self) -> Json:
        """Parsed from its bytes on each call: a change belongs into ``Account.update``."""
        made: Json = orjson.loads(self.prototype.fill(self.prototype.whole, self))
        return made

    def text(self) -> bytes:
        """The bytes as listed, unexpanded."""
        return self.prototype.fill(self.prototype.listed, self)


class Prototype:
    """The texts of an object whose ids contain ``TOKEN`` and whose time is ``TIME``."""

    TOKEN = "BULK00000000"
    TIME = 1_111_111_111

    def __init__(self, data: Json, listed: bytes) -> None:
        self.id: str = data["id"]
        self.whole = orjson.dumps(data)
        self.listed = listed

    def fill(self, text: bytes, row: Row) -> bytes:
        """``text`` for one row."""
        number = row.id[self.id.index(self.TOKEN) :][: len(self.TOKEN)].encode()
        dated = text.replace(b"1111111111", b"%d" % row.created)
        return dated.replace(b"BULK00000000", number)
