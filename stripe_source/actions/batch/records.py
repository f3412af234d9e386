"""What became of each row, in the table ``_stripe_actions`` of the warehouse."""

import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any

import dlt
import pyarrow as pa
from dlt.common.destination import Destination
from dlt.destinations.exceptions import DatabaseUndefinedRelation

TABLE = "_stripe_actions"
SCHEMA = "stripe_actions"


@dataclass(frozen=True)
class Record:
    """One object of one row, or a row that failed.

    ``batch_rows`` is how many rows the batch had: with so many recorded it came to its end.
    ``attempts`` counts how often the row had failed before. ``changed`` names properties.
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
    error: str | None
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
        ("error", pa.string()),
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
    """The table, in a dataset of a destination; dlt's pipeline for it is one of its own.

    So a batch neither waits for a sync nor changes what that keeps in its state.
    """

    destination: Destination[Any, Any]
    dataset: str
    pipeline_name: str

    def load(self, records: Iterable[Record]) -> None:
        """Add records; one of the same row and object takes the other's place."""
        rows = [_row(record) for record in records]
        with self._pipeline() as pipeline:
            pipeline.run(
                pa.Table.from_pylist(rows, schema=TYPES),
                table_name=TABLE,
                write_disposition="merge",
                primary_key=list(KEY),
                columns={"changed": {"data_type": "json"}},
                schema=dlt.Schema(SCHEMA),
            )

    def runs(self, batch: str) -> list[str]:
        """The ids of a batch's runs that something is recorded of."""
        return [
            str(run)
            for (run,) in self._select(
                f"SELECT DISTINCT batch_id FROM {TABLE} WHERE batch_id LIKE '{batch}-%'"
            )
        ]

    def of(self, run: str) -> list[Record]:
        """What is recorded of a run."""
        names = [field.name for field in fields(Record)]
        query = f"SELECT {', '.join(names)} FROM {TABLE} WHERE batch_id = '{run}'"
        return [from_row(dict(zip(names, row, strict=True))) for row in self._select(query)]

    def _select(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query; none where nothing was ever recorded."""
        try:
            with self._pipeline() as pipeline, pipeline.sql_client() as client:
                return [tuple(row) for row in client.execute_sql(query) or []]
        except DatabaseUndefinedRelation:
            return []

    @contextmanager
    def _pipeline(self) -> Iterator[dlt.Pipeline]:
        """In a folder of its own: what a killed load left is loaded again from the journal."""
        with tempfile.TemporaryDirectory() as folder:
            pipeline = dlt.pipeline(
                f"{self.pipeline_name}_actions",
                pipelines_dir=folder,
                destination=self.destination,
                dataset_name=self.dataset,
            )
            pipeline.config.restore_from_destination = False
            try:
                yield pipeline
            finally:
                pipeline.deactivate()


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
