"""A client that keeps a copy of an account up to date from its events, over HTTP alone.

It reads every list once and then follows ``/v1/events`` as Stripe's documentation asks it to. An
event is only a pointer: it may come late, out of order or twice, and its snapshot may be older than
the object or in another version (https://docs.stripe.com/webhooks), so each object is fetched
again. What has no event is listed again at every sync; after more than the 30 days for which events
are kept, everything is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from email.utils import parsedate_to_datetime
from typing import Any, TypeAlias

from .conftest import Wire

Json: TypeAlias = dict[str, Any]
Ref: TypeAlias = tuple[str, str]
"""An object's name and its id."""

RETENTION = 30 * 86400
TOLD = {
    "charge": "/v1/charges",
    "credit_note": "/v1/credit_notes",
    "customer": "/v1/customers",
    "dispute": "/v1/disputes",
    "invoice": "/v1/invoices",
    "payout": "/v1/payouts",
    "plan": "/v1/plans",
    "price": "/v1/prices",
    "product": "/v1/products",
    "refund": "/v1/refunds",
    "subscription": "/v1/subscriptions?status=all",
    "tax_rate": "/v1/tax_rates",
}
"""Lists of objects whose every change has an event, but for ``SILENT`` fields."""
UNTOLD = {
    "balance_transaction": "/v1/balance_transactions",
    "coupon": "/v1/coupons",
    "invoice_payment": "/v1/invoice_payments",
    "invoiceitem": "/v1/invoiceitems",
    "payment_intent": "/v1/payment_intents",
    "payment_method": "/v1/payment_methods",
    "promotion_code": "/v1/promotion_codes",
    "setup_intent": "/v1/setup_intents",
    "tax_id": "/v1/tax_ids",
    "webhook_endpoint": "/v1/webhook_endpoints",
}
"""Lists of objects that change, some or all of them, without an event: of tax ids the account's
own (``/v1/tax_ids``; those of customers are listed by customer)."""
LISTS = TOLD | UNTOLD
BESIDE = {
    "discount": {"customer": "customer", "subscription": "subscription"},
    "invoice": {"customer": "customer"},
}
"""What an event says of objects that it does not show, by the field with their id: a discount's
owner, and a customer's next invoice number."""


class Replica:
    """The copy: ``held`` has the objects by name and id, ``gone`` those that were deleted.

    ``lag`` is the most seconds that an event may come late.
    """

    def __init__(self, wire: Wire, lag: int = 0) -> None:
        self.wire = wire
        self.lag = lag
        self.held: dict[str, dict[str, Json]] = {name: {} for name in LISTS}
        self.gone: set[Ref] = set()
        self.seen: set[str] = set()
        self.synced = 0

    def sync(self) -> None:
        """Bring the copy up to date."""
        if self.follow():
            for name in UNTOLD:
                self.relist(name)

    def follow(self) -> bool:
        """Take in the events since the last time; False if all had to be listed instead."""
        since, now = self.synced, self._now()
        self.synced = now
        if now - since + self.lag >= RETENTION:
            for name in LISTS:
                self.relist(name)
            self._events(now - self.lag)
            self._disown()
            return False
        self._refetch(pointers(self._events(since - self.lag)))
        self._disown()
        return True

    def relist(self, name: str) -> None:
        """Read a list whole; what is held and not in it is asked for by id."""
        paths = [LISTS[name]]
        if name == "tax_id":
            paths += [f"/v1/customers/{customer}/tax_ids" for customer in self.held["customer"]]
        listed = [row for path in paths for row in self._read(path)]
        rows = {row["id"]: self._completed(row) for row in listed}
        absent = self.held[name].keys() - rows.keys()
        changed = [(name, i) for i, row in rows.items() if self.held[name].get(i) != row]
        self.held[name] |= rows
        self.gone -= {(name, i) for i in rows}
        for identifier in sorted(absent):
            self._fetch(name, identifier)
        if name in UNTOLD:
            self._refetch(self._holders(changed))

    def _disown(self) -> None:
        """A deleted customer's tax ids are out of reach: their lists went with it."""
        rows = self.held["tax_id"]
        for i in [i for i, row in rows.items() if ("customer", row["customer"]) in self.gone]:
            del rows[i]

    def _now(self) -> int:
        """The server's time."""
        answer = self.wire.get("/v1/events?limit=1")
        return int(parsedate_to_datetime(answer.headers["Date"]).timestamp())

    def _events(self, since: int) -> list[Json]:
        """The events since a second, without those that were seen before."""
        events = self.wire.all(f"/v1/events?created[gte]={since}")
        new = [event for event in events if event["id"] not in self.seen]
        self.seen |= {event["id"] for event in new}
        return new

    def _refetch(self, changed: Iterable[Ref]) -> None:
        """Fetch what changed, and what holds any of it inside itself."""
        changed = dict.fromkeys(changed)
        for name, identifier in [*changed, *self._holders(changed)]:
            self._fetch(name, identifier)

    def _fetch(self, name: str, identifier: str) -> None:
        """An object by its id: what is not there any more was deleted."""
        answer = self.wire.get(f"{LISTS[name].partition('?')[0]}/{identifier}")
        obj = answer.json()
        if answer.status == 404 or obj.get("deleted"):
            self.held[name].pop(identifier, None)
            self.gone.add((name, identifier))
            return
        assert answer.status == 200, obj
        self.held[name][identifier] = self._completed(obj)
        self.gone.discard((name, identifier))

    def _holders(self, changed: Iterable[Ref]) -> list[Ref]:
        """The held objects in which others of these are shown."""
        wanted = set(changed)
        return [
            (name, i)
            for name, rows in self.held.items()
            for i, row in rows.items()
            if wanted and (name, i) not in wanted and not wanted.isdisjoint(inner(row))
        ]

    def _read(self, path: str) -> list[Json]:
        """A list whole; empty where it went with its customer, whose event is still to come."""
        there = self.wire.get(f"{path.partition('?')[0]}?limit=1").status == 200
        return self.wire.all(path) if there else []

    def _completed(self, value: Any) -> Any:
        """The same with every nested list read to its end."""
        if isinstance(value, list):
            return [self._completed(item) for item in value]
        if not isinstance(value, dict):
            return value
        if value.get("object") == "list" and value.get("has_more"):
            value = value | {"data": self.wire.all(value["url"]), "has_more": False}
        return {key: self._completed(item) for key, item in value.items()}


def pointers(events: Iterable[Json]) -> Iterator[Ref]:
    """The objects to fetch again; an upcoming invoice has no id."""
    for event in events:
        obj = event["data"]["object"]
        name = obj["object"]
        if name in LISTS and obj.get("id"):
            yield name, obj["id"]
        for field, other in BESIDE.get(name, {}).items():
            if obj.get(field):
                yield other, obj[field]


def inner(value: Any) -> Iterator[Ref]:
    """The names and ids of all objects inside a value, itself included."""
    if isinstance(value, list):
        for item in value:
            yield from inner(item)
    elif isinstance(value, dict):
        if isinstance(value.get("id"), str) and value.get("object") in LISTS:
            yield value["object"], value["id"]
        for item in value.values():
            if isinstance(item, (dict, list)):
                yield from inner(item)


class NaiveReplica:
    """What not to do: believe each snapshot, in the order of ``created``, from the last one on."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.held = {name: {r["id"]: r for r in wire.all(path)} for name, path in TOLD.items()}
        newest = wire.get("/v1/events?limit=1").json()["data"]
        self.last: int = newest[0]["created"] if newest else 0
        self.told: Counter[str] = Counter()

    def sync(self) -> None:
        """Take in the snapshots of what came after the last event."""
        events = self.wire.all(f"/v1/events?created[gt]={self.last}")
        self.told.update(event["type"] for event in events)
        for event in reversed(events):
            self.last = event["created"]
            obj = event["data"]["object"]
            rows = self.held.get(obj["object"])
            if rows is None or "id" not in obj:
                continue
            if event["type"].endswith(".deleted") and obj["object"] != "subscription":
                rows.pop(obj["id"], None)
            else:
                rows[obj["id"]] = obj
