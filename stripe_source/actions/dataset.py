"""Tables of our own beside those of a sync: what was done, and what was erased."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import dlt
import pyarrow as pa
from dlt.common.destination import Destination
from dlt.destinations.exceptions import DatabaseUndefinedRelation

from stripe_source.tables.hints import quiet_dlt

SCHEMA = "stripe_actions"

quiet_dlt()


@dataclass(frozen=True)
class Dataset:
    """A dataset of a destination, as the pipeline of a name syncs it.

    dlt's pipeline for these tables is one of its own: it neither waits for a sync nor changes what
    that keeps in its state.
    """

    destination: Destination[Any, Any]
    name: str
    pipeline_name: str

    def merge(self, table: str, rows: pa.Table, key: Sequence[str], json: Sequence[str]) -> None:
        """Load rows; one with the same key takes the other's place. ``json`` names columns."""
        with self.pipeline() as pipeline:
            pipeline.run(
                rows,
                table_name=table,
                write_disposition="merge",
                primary_key=list(key),
                columns={name: {"data_type": "json"} for name in json},
                schema=dlt.Schema(SCHEMA),
            )

    def select(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query; none where a table of it was never loaded."""
        try:
            with self.pipeline() as pipeline, pipeline.sql_client() as client:
                return [tuple(row) for row in client.execute_sql(query) or []]
        except DatabaseUndefinedRelation:
            return []

    @contextmanager
    def pipeline(self) -> Iterator[dlt.Pipeline]:
        """In a folder of its own: nothing is left there by a load that was killed."""
        with tempfile.TemporaryDirectory() as folder:
            pipeline = dlt.pipeline(
                f"{self.pipeline_name}_actions",
                pipelines_dir=folder,
                destination=self.destination,
                dataset_name=self.name,
            )
            pipeline.config.restore_from_destination = False
            try:
                yield pipeline
            finally:
                pipeline.deactivate()
