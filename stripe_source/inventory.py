"""Which tables of the destination have rows; those that somebody has dropped are made again."""

from collections.abc import Collection
from contextlib import suppress
from typing import Any

import dlt
import orjson
from dlt.common.schema import Schema
from dlt.destinations.exceptions import DatabaseUndefinedRelation
from dlt.destinations.job_client_impl import SqlJobClientBase

from stripe_source.catalog import CATALOG
from stripe_source.extract.loaded import note_emptied, states_of
from stripe_source.tables.history import histories_of
from stripe_source.tables.layout import ACCOUNT, tables_of


def commit_emptied(pipeline: dlt.Pipeline, source: str) -> None:
    """Load a package of state alone that says which tables somebody has emptied, if there are any.

    The first row that comes into one hides that it was; from now on a crash does no harm.
    """
    known: dict[str, Any] = pipeline.state.get("sources", {}).get(source, {})
    if not known.get("resources"):
        return  # nothing was ever loaded
    account = known["account"]["account"]
    there = filled(pipeline, source, account)
    with pipeline.managed_state(extract_state=True) as state:
        note_emptied(states_of(state["sources"][source], account), there)
    if pipeline.has_pending_data:
        pipeline.run()


def filled(pipeline: dlt.Pipeline, source: str, account_id: str) -> set[str]:
    """Those of a source's tables that have rows of the account; of a destination of files, all.

    Three queries, however many tables. A table that is gone is made again, for dlt doesn't: a load
    into it would fail.
    """
    names = _every_table()
    with pipeline.destination_client() as client:
        if not isinstance(client, SqlJobClientBase):
            return names
        there = {name for name, columns in client.get_storage_tables(names) if columns}
        with suppress(DatabaseUndefinedRelation):  # nothing of dlt's is there either
            _make_again(client, source, names - there)
        return _with_rows(client, account_id, sorted(there)) if there else set()


def _every_table() -> set[str]:
    rows = CATALOG.values()
    own = {table.name for row in rows for table in tables_of(row)}
    return own | {table.name for row in rows for table in histories_of(row).values()}


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
