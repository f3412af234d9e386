"""One page of a list, kept as bytes: only its envelope and its last row are parsed.

A page of 100 invoices is 600 KB of text, and making Python objects of it costs more than
everything else that is done with it. Stripe indents its JSON by two spaces, and a JSON string
holds no raw newline, so the rows of the list are where the indentation says. Any other layout is
parsed whole.
"""

import re
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any, NamedTuple

import orjson

ROWS_START = b'\n  "data": ['
ROWS_END = b"\n  ]"
ROW_START = b"\n    {"
OWN_ID = re.compile(rb'\n {6}"id": ("(?:[^"\\]|\\.)*")')
MORE_INSIDE = re.compile(rb'"has_more":\s*true')


@dataclass(frozen=True)
class Page:
    """A page of a list.

    ``incomplete`` says that a nested list may go on at its ``url``. ``last_created`` is None where
    rows have no ``created``. ``inside`` are the items of lists that were fetched for its rows.
    """

    body: bytes
    rows: int
    has_more: bool
    last_id: str | None
    last_created: int | None
    incomplete: bool
    created_field: str = "created"
    inside: int = 0

    @property
    def weight(self) -> int:
        """How many rows it amounts to, in all tables: what is collected goes by it."""
        return self.rows + self.inside

    def told(self, *, keys: bool) -> "Page":
        """What is known of the page, without its text, and with ``keys`` those of its rows."""
        page = replace(self, body=b"")
        if keys:
            page.__dict__["keys"] = self.keys
        return page

    @cached_property
    def keys(self) -> list[tuple[str, int | None]]:
        """The id and ``created`` of each row, in order; for reads that look for certain rows."""
        ids, created = OWN_ID.findall(self.body), _own_number(self.created_field)
        times = created.findall(self.body)
        if len(ids) == len(times) == self.rows:
            return [(orjson.loads(i), int(t)) for i, t in zip(ids, times, strict=True)]
        rows = orjson.loads(self.body)["data"]
        return [(str(row["id"]), row.get(self.created_field)) for row in rows if "id" in row]


@cache
def _own_number(field: str) -> re.Pattern[bytes]:
    """Finds a field of the rows themselves, by their indentation."""
    return re.compile(rb'\n {6}"%s": (\d+)' % field.encode())


class Outline(NamedTuple):
    """What is parsed of a page: the list without its rows, how many they are, and the last one."""

    envelope: dict[str, Any]
    rows: int
    last: dict[str, Any]
    text: slice  # where in the body the rows are


def read_page(body: bytes, created_field: str = "created") -> Page:
    """Read a list answer. Raises ValueError for a body that is no Stripe list."""
    if not body.isascii():
        body.decode()  # a broken character is a broken answer
    outline = _by_indentation(body) or _parsed(body)
    created = outline.last.get(created_field)
    page = Page(
        body=body,
        rows=outline.rows,
        has_more=outline.envelope["has_more"],
        last_id=outline.last.get("id"),
        last_created=created if isinstance(created, int) else None,
        incomplete=MORE_INSIDE.search(body, outline.text.start, outline.text.stop) is not None,
        created_field=created_field,
    )
    if page.has_more and page.last_id is None:
        raise ValueError("a page that promises more but holds no row with an id")
    return page


def read_single(body: bytes, created_field: str = "created") -> Page:
    """Read an object as a page of one row. Raises ValueError for a body that is none."""
    found = orjson.loads(body)
    if not isinstance(found, dict) or not isinstance(found.get("id"), str):
        raise ValueError("not a Stripe object")
    return page_of(found, body, created_field)


def page_of(found: dict[str, Any], body: bytes, created_field: str) -> Page:
    """An object that was read, and its text, as a page of one row."""
    created = found.get(created_field)
    return Page(
        body=b'{"object": "list", "data": [' + body + b'], "has_more": false}',
        rows=1,
        has_more=False,
        last_id=found["id"],
        last_created=created if isinstance(created, int) else None,
        incomplete=MORE_INSIDE.search(body) is not None,
        created_field=created_field,
    )


def _by_indentation(body: bytes) -> Outline | None:
    start = body.find(ROWS_START, 0, 1000)
    end = body.rfind(ROWS_END)
    if start < 0 or end < start:
        return None
    last = body.rfind(ROW_START, start, end)
    if last < 0 and body[start + len(ROWS_START) : end].strip():
        return None
    try:
        envelope = orjson.loads(body[: start + len(ROWS_START)] + body[end + 3 :])
        row = orjson.loads(body[last:end]) if last >= 0 else {}
    except orjson.JSONDecodeError:
        return None
    if envelope.get("object") != "list" or not isinstance(envelope.get("has_more"), bool):
        return None
    return Outline(envelope, body.count(ROW_START, start, end), row, slice(start, end))


def _parsed(body: bytes) -> Outline:
    envelope = orjson.loads(body)
    rows = envelope.get("data") if isinstance(envelope, dict) else None
    if not isinstance(rows, list):
        raise ValueError("not a Stripe list")
    last = rows[-1] if rows else {}
    if envelope.get("object") != "list" or not isinstance(last, dict):
        raise ValueError("not a Stripe list of objects")
    if not isinstance(envelope.get("has_more"), bool):
        raise ValueError("a list that does not say has_more")
    return Outline(envelope, len(rows), last, slice(0, len(body)))
