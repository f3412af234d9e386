"""dlt's destination ``filesystem``, in which Delta and Iceberg tables are merged as in a database.

dlt's own merges them row by key: it doubles what is staged twice, takes an older row for a newer
one and keeps children that their parent has lost. Tables of other sources are left to it.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from dlt.common.destination import DestinationCapabilitiesContext, PreparedTableSchema
from dlt.common.destination.exceptions import DestinationUndefinedEntity
from dlt.common.schema.exceptions import TableNotFound
from dlt.common.schema.typing import TLoaderMergeStrategy, TTableSchema
from dlt.destinations import filesystem as dlt_filesystem
from dlt.destinations.impl.filesystem.factory import filesystem_merge_strategies_selector
from dlt.destinations.impl.filesystem.filesystem import (
    DeltaLoadFilesystemJob,
    FilesystemClient,
    IcebergLoadFilesystemJob,
    ReferenceFollowupJob,
    TableFormatLoadFilesystemJob,
)
from dlt.destinations.sql_client import SqlClientBase

from stripe_source.lake.reading import (
    FilesSqlClient,
    files_of,
    files_of_delta,
    files_of_iceberg,
    reader_of,
    rows_in,
)
from stripe_source.lake.rows import Merge, Sides, marked, merged
from stripe_source.tables.every import every_table
from stripe_source.tables.layout import ACCOUNT, DELETED, Table
from stripe_source.tables.policy import OURS
from stripe_source.tables.sql import quoted

FORMATS = ("delta", "iceberg")
AT_ONCE = 10_000  # ids in one condition of Iceberg's


class DeltaMerge(DeltaLoadFilesystemJob):
    """Merges what a load has staged into a Delta table, in one commit."""

    def run(self) -> None:
        """Do it. What is run again after a crash changes nothing."""
        from dlt.common.libs.deltalake import evolve_delta_table_schema

        table = _ours(self._load_table)
        if table is None:
            super().run()
            return
        schema = self.arrow_dataset.schema
        try:
            delta = self._job_client.load_open_table("delta", self.load_table_name)
        except DestinationUndefinedEntity:
            delta = self._created(schema)
        evolve_delta_table_schema(delta, schema)
        _into_delta(delta, table, _merge(self, table, files_of_delta(delta)))

    def _created(self, schema: pa.Schema) -> Any:
        from dlt.common.libs.deltalake import deltalake_storage_options, write_delta_table

        config = self._job_client.config
        write_delta_table(
            self._job_client.get_open_table_location("delta", self.load_table_name),
            schema.empty_table(),
            "append",
            self._partition_columns,
            deltalake_storage_options(config.credentials, config.deltalake_storage_options),
            config.deltalake_configuration,
        )
        return self._job_client.load_open_table("delta", self.load_table_name)


def _into_delta(delta: Any, table: Table, merge: Merge) -> None:
    source = pa.concat_tables([merge.rows, marked(merge.gone, merge.rows.schema)])
    if not source.num_rows:
        return
    predicate = " AND ".join(f"target.{name} = source.{name}" for name in table.key)
    known = table.history or merge.replaced.num_rows
    if not known:
        predicate = "false"
    gone = f"source.{DELETED} IS NULL"
    (
        delta.merge(source, predicate, source_alias="source", target_alias="target")
        .when_matched_delete(gone)
        .when_matched_update_all()
        .when_not_matched_insert_all(f"NOT ({gone})")
        .execute()
    )


class IcebergMerge(IcebergLoadFilesystemJob):
    """The same for Iceberg."""

    def run(self) -> None:
        """Do it. What is run again after a crash changes nothing."""
        table = _ours(self._load_table)
        if table is None:
            super().run()
            return
        schema = self.arrow_dataset.schema
        try:
            iceberg = self._loaded(schema)
        except DestinationUndefinedEntity:
            self._create(schema)
            iceberg = self._loaded(schema)
        _into_iceberg(iceberg, table, _merge(self, table, files_of_iceberg(iceberg)))

    def _loaded(self, schema: pa.Schema) -> Any:
        return self._job_client.load_open_table("iceberg", self.load_table_name, schema=schema)

    def _create(self, schema: pa.Schema) -> None:
        from dlt.common.libs.pyiceberg import create_table

        create_table(
            self._job_client.get_open_table_catalog("iceberg"),
            f"{self._job_client.dataset_name}.{self.load_table_name}",
            table_location=self._job_client.get_open_table_location(
                "iceberg", self.load_table_name
            ),
            schema=schema,
            properties=self._job_client.config.iceberg_table_properties,
        )


def _into_iceberg(iceberg: Any, table: Table, merge: Merge) -> None:
    from dlt.common.libs.pyiceberg import ensure_iceberg_compatible_arrow_data
    from pyiceberg.expressions import And, EqualTo, In

    owner = table.parent_id or "id"
    with iceberg.transaction() as transaction:
        if not table.history:
            for account in merge.replaced[ACCOUNT].unique().to_pylist():
                ours = merge.replaced.filter(pc.field(ACCOUNT) == account)
                owners = ours[owner].to_pylist()
                for start in range(0, len(owners), AT_ONCE):
                    some = In(owner, owners[start : start + AT_ONCE])  # type: ignore[misc,call-arg]
                    own = EqualTo(ACCOUNT, account)  # type: ignore[misc,call-arg]
                    transaction.delete(And(own, some))
        if merge.rows.num_rows:
            transaction.append(ensure_iceberg_compatible_arrow_data(merge.rows))


def _merge(job: TableFormatLoadFilesystemJob, table: Table, files: list[str]) -> Merge:
    """What becomes of a job's rows beside those in a table's files."""
    schema = job.arrow_dataset.schema
    staged = ", ".join(quoted(path) for path in job.file_paths)
    rows = f"read_parquet([{staged}], union_by_name = true)"
    held = rows_in(job._job_client, files) if files else f"(FROM {rows} LIMIT 0)"
    with reader_of(job._job_client) as client:
        sides = Sides(rows, held, _parents(client, table))
        return merged(client.native_connection, table, sides, schema)


def _parents(client: FilesSqlClient, table: Table) -> str | None:
    """Those that own a table's rows, as SQL; None where there is no table of theirs."""
    if table.parent is None:
        return None
    with suppress(DestinationUndefinedEntity, TableNotFound):
        return rows_in(client.remote_client, files_of(client.remote_client, table.parent))
    return None


def _ours(prepared: PreparedTableSchema) -> Table | None:
    """The table that a schema of dlt's is of, if it is one of ours and merged."""
    if prepared["write_disposition"] != "merge":
        return None
    table = every_table().get(str(prepared["name"]))
    return table if table is not None and ACCOUNT in prepared["columns"] else None


class FilesClient(FilesystemClient):
    """dlt's client with these jobs, and the client for SQL that reads Delta and Iceberg."""

    @staticmethod
    def get_reference_followup_job_class(
        table: PreparedTableSchema,
    ) -> type[ReferenceFollowupJob] | None:
        """The job that loads a table's files; None where they are the table."""
        jobs: dict[str, type[ReferenceFollowupJob]] = {"delta": DeltaMerge, "iceberg": IcebergMerge}
        return jobs.get(str(table.get("table_format")))

    def list_table_files(self, table_name: str, schema_name: str | None = None) -> list[str]:
        """A table's files; none where there is no folder, as when dlt drops staged tables."""
        try:
            return super().list_table_files(table_name, schema_name)
        except (FileNotFoundError, DestinationUndefinedEntity):
            return []

    @property
    def sql_client_class(self) -> type[SqlClientBase[Any]]:
        """What reads."""
        return FilesSqlClient

    @property
    def sql_client(self) -> SqlClientBase[Any]:
        """The same, made once."""
        if not self._sql_client:
            self._sql_client = FilesSqlClient(self, self.dataset_name)
        return self._sql_client

    @sql_client.setter
    def sql_client(self, client: SqlClientBase[Any]) -> None:
        self._sql_client = client


def _strategies(
    supported: Sequence[TLoaderMergeStrategy], /, *, table_schema: TTableSchema
) -> Sequence[TLoaderMergeStrategy]:
    found = list(filesystem_merge_strategies_selector(supported, table_schema=table_schema))
    if table_schema.get("table_format") in FORMATS:
        found += ["delete-insert", OURS]  # type: ignore[list-item]
    return found


class filesystem(dlt_filesystem):  # noqa: N801 - dlt names destinations in lower case
    """``dlt.destinations.filesystem`` that merges our Delta and Iceberg tables."""

    def _raw_capabilities(self) -> DestinationCapabilitiesContext:
        capabilities = super()._raw_capabilities()
        capabilities.merge_strategies_selector = _strategies
        return capabilities

    @property
    def client_class(self) -> type[FilesystemClient]:
        """The client that dlt opens for this destination."""
        return super().client_class if self.is_hf else FilesClient
