"""One stored object: its text, and the texts that it was last served as.

An object is kept as JSON text, not as Python objects: a dict of an invoice takes four times the
memory of its text. It becomes a dict (``live``) while something works on it, and text again when
the account settles.
"""

from __future__ import annotations

from typing import TypeAlias

import orjson

from stripe_source.simulator.types import Json

Key: TypeAlias = tuple[int, int]
"""(created, insertion number): Stripe lists by the first and breaks ties by the second."""


def row_text(obj: Json) -> bytes:
    """An object as it stands in a list: a body is indented by two, its rows by four."""
    return orjson.dumps(obj, option=orjson.OPT_INDENT_2).replace(b"\n", b"\n    ")


class Row:
    """An object, its place in the list order, and its texts.

    ``hidden`` holds what filters need and the object does not show, such as the payout of a balance
    transaction. ``shown`` is the object as a list shows it, indented by four, true as long as the
    objects embedded in it are at ``stamp``. ``text`` is the whole object where ``shown`` leaves
    something out. ``expanded`` is the last expanded rendering: the paths, the stamp, and the text,
    or None where it is the same as ``shown``.
    """

    __slots__ = ("created", "expanded", "hidden", "id", "live", "seq", "shown", "stamp", "text")

    def __init__(self, identifier: str, key: Key, hidden: Json | None = None) -> None:
        self.id = identifier
        self.created, self.seq = key
        self.hidden = hidden
        self.live: Json | None = None
        self.text: bytes | None = None
        self.shown: bytes | None = None
        self.stamp = 0
        self.expanded: tuple[str, int, bytes | None] | None = None

    @property
    def key(self) -> Key:
        """The place in the list order."""
        return self.created, self.seq

    @property
    def stored(self) -> bytes | None:
        """The text that holds the whole object; None before the first settling."""
        return self.text or self.shown

    @property
    def data(self) -> Json:
        """The whole object to look at; a change to it is lost unless it is ``live``."""
        if self.live is not None:
            return self.live
        made: Json = orjson.loads(self.stored or b"null")
        return made


class BulkRow(Row):
    """One of many copies of a prototype: only its number and time are kept.

    Its text is the prototype's with two tokens replaced, which costs microseconds a row and no
    memory.
    """

    __slots__ = ("prototype",)

    def __init__(self, prototype: Prototype, number: int, key: Key) -> None:
        super().__init__(prototype.id.replace(Prototype.TOKEN, f"{number:012d}"), key)
        self.prototype = prototype

    @property
    def stored(self) -> bytes:
        """The whole object."""
        return self.prototype.fill(self.prototype.whole, self)

    def shown_as(self, text: bytes) -> bytes:
        """A rendering of the prototype as this copy's."""
        return self.prototype.fill(text, self)


class Prototype:
    """The texts of an object whose ids contain ``TOKEN`` and whose time is ``TIME``.

    ``listed`` has what a list shows, by what is expanded; what is embedded is the same for all.
    """

    TOKEN = "BULK00000000"
    TIME = 1_111_111_111

    def __init__(self, data: Json) -> None:
        self.id: str = data["id"]
        self.whole = orjson.dumps(data)
        self.listed: dict[str, bytes] = {}

    def fill(self, text: bytes, row: Row) -> bytes:
        """``text`` for one row."""
        number = row.id[self.id.index(self.TOKEN) :][: len(self.TOKEN)].encode()
        dated = text.replace(b"1111111111", b"%d" % row.created)
        return dated.replace(b"BULK00000000", number)
