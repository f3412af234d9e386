"""The objects that events show, as rows of the history tables: one version an event."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import duckdb
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from stripe_source.catalog import Embedded, Resource
from stripe_source.errors import StripeUnavailable
from stripe_source.extract.scratch import reason, registered
from stripe_source.extract.spans import Bounds
from stripe_source.schema import load_schema
from stripe_source.tables.batch import Batch
from stripe_source.tables.erased import Erased
from stripe_source.tables.history import Versions, histories_of, once, with_deletions, with_versions
from stripe_source.tables.layout import UPDATED, Table, tables_of
from stripe_source.tables.masks import Masks
from stripe_source.tables.moved import is_older, moved
from stripe_source.tables.oddities import Oddities
from stripe_source.tables.types import TIME, arrow_schema

SHAPE = {
    "data": [
        {
            "id": "VARCHAR",
            "type": "VARCHAR",
            "created": "BIGINT",
            "api_version": "VARCHAR",
            "data": {"object": "JSON"},
        }
    ]
}
QUERY = f"""
    SELECT e.id AS event, e.type AS kind, e.created AS told, e.api_version AS version,
           e.data.object::VARCHAR AS object, sent_at
    FROM (
        SELECT unnest(from_json(page, '{orjson.dumps(SHAPE).decode()}').data) AS e, sent_at
        FROM pages
    )
"""
TIMES = 1_000_000  # microseconds in a second


@dataclass(frozen=True)
class Wanted:
    """What of the snapshots is kept: the account's id, ``created`` within bounds, test clocks.

    Nothing that is personal of ``erased`` customers is, nor what is masked.
    """

    account_id: str
    bounds: Bounds = field(default_factory=Bounds)
    test_clocks: bool = False
    oddities: Oddities = field(default_factory=Oddities)
    erased: Erased = field(default_factory=Erased)
    masks: Masks = field(default_factory=Masks)


def snapshots(pages: Sequence[bytes], sent_at: Sequence[float]) -> pa.Table:
    """The events of list answers: event, kind, told (s), version, object (JSON text), sent_at.

    They are in the order of the list, newest first. Raises StripeUnavailable for broken JSON.
    """
    texts = pa.array([page.decode() for page in pages], pa.string())
    read = pa.table({"page": texts, "sent_at": pa.array(sent_at, pa.float64())})
    try:
        with registered(pages=read) as connection:
            return _as_now(connection.sql(QUERY).to_arrow_table())
    except duckdb.Error as fault:
        raise StripeUnavailable(f"an answer for events is broken: {reason(fault)}") from None


def _as_now(found: pa.Table) -> pa.Table:
    """The snapshots that are in an older version, rewritten; these alone are parsed in Python."""
    versions = found["version"].unique().to_pylist()
    older = pa.array([version for version in versions if is_older(version)], pa.string())
    mask = pc.is_in(found["version"], value_set=older).combine_chunks()
    if not pc.any(mask).as_py():
        return found
    texts = found["object"].combine_chunks()
    rewritten = [
        orjson.dumps(moved(orjson.loads(text))).decode() for text in texts.filter(mask).to_pylist()
    ]
    mixed = pc.replace_with_mask(texts, mask, pa.array(rewritten, pa.string()))
    return found.set_column(found.schema.get_field_index("object"), "object", mixed)


def versions(resource: Resource, found: pa.Table, wanted: Wanted) -> dict[str, pa.Table]:
    """The rows of a catalog row's history tables, from snapshots (with a column ``place``)."""
    histories = histories_of(resource)
    own = _Shown(resource, _of_types(found, resource.events), wanted)
    rows = {
        history.name: own.rows(table, history)
        for table in tables_of(resource)
        if (history := histories.get(table.name))
    }
    for embedded in resource.embedded:
        if embedded.history and embedded.events:
            history = histories[embedded.table]
            alone = _alone(embedded)
            told = _Shown(alone, _of_types(found, embedded.events), wanted)
            parts = [rows[history.name], told.rows(tables_of(alone)[0], history)]
            rows[history.name] = once(history, parts)
    return rows


def _alone(embedded: Embedded) -> Resource:
    """What is embedded, as events show it: by itself."""
    deletes = tuple(kind for kind in embedded.events if kind.endswith(".deleted"))
    return Resource(embedded.table, "", embedded.object, deleted_by=deletes)


def _of_types(found: pa.Table, kinds: Sequence[str]) -> pa.Table:
    return found.filter(pc.is_in(found["kind"], value_set=pa.array(kinds, pa.string())))


class _Shown:
    """Objects of one kind, each with the event that shows it.

    Each is a page of its own, with its number as the page's time: so its rows tell whose they are.
    """

    def __init__(self, resource: Resource, found: pa.Table, wanted: Wanted) -> None:
        self._found = found
        self._deletes = pa.array(resource.deleted_by, pa.string())
        texts = found["object"].to_pylist()
        dated = "created" in load_schema(resource.object).columns
        self._batch = Batch(
            resource=resource,
            accounts=[wanted.account_id] * len(texts),
            pages=[b'{"data": [' + text.encode() + b"]}" for text in texts],
            sent_at=[float(number) for number in range(len(texts))],
            bounds=wanted.bounds if dated else Bounds(),
            test_clocks=wanted.test_clocks,
            oddities=wanted.oddities,
            erased=wanted.erased,
            masks=wanted.masks,
        )

    def rows(self, table: Table, history: Table) -> pa.Table:
        """The versions of one table's rows."""
        if not self._found.num_rows:
            return arrow_schema(history).empty_table()
        rows = self._batch.table(replace(table, name=history.name))
        whose = pc.divide(rows[UPDATED].cast(pa.int64()), TIMES)
        events = self._found.take(whose).combine_chunks()
        stamps = pc.multiply(events["sent_at"], TIMES).cast(pa.int64(), safe=False).cast(TIME)
        position = rows.schema.get_field_index(UPDATED)
        rows = rows.set_column(position, rows.schema.field(UPDATED), stamps)
        told = pc.multiply(events["told"], TIMES).cast(TIME)
        gone = pc.is_in(events["kind"], value_set=self._deletes)
        facts = Versions(
            ids=events["event"],
            moments=told,
            order=pc.negate(events["place"]),
            source="event",
            kinds=events["kind"],
        )
        return with_versions(history, with_deletions(rows, gone, told), facts)
