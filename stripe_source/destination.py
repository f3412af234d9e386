"""dlt's DuckDB destination, for a file and a schema of the same name.

In ``stripe.duckdb`` DuckDB reads ``stripe.invoices`` as a table of the catalog ``stripe`` or of the
schema ``stripe``, and refuses to guess. dlt writes such names everywhere. Here they get the
catalog in front where the two names collide, and nowhere else.
"""

import os
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any
from weakref import finalize

import dlt
from dlt.common.destination import (
    Destination,
    DestinationCapabilitiesContext,
    PreparedTableSchema,
)
from dlt.common.destination.client import LoadJob
from dlt.common.schema import Schema
from dlt.destinations import duckdb as dlt_duckdb
from dlt.destinations.exceptions import DestinationConnectionError
from dlt.destinations.impl.duckdb.configuration import DuckDbClientConfiguration
from dlt.destinations.impl.duckdb.duck import DuckDbClient
from dlt.destinations.impl.duckdb.sql_client import DuckDbSqlClient
from duckdb import DuckDBPyConnection

from stripe_source.errors import UsageError
from stripe_source.extras import to_install
from stripe_source.lake import filesystem

# DuckDB would take 80 % of the machine's to sort what is loaded; with this it uses the disk, and is
# about as fast. A connection that was passed to the destination is left as it is.
LOAD_MEMORY = "256MiB"
LOCKED = "Could not set lock on file"
PATIENCE = 10.0  # seconds for which somebody who asks a query of the file is waited for
KEEPER = "_keeper"  # the attribute of a load's configuration that closes what keeps the file open


_keepers: list[finalize] = []  # type: ignore[type-arg]  # of all loads under way


def let_go() -> None:
    """Close what keeps files open, after a load that a signal ended.

    A load that goes on in another thread opens its file for each job from then on.
    """
    for close in _keepers:
        close()


class QualifyingSqlClient(DuckDbSqlClient):
    """Names tables as catalog.schema.table where the catalog's name is also the schema's."""

    def catalog_name(self, quote: bool = True, casefold: bool = True) -> str | None:  # noqa: ARG002
        """The catalog where a name needs it, else None as dlt has it."""
        database = getattr(self.credentials, "database", None)
        catalog = Path(str(database)).name.split(".")[0] if database else ""
        own = (self.dataset_name, self.staging_dataset_name)
        if catalog.lower() not in {name.lower() for name in own if name}:
            return None
        return self.capabilities.escape_identifier(catalog) if quote else catalog

    def open_connection(self) -> DuckDBPyConnection:
        """Open the file, when others are through with it.

        Raises DestinationConnectionError if they are not in ten seconds.
        """
        began = time.monotonic()
        while True:
            try:
                return super().open_connection()
            except DestinationConnectionError as failure:
                if LOCKED not in str(failure) or time.monotonic() - began > PATIENCE:
                    raise
            time.sleep(0.05)

    def warn_if_catalog_equals_dataset_name(self) -> None:
        """Nothing to warn of: the names are qualified."""


class QualifyingClient(DuckDbClient):
    """dlt's client with the SQL client above, which keeps the database open for a whole load.

    dlt opens it for each job. Where no other job runs, closing it writes a checkpoint each time,
    which rewrites much of what has just been loaded, in tables of the staging schema, too.
    """

    def __init__(
        self,
        schema: Schema,
        config: DuckDbClientConfiguration,
        capabilities: DestinationCapabilitiesContext,
    ) -> None:
        super().__init__(schema, config, capabilities)
        self.sql_client: DuckDbSqlClient = self._qualifying()

    def _qualifying(self) -> QualifyingSqlClient:
        plain, config = self.sql_client, self.config
        names = plain.dataset_name, plain.staging_dataset_name
        return QualifyingSqlClient(*names, config.credentials, self.capabilities)

    def __enter__(self) -> "QualifyingClient":
        """Open the connection with which dlt loads."""
        super().__enter__()
        configured = "memory_limit" in (self.config.credentials.global_config or {})
        if not configured and self.config.credentials.external_conn() is None:
            self.sql_client.execute_sql(f"SET GLOBAL memory_limit = '{LOAD_MEMORY}'")
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None:
        """Close the connection; where a job failed, nothing keeps the database open any more."""
        super().__exit__(exc_type, exc_val, exc_tb)  # type: ignore[arg-type]
        if exc_type is not None:
            self._let_go()

    def create_load_job(
        self, table: PreparedTableSchema, file_path: str, load_id: str, restore: bool = False
    ) -> LoadJob:
        """A job of a load, from whose first on the database is kept open."""
        # All clients of a load share a configuration, which goes with the load, however it ends.
        passed = self.config.credentials.external_conn() is not None
        if not passed and not hasattr(self.config, KEEPER):
            keeper = self._qualifying()
            setattr(self.config, KEEPER, finalize(self.config, keeper.close_connection))
            _keepers[:] = [each for each in _keepers if each.alive] + [getattr(self.config, KEEPER)]
            with suppress(Exception):  # then the jobs fail to open it, and say why
                keeper.open_connection()
        return super().create_load_job(table, file_path, load_id, restore)

    def complete_load(self, load_id: str) -> None:
        """The end of a load; whoever has the client open closes the database."""
        try:
            super().complete_load(load_id)
        finally:
            self._let_go()

    def _let_go(self) -> None:
        close = getattr(self.config, KEEPER, None)
        if close is not None:
            close()  # once


class duckdb(dlt_duckdb):  # noqa: N801 - dlt names destinations in lower case
    """``dlt.destinations.duckdb`` that also works when file and dataset have the same name.

    A relative path is one in the current folder. dlt would take the folder in which a pipeline of
    this name first ran, wherever that was.
    """

    def __init__(self, credentials: Any = None, **settings: Any) -> None:
        if isinstance(credentials, str) and ":" not in credentials:
            credentials = str(Path(credentials).absolute())
        super().__init__(credentials=credentials, **settings)

    def _raw_capabilities(self) -> DestinationCapabilitiesContext:
        capabilities = super()._raw_capabilities()
        # dlt runs 20 at once, which share DuckDB's memory and write to disk what has no room.
        capabilities.max_parallel_load_jobs = os.cpu_count()
        return capabilities

    @property
    def client_class(self) -> type[DuckDbClient]:
        """The client that dlt opens for this destination."""
        return QualifyingClient


def named_destination(name: str, file: str) -> Destination[Any, Any]:
    """A destination by dlt's name for it; ``duckdb`` and ``filesystem`` are ours.

    DuckDB goes into ``file``, unless dlt's configuration says where. Raises UsageError for a name
    that dlt does not know, and for one whose packages are not installed.
    """
    if name == "duckdb":
        configured: Any = dlt.config.get("destination.duckdb.credentials") or dlt.secrets.get(
            "destination.duckdb.credentials"
        )
        return duckdb(configured or file)
    if name == "filesystem":
        return filesystem()
    try:
        found = Destination.from_reference(name)
    except Exception as failure:
        raise UsageError(f"dlt knows no destination '{name}'") from failure
    if found is None:
        raise UsageError("no destination is named")
    try:
        _ = found.client_class  # imports the driver: dlt does once it has a password
    except ImportError as lacking:
        more = to_install(found.to_name(found.destination_type))
        raise UsageError(f"the destination '{name}' needs more packages: {more}") from lacking
    return found
