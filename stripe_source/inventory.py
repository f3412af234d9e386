"""Which tables of the destination have rows; those that somebody has dropped are made again."""

import time
from collections.abc import Collection
from contextlib import suppress
from typing import Any

import dlt
import orjson
from dlt.common.schema import Schema
from dlt.destinations.exceptions import DatabaseUndefinedRelation
from dlt.destinations.job_client_impl import SqlJobClientBase

from stripe_source.catalog import CATALOG
from stripe_source.errors import DestinationError
from stripe_source.extract.loaded import is_emptied, note_emptied, states_of
from stripe_source.extract.progress import State
from stripe_source.tables.dialect import literal
from stripe_source.tables.every import every_table
from stripe_source.tables.layout import ACCOUNT, tables_of

PATIENCE = 60  # seconds that the clocks of two machines may differ


def commit_emptied(pipeline: dlt.Pipeline, source: str) -> None:
    """Load a package of state alone that says which tables somebody has emptied, if there are any.

    The first row that comes into one hides that it was; from now on a crash does no harm.
    """
    known: dict[str, Any] = pipeline.state.get("sources", {}).get(source, {})
    if not known.get("resources"):
        return  # nothing was ever loaded
    account = known["account"]["account"]
    with pipeline.managed_state(extract_state=True) as state:
        find_emptied(pipeline, source, account, states_of(state["sources"][source], account))
    if pipeline.has_pending_data:
        pipeline.run()


def wait_for_clock(pipeline: dlt.Pipeline, source: str) -> None:
    """Wait until this machine's clock is past the last load, but not for long.

    dlt restores the state of the load with the highest id, which is the local time: what is loaded
    by a clock behind that would be forgotten. Raises DestinationError where it is far behind.
    """
    with pipeline.destination_client() as client:
        if not isinstance(client, SqlJobClientBase):
            return
        loads = client.sql_client.make_qualified_table_name(client.schema.loads_table_name)
        ours = f"schema_name = {literal(client.capabilities, source)}"
        found: Any = []
        with suppress(DatabaseUndefinedRelation):
            found = client.sql_client.execute_sql(f"SELECT max(load_id) FROM {loads} WHERE {ours}")
    ahead = float((found or [(None,)])[0][0] or 0) - time.time()
    if ahead > PATIENCE:
        raise DestinationError(
            f"the last load is dated {ahead:,.0f} seconds from now: this machine's clock, or that "
            "of the machine which synced last, is wrong, and dlt goes by them"
        )
    time.sleep(max(ahead, 0))


def find_emptied(
    pipeline: dlt.Pipeline,
    source: str,
    account_id: str,
    states: dict[str, State],
    emptied: Collection[str] = (),
) -> None:
    """Note in the states of the resources which tables somebody has ``emptied``, or is about to.

    With the rows of a resource go those of its children: of what has been deleted since nothing
    else would tell that they are nobody's. All of them are read again.
    """
    there = _filled(pipeline, source, account_id).difference(emptied)
    nobodys = {
        table.name
        for name, state in states.items()
        if name in CATALOG and is_emptied(state, name, there)
        for table in tables_of(CATALOG[name])
        if table.parent_id and table.name in there
    }
    if nobodys:
        _clear(pipeline, account_id, nobodys)
    note_emptied(states.values(), there - nobodys)


def _clear(pipeline: dlt.Pipeline, account_id: str, names: Collection[str]) -> None:
    with pipeline.sql_client() as client:
        account = literal(client.capabilities, account_id)
        for name in sorted(names):
            table = client.make_qualified_table_name(name)
            client.execute_sql(f"DELETE FROM {table} WHERE {ACCOUNT} = {account}")


def _filled(pipeline: dlt.Pipeline, source: str, account_id: str) -> set[str]:
    """Those of a source's tables that have rows of the account; of a destination of files, all.

    Three queries, however many tables. A table that is gone is made again, for dlt doesn't: a load
    into it would fail.
    """
    names = set(every_table())
    with pipeline.destination_client() as client:
        if not isinstance(client, SqlJobClientBase):
            return names
        there = {name for name, columns in client.get_storage_tables(names) if columns}
        with suppress(DatabaseUndefinedRelation):  # nothing of dlt's is there either
            _make_again(client, source, names - there)
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
    account = literal(client.capabilities, account_id)
    queries = (
        f"SELECT '{name}' AS name, count(*) AS n FROM (SELECT 1 AS one "
        f"FROM {client.sql_client.make_qualified_table_name(name)} "
        f"WHERE {ACCOUNT} = {account} LIMIT 1) AS f"
        for name in names
    )
    found = client.sql_client.execute_sql(" UNION ALL ".join(queries)) or []
    return {name for name, n in found if n}
