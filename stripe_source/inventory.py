"""Which tables of the destination have rows; those that somebody has dropped are made again."""

from collections.abc import Collection
from contextlib import suppress

import dlt
import orjson
from dlt.common.schema import Schema
from dlt.destinations.exceptions import DatabaseUndefinedRelation
from dlt.destinations.job_client_impl import SqlJobClientBase

from stripe_source.tables.layout import ACCOUNT


def filled(
    pipeline: dlt.Pipeline, source: str, account_id: str, names: Collection[str]
) -> set[str]:
    """Those of a source's tables that have rows of the account; of a destination of files, all.

    Three queries, however many tables. A table that is gone is made again, for dlt doesn't: a load
    into it would fail.
    """
    with pipeline.destination_client() as client:
        if not isinstance(client, SqlJobClientBase):
            return set(names)
        there = {name for name, columns in client.get_storage_tables(names) if columns}
        with suppress(DatabaseUndefinedRelation):  # nothing of dlt's is there either
            _make_again(client, source, set(names) - there)
        return _with_rows(client, account_id, sorted(there)) if there else set()


def _make_again(client: SqlJobClientBase, source: str, missing: set[str]) -> None:
    stored = client.get_stored_schema(source) if missing else None
    if stored is None:
        return
    schema = orjson.loads(stored.schema)
    if not missing.isdisjoint(schema["tables"]):
        # Not by the pipeline's own schema, which is being written to while it extracts.
        client.schema = Schema.from_stored_schema(schema)
        client.update_stored_schema(force=True)


def _with_rows(client: SqlJobClientBase, account_id: str, names: Collection[str]) -> set[str]:
    account = client.capabilities.escape_literal(account_id)
    queries = (
        f"SELECT '{name}' AS name, count(*) AS n FROM (SELECT 1 AS one "
        f"FROM {client.sql_client.make_qualified_table_name(name)} "
        f"WHERE {ACCOUNT} = {account} LIMIT 1) AS f"
        for name in names
    )
    found = client.sql_client.execute_sql(" UNION ALL ".join(queries)) or []
    return {name for name, n in found if n}
