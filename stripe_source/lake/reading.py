"""Reads tables in files by SQL, with an in-memory DuckDB.

dlt's own client does so, too, but reads Delta and Iceberg by extensions of DuckDB, which are
downloaded, and names columns that older files do not have yet. Here the libraries that write those
tables say which Parquet files they are made of.
"""

import copy
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from dlt.common.destination.exceptions import DestinationUndefinedEntity
from dlt.common.schema.exceptions import TableNotFound
from dlt.destinations.impl.filesystem.sql_client import FilesystemSqlClient

from stripe_source.errors import DestinationError
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
                source = rows_in(self.remote_client, files_of(self.remote_client, name))
            except (DestinationUndefinedEntity, TableNotFound):
                continue
            view = self.make_qualified_table_name(tables[name])
            self._conn.execute(f"CREATE OR REPLACE VIEW {view} AS FROM {source}")

    def arrow(self, query: str, name: str) -> pa.Table:
        """The result of a query of one table; raises what DuckDB does where there is none."""
        self.create_views_for_tables({name: name})
        return self._conn.sql(query).to_arrow_table()


def reader_of(remote: "FilesystemClient") -> FilesSqlClient:
    """A client with a database of its own, for one thread.

    Nor is a catalog shared: dlt's default for Iceberg is a SQLite in memory, one for each thread.
    """
    own = copy.copy(remote)
    own._catalog, own._catalog_namespaces, own._sql_client = None, set(), None  # type: ignore[assignment]
    return FilesSqlClient(own, own.dataset_name)


def files_of(remote: "FilesystemClient", name: str) -> list[str]:
    """The Parquet files that a table is made of. Raises DestinationUndefinedEntity without any."""
    match remote.prepare_load_table(name).get("table_format"):
        case "delta":
            return files_of_delta(remote.load_open_table("delta", name))
        case "iceberg":
            return files_of_iceberg(remote.load_open_table("iceberg", name))
    files = remote.list_table_files(name)
    if not files:
        raise DestinationUndefinedEntity(name)
    return files


def files_of_delta(table: Any) -> list[str]:
    """The files of a Delta table. Raises DestinationError where some of their rows are deleted."""
    if "deletionVectors" in (table.protocol().reader_features or ()):
        raise DestinationError(f"{table.table_uri} has deletion vectors, which we can't read")
    return list(table.file_uris())


def files_of_iceberg(table: Any) -> list[str]:
    """The same of an Iceberg table."""
    tasks = list(table.scan().plan_files())
    if any(task.delete_files for task in tasks):
        raise DestinationError(f"{table.location()} has files of deletions, which we can't read")
    return [task.file.file_path for task in tasks]


def rows_in(remote: "FilesystemClient", files: list[str]) -> str:
    """The rows of Parquet files, as a table in SQL.

    Raises DestinationUndefinedEntity for none: nothing says which columns there would be.
    """
    if not files:
        raise DestinationUndefinedEntity("no files")
    protocol = remote.config.protocol
    if protocol == "file":
        files = [file.removeprefix("file://") for file in files]
    else:
        files = [file if "://" in file else f"{protocol}://{file}" for file in files]
    return f"read_parquet([{', '.join(map(quoted, files))}], union_by_name = true)"
