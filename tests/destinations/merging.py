"""The SQL by which dlt merges our tables in warehouses that can't run here.

``python -m tests.destinations.merging`` writes the golden files. Where dlt's own class for a
warehouse can be imported without its SDK, that class writes the statements; else dlt's general one
does, with the warehouse's own capabilities (names, quotes, types).
"""

import re
from pathlib import Path
from typing import Any

import dlt
from dlt.common.configuration.container import Container
from dlt.common.destination import Destination, DestinationCapabilitiesContext
from dlt.common.destination.utils import prepare_load_table
from dlt.common.schema import Schema
from dlt.destinations.impl.redshift.redshift import RedshiftMergeJob
from dlt.destinations.sql_client import SqlClientBase
from dlt.destinations.sql_jobs import SqlMergeFollowupJob

from stripe_source.tables.every import every_table
from stripe_source.tables.hints import Names, hints_at, hints_for
from stripe_source.tables.policy import policy_of

GOLDEN = Path(__file__).parent / "golden"
WAREHOUSES = {
    "snowflake": None,
    "bigquery": None,
    "redshift": None,
    "databricks": None,
    "clickhouse": None,
    "mssql": None,
    "synapse": None,
    "athena": "iceberg",
    "motherduck": None,
}
"""Each with the format that its tables need to be merged."""
JOBS: dict[str, type[SqlMergeFollowupJob]] = {"redshift": RedshiftMergeJob}
TABLES = ("invoices", "invoice_line_items", "customers_history")


class Unreached(SqlClientBase[Any]):
    """A client that knows the names of a warehouse and reaches none."""

    def __init__(self, capabilities: DestinationCapabilitiesContext) -> None:
        super().__init__("shop", "stripe", "stripe_staging", capabilities)

    def _unreachable(self, *_: Any, **__: Any) -> Any:
        raise NotImplementedError

    open_connection = close_connection = begin_transaction = _unreachable
    execute_sql = execute_query = _make_database_exception = _unreachable
    native_connection = property(_unreachable)


Unreached.__abstractmethods__ = frozenset()


def capabilities_of(warehouse: str) -> DestinationCapabilitiesContext:
    """What dlt says of a warehouse."""
    found = Destination.from_reference(warehouse)
    assert found is not None
    return found.capabilities()


def statements(warehouse: str, name: str) -> list[str]:
    """What merges a staged table, in the warehouse's dialect."""
    capabilities = capabilities_of(warehouse)
    with Container().injectable_context(capabilities):  # else a pipeline's that ran before
        prepared, client = _prepared(warehouse, name, capabilities)
        made = JOBS.get(warehouse, SqlMergeFollowupJob).generate_sql([prepared], client)
    return [re.sub(r"delete_\w+|insert_\w+", _same_each_time, text) for text in made]


def _prepared(
    warehouse: str, name: str, capabilities: DestinationCapabilitiesContext
) -> tuple[Any, Unreached]:
    """The table as dlt loads it there, and the names that it has."""
    table, table_format, client = (
        every_table()[name],
        WAREHOUSES[warehouse],
        Unreached(capabilities),
    )
    own, staged = client.get_qualified_table_names(name)
    policy = policy_of(capabilities, table_format)
    parent = str(client.make_qualified_table_name(table.parent)) if table.parent else None
    names = Names(str(own), str(staged), parent)
    hints = hints_for(table, table_format) | hints_at(table, policy, names)
    schema = Schema("stripe_source")
    schema.update_table(dlt.resource([], name=name, **hints).compute_table_schema())
    return prepare_load_table(schema.tables, schema.tables[name], capabilities), client


def _same_each_time(found: re.Match[str]) -> str:
    """A temporary table's name without what dlt draws by chance."""
    return found[0].split("_")[0] + "_temporary"


def golden(warehouse: str) -> str:
    """A warehouse's file."""
    parts = []
    for name in TABLES:
        text = ";\n".join(
            statement.strip().rstrip(";") for statement in statements(warehouse, name)
        )
        parts.append(f"-- {name}\n{text};\n")
    return "\n".join(parts)


if __name__ == "__main__":
    for warehouse in WAREHOUSES:
        (GOLDEN / f"{warehouse}.sql").write_text(golden(warehouse), "utf-8")
