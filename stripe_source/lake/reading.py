"""Reads tables in files by SQL, with an in-memory DuckDB.

dlt's own client does so, too, but reads Delta and Iceberg by extensions of DuckDB, which are
downloaded, and names columns that older files do not have yet. Here Arrow opens the tables.
"""

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.fs as pafs
from dlt.common.destination.exceptions import DestinationUndefinedEntity
from dlt.common.schema.exceptions import TableNotFound
from dlt.destinations.impl.filesystem.sql_client import FilesystemSqlClient

from stripe_source.tables.sql import quoted

if TYPE_CHECKING:
    from dlt.destinations.impl.filesystem.filesystem import FilesystemClient


class FilesSqlClient(FilesystemSqlClient):
    """dlt's client that maps files to views, with these views as they are at each query."""

    def create_views_for_tables(self, tables: dict[str, str]) -> None:
        """Map the tables that a query names; one that has no files stays undefined."""
        ours = {name for name in tables if name not in self.schema.dlt_table_names()}
        super().create_views_for_tables({n: v for n, v in tables.items() if n not in ours})
        for name in ours:
            try:
                source = self._source(name)
            except (DestinationUndefinedEntity, TableNotFound):
                continue
            view = self.make_qualified_table_name(tables[name])
            self._conn.execute(f"CREATE OR REPLACE TEMP VIEW {self._plain(name)} AS FROM {source}")
            self._conn.execute(f"CREATE OR REPLACE VIEW {view} AS FROM {source}")

    def _plain(self, name: str) -> str:
        return self.escape_column_name(name)

    def _source(self, name: str) -> str:
        remote = self.remote_client
        if remote.prepare_load_table(name).get("table_format") in ("delta", "iceberg"):
            source = f"_files_of_{name}"
            self._conn.register(source, opened(remote, name))
            return source
        files = remote.list_table_files(name)
        if not files:
            raise DestinationUndefinedEntity(name)
        scheme = "" if remote.config.protocol == "file" else f"{remote.config.protocol}://"
        listed = ", ".join(quoted(f"{scheme}{file}") for file in files)
        return f"read_parquet([{listed}], union_by_name = true)"


def opened(remote: "FilesystemClient", name: str) -> Any:
    """A Delta or Iceberg table as Arrow reads it. Raises DestinationUndefinedEntity without one."""
    if remote.prepare_load_table(name).get("table_format") == "delta":
        return remote.load_open_table("delta", name).to_pyarrow_dataset()
    return iceberg_rows(remote, remote.load_open_table("iceberg", name))


def iceberg_rows(remote: "FilesystemClient", table: Any) -> Any:
    """The rows of an Iceberg table: its files, unless some of their rows are deleted."""
    from pyiceberg.io.pyarrow import schema_to_pyarrow

    tasks = list(table.scan().plan_files())
    if any(task.delete_files for task in tasks):
        return table.scan().to_arrow()
    schema = schema_to_pyarrow(table.schema(), include_field_ids=False)
    files = [_path(remote, task.file.file_path) for task in tasks]
    if not files:
        return schema.empty_table()
    system = pafs.PyFileSystem(pafs.FSSpecHandler(remote.fs_client))
    return ds.dataset(files, schema=_readable(schema), format="parquet", filesystem=system)


def _path(remote: "FilesystemClient", address: str) -> str:
    return str(remote.fs_client._strip_protocol(address))


def _readable(schema: pa.Schema) -> pa.Schema:
    """The schema without Iceberg's large types, which the files do not have."""
    plain = {pa.large_string(): pa.string(), pa.large_binary(): pa.binary()}
    return pa.schema([pa.field(f.name, plain.get(f.type, f.type), f.nullable) for f in schema])
