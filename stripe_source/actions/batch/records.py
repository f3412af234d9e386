"""What became of each row, in the table ``_stripe_actions`` of the warehouse."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from stripe_source.actions.dataset import Dataset

TABLE = "_stripe_actions"


@dataclass(frozen=True)
class Record:
    """One object of one row, or a row that failed.

    ``batch_rows`` is how many rows the batch had: with so many recorded it came to its end.
    ``attempts`` counts how often the row has failed. ``changed`` names properties, and ``why`` is
    of what failed or was skipped.
    """

    batch_id: str
    row_key: str
    part: int
    row_number: int
    batch_rows: int
    action: str
    matching_property: str | None
    matching_value: str | None
    outcome: str
    object_id: str | None
    changed: list[str]
    why: str | None
    request_id: str | None
    attempts: int
    done_at: str
    livemode: bool
    _account_id: str

    @property
    def failed(self) -> bool:
        """Whether the row is to be tried again when the batch goes on."""
        return self.outcome in ("failed", "unknown")

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


TYPES = pa.schema(
    [
        ("batch_id", pa.string()),
        ("row_key", pa.string()),
        ("part", pa.int64()),
        ("row_number", pa.int64()),
        ("batch_rows", pa.int64()),
        ("action", pa.string()),
        ("matching_property", pa.string()),
        ("matching_value", pa.string()),
        ("outcome", pa.string()),
        ("object_id", pa.string()),
        ("changed", pa.string()),
        ("why", pa.string()),
        ("request_id", pa.string()),
        ("attempts", pa.int64()),
        ("done_at", pa.timestamp("us", tz="UTC")),
        ("livemode", pa.bool_()),
        ("_account_id", pa.string()),
    ]
)
KEY = ("batch_id", "row_key", "part")


@dataclass(frozen=True)
class Records:
    """The table in a dataset."""

    dataset: Dataset

    def load(self, records: Iterable[Record]) -> None:
        """Add records; one of the same row and object takes the other's place."""
        newest = {
            (each.batch_id, each.row_key, each.part): _row(each)
            for each in sorted(records, key=lambda each: each.done_at)
        }
        rows = pa.Table.from_pylist(list(newest.values()), schema=TYPES)
        self.dataset.merge(TABLE, rows, KEY, ["changed"])

    def runs(self, batch: str) -> list[str]:
        """The ids of a batch's runs that something is recorded of."""
        query = f"SELECT DISTINCT batch_id FROM {TABLE} WHERE batch_id LIKE '{batch}-%'"
        return [str(run) for (run,) in self.dataset.select(query)]

    def of(self, run: str) -> list[Record]:
        """What is recorded of a run."""
        names = [field.name for field in fields(Record)]
        query = f"SELECT {', '.join(names)} FROM {TABLE} WHERE batch_id = '{run}'"
        rows = self.dataset.select(query)
        return [from_row(dict(zip(names, row, strict=True))) for row in rows]


def from_row(row: Mapping[str, Any]) -> Record:
    """A record of a journal or of the table."""
    values = dict(row)
    if isinstance(values["changed"], str):
        values["changed"] = json.loads(values["changed"])
    if isinstance(values["done_at"], datetime):
        values["done_at"] = values["done_at"].astimezone(UTC).isoformat()
    return Record(**values)


def _row(record: Record) -> dict[str, Any]:
    at = datetime.fromisoformat(record.done_at)
    return record.plain() | {"done_at": at, "changed": json.dumps(record.changed)}
