"""References of made-up objects: each points at an object that exists.

Stripe's examples name objects of their own; a client that expands such a reference, or follows it,
must find something.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import orjson

from stripe_source.simulator.shapes import fields_of, shape
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.types import Json

LISTED = {
    ("file", "links"): ("file_link", "file", "/v1/file_links?file={id}"),
    ("radar.value_list", "list_items"): (
        "radar.value_list_item", "value_list", "/v1/radar/value_list_items?value_list={id}"
    ),
    ("treasury.transaction", "entries"): (
        "treasury.transaction_entry", "transaction",
        "/v1/treasury/transaction_entries?financial_account={financial_account}&transaction={id}",
    ),
}  # fmt: skip
"""Lists in an object whose rows have a list of their own: the rows' name, their field that names
the object, and where they are listed."""
PARENT = "financial_account"
"""Named by an entry and its transaction both."""

Missing = Callable[[str], Json]
"""Makes an object of a name where none is there to point at."""


class Links:
    """Mends the references of objects, at every depth, once all of them are there."""

    def __init__(self, account: Account, rng: random.Random, missing: Missing) -> None:
        self.account = account
        self.rng = rng
        self.missing = missing

    def mend(self, obj: Json, owner: Json | None = None) -> None:
        """Point what leads nowhere elsewhere; rows of an owned list point at their owner."""
        self._fields(obj, shape(str(obj.get("object"))), owner or {}, obj)

    def gather(self, obj: Json) -> None:
        """Put the rows that another list has into the object that they name, newest first."""
        for (name, field), (row_name, link, url) in LISTED.items():
            if name == obj["object"]:
                rows = self.account.where(row_name, link, obj["id"])[::-1]
                rows = [r for r in rows if r.get(PARENT) == obj.get(PARENT)]
                copies = orjson.loads(orjson.dumps(rows))
                obj[field] = {"object": "list", "data": copies, "has_more": False,
                              "url": url.format(**obj)}  # fmt: skip

    def _fields(
        self, value: Json, fields: dict[str, tuple[Any, bool]], owner: Json, obj: Json
    ) -> None:
        for name, (kind, optional) in fields.items():
            if value.get(name) is not None and isinstance(kind, dict):
                value[name] = self._value(value[name], kind, optional, owner, obj)

    def _value(self, value: Any, kind: Json, optional: bool, owner: Json, obj: Json) -> Any:
        if "array" in kind:
            if isinstance(kind["array"], dict):
                return [self._value(item, kind["array"], False, owner, obj) for item in value]
        elif "object" in kind:
            self._fields(value, fields_of(kind["object"]), owner, obj)
        elif "list" in kind:
            for row in value["data"]:
                self.mend(row, obj)
        elif "embed" in kind and isinstance(value, dict):
            self.mend(value)
        elif kind.get("id"):
            return self._reference(value, kind["id"], optional, owner)
        return value

    def _reference(self, value: str, names: list[str], optional: bool, owner: Json) -> str | None:
        if owner.get("object") in names:
            return str(owner["id"])
        if self.account.peek_any(names, value) is not None:
            return value
        homes = (self.account.home(name).ordered.rows for name in names)
        rows = next((rows for rows in homes if rows), [])
        if rows:
            return self.rng.choice(rows).id
        return None if optional else str(self.missing(names[0])["id"])
