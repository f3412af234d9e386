"""The account's events, read once a sync and shared by all resources.

An event is a pointer to an object, no more: it comes late, twice and out of order, and its snapshot
may be old or in another API version for good (https://docs.stripe.com/webhooks), so that only ids
and ``created``, which never change, are taken from it.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import duckdb
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from stripe_source.api.client import Client
from stripe_source.catalog import CATALOG, Child, Embedded, Resource
from stripe_source.errors import StripeSourceError, StripeUnavailable
from stripe_source.extract.reader import ListReader
from stripe_source.extract.scratch import reason, registered
from stripe_source.extract.spans import Span

log = logging.getLogger("stripe_source")

DAY = 86_400
LATENESS = 300  # seconds: how late an event may show up; read again and told apart by id
RETENTION = 30 * DAY  # https://docs.stripe.com/api/events: events are kept for 30 days
REACH = RETENTION - DAY  # an older cursor may lose events while they are being read
PAGES = 50  # that are parsed at once
MOST_TYPES = 20  # that a request can ask for
AGED_OUT = "aged out"  # what Stripe says of a cursor beyond the retention

EVENTS = CATALOG["events"]
POINTERS = {
    "data": [
        {
            "id": "VARCHAR",
            "type": "VARCHAR",
            "created": "BIGINT",
            "data": {
                "object": {
                    "test_clock": "VARCHAR",
                    "id": "VARCHAR",
                    "created": "BIGINT",
                    "date": "BIGINT",
                    "account": "VARCHAR",
                    "customer": "VARCHAR",
                    "fee": "VARCHAR",
                    "invoice": "VARCHAR",
                    "subscription": "VARCHAR",
                }
            },
        }
    ]
}
QUERY = f"""
SELECT event, kind, told, o FROM (
  SELECT e.id AS event, e.type AS kind, e.created AS told, e.data.object AS o
  FROM (SELECT unnest(from_json(page, '{orjson.dumps(POINTERS).decode()}').data) AS e FROM pages)
)
"""


OURS = pa.schema(
    {
        "event": pa.string(),
        "kind": pa.string(),
        "told": pa.int64(),
        "id": pa.string(),
        "created": pa.int64(),
    }
)


class AgedOut(StripeSourceError):
    """Events that were still to be read are gone: only re-listing tells what changed."""


@dataclass(frozen=True)
class Change:
    """An object that has changed: ``created`` where an event told it, ``deleted_at`` likewise."""

    id: str
    created: int | None = None
    deleted_at: int | None = None


@dataclass(frozen=True)
class News:
    """What the events say of one resource since its cursor.

    ``events`` are the ids of all that may be met again in the next sync.
    """

    changes: list[Change]
    events: list[str]
    until: int
    stamp: float


@dataclass
class Feed:
    """The events since ``since()``, which is asked for when they are first needed."""

    client: Client
    types: frozenset[str]
    since: Callable[[], int]
    test_clocks: bool = False
    _failure: StripeSourceError | None = None
    _events: tuple[pa.Table, int, float] | None = field(default=None, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def news(self, resource: Resource, cursor: int, seen: Sequence[str]) -> News:
        """What changed of a resource, but for events that were seen before.

        Raises AgedOut where the account no longer has all of them, and what the client raises.
        """
        events, until, stamp = self._read()
        ours = _of(resource, events, cursor - LATENESS)
        changes = _changes(resource, ours, seen)
        again = [e for e, told in _columns(ours, "event", "told") if told >= until - LATENESS]
        return News(changes, sorted(set(again)), until, stamp)

    def told(self, types: Iterable[str], since: int) -> tuple[set[str], int]:
        """The ids of the events of some types since a time, and until when they are all there.

        Raises what `news` raises.
        """
        events, until, _ = self._read()
        kinds = pa.array(list(types), pa.string())
        wanted = pc.is_in(events["kind"], value_set=kinds)
        recent = pc.greater_equal(events["told"], since)
        return set(events.filter(pc.and_(wanted, recent))["event"].to_pylist()), until

    def _read(self) -> tuple[pa.Table, int, float]:
        with self._lock:
            if self._failure is not None:
                raise self._failure  # what failed for one would fail for each
            try:
                self._events = self._events or self._asked()
            except StripeSourceError as failure:
                self._failure = failure
                raise
            return self._events

    def _asked(self) -> tuple[pa.Table, int, float]:
        """The events, the time before which they are all there, and the stamp of the reading."""
        until, stamp = self.client.clock.seen(), self.client.clock.stamp()
        span = Span(self.since() - LATENESS)
        asked = [("types[]", name) for name in sorted(self.types)]
        only = asked if len(asked) <= MOST_TYPES else []
        reader = ListReader(self.client, EVENTS, [span], only)
        parts, pages = [], []
        try:
            for read in reader.pages():
                pages.append(read.page.body)
                if len(pages) == PAGES or not read.pending:
                    parts.append(_pointers(pages, test_clocks=self.test_clocks))
                    pages = []
        except StripeSourceError as refusal:
            if AGED_OUT in str(refusal):
                raise AgedOut(str(refusal)) from refusal
            raise
        events = pa.concat_tables(parts)
        log.info("%d events since %d", events.num_rows, span.start)
        return events, until, stamp


def _pointers(pages: Sequence[bytes], *, test_clocks: bool) -> pa.Table:
    texts = pa.array([page.decode() for page in pages], pa.string())
    try:
        with registered(pages=pa.table({"page": texts})) as connection:
            found = connection.sql(QUERY if test_clocks else f"{QUERY} WHERE o.test_clock IS NULL")
            return found.to_arrow_table()
    except duckdb.Error as fault:
        raise StripeUnavailable(f"an answer for events is broken: {reason(fault)}") from None


def types_of(resources: Iterable[Resource]) -> frozenset[str]:
    """The types of all events that matter to these resources."""
    return frozenset(kind for row in resources for kind in (*row.events, *_told(row)))


def _told(resource: Resource) -> dict[str, str]:
    """Events that show another object, and where in it the id of this resource's row is."""
    parts: list[Child | Embedded] = [*resource.children, *resource.embedded]
    return {kind: part.owner or resource.object for part in parts for kind in part.events}


def _of(resource: Resource, events: pa.Table, since: int) -> pa.Table:
    """This resource's events since a time: event, kind, told, id and created of the object."""
    kinds = pa.array([*resource.events, *_told(resource)], pa.string())
    recent = pc.greater_equal(events["told"], since)
    events = events.filter(pc.and_(pc.is_in(events["kind"], value_set=kinds), recent))
    if not events.num_rows:
        return OURS.empty_table()  # as mostly, and a query takes milliseconds, whatever it finds
    own = ", ".join(f"'{kind}'" for kind in resource.events) or "''"
    queries = [
        "SELECT event, kind, told, o.id AS id, "
        f"CASE WHEN o.test_clock IS NULL THEN o.{resource.created_field} END AS created "
        f"FROM events WHERE kind IN ({own})"  # what is on a test clock is in no list
    ]
    queries += [
        f"SELECT event, kind, told, o.{owner} AS id, NULL FROM events WHERE kind = '{kind}'"
        for kind, owner in _told(resource).items()
    ]
    every = " UNION ALL ".join(queries)
    with registered(events=events) as connection:
        found = connection.sql(f"FROM ({every}) WHERE id IS NOT NULL")
        return found.to_arrow_table()


def _changes(resource: Resource, ours: pa.Table, seen: Sequence[str]) -> list[Change]:
    """One change for each object."""
    if set(ours["event"].to_pylist()) <= set(seen):
        return []
    deletes = ", ".join(f"'{kind}'" for kind in resource.deleted_by) or "''"
    known = pa.table({"event": pa.array(seen, pa.string())})
    with registered(ours=ours, seen=known) as connection:
        rows = connection.execute(
            f"SELECT id, max(created), max(CASE WHEN kind IN ({deletes}) THEN told END) "
            "FROM ours WHERE event NOT IN (FROM seen) GROUP BY id ORDER BY id"
        ).fetchall()
    return [Change(*row) for row in rows]


def _columns(table: pa.Table, *names: str) -> list[tuple[str, int]]:
    return list(zip(*(table[name].to_pylist() for name in names), strict=True))
