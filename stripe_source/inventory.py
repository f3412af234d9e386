"""Which tables of the destination have rows; those that somebody has dropped are made again."""

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import dlt
import orjson
from dlt.common.schema import Schema
from dlt.destinations.exceptions import DatabaseUndefinedRelation
from dlt.destinations.job_client_impl import SqlJobClientBase

from stripe_source.catalog import CATALOG
from stripe_source.errors import DestinationError
from stripe_source.extract.loaded import accounts_in, is_emptied, note_emptied, states_of
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
    with pipeline.managed_state(extract_state=True) as state:
        ours = state["sources"][source]
        states = {account: states_of(ours, account) for account in accounts_in(ours)}
        find_emptied(pipeline, source, states)
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
    states: Mapping[str, dict[str, State]],
    emptied: Collection[str] = (),
) -> None:
    """Note in the states of the resources which tables are ``emptied``, or about to be.

    ``states`` are by account and resource.

    With the rows of a resource go those of its children: of what has been deleted since nothing
    else would tell that they are nobody's. All of them are read again.
    """
    filled = _filled(pipeline, source, list(states))
    for account, ours in states.items():
        there = filled[account].difference(emptied)
        nobodys = {
            table.name
            for name, state in ours.items()
            if name in CATALOG and is_emptied(state, name, there)
            for table in tables_of(CATALOG[name])
            if table.parent_id and table.name in there
        }
        if nobodys:
            _clear(pipeline, account, nobodys)
        note_emptied(ours.values(), there - nobodys)


def _clear(pipeline: dlt.Pipeline, account_id: str, names: Collection[str]) -> None:
    with pipeline.sql_client() as client:
        account = literal(client.capabilities, account_id)
        for name in sorted(names):
            table = client.make_qualified_table_name(name)
            client.execute_sql(f"DELETE FROM {table} WHERE {ACCOUNT} = {account}")


def _filled(pipeline: dlt.Pipeline, source: str, accounts: Sequence[str]) -> dict[str, set[str]]:
    """Those of a source's tables that have rows of each account; of a destination of files, all.

    Three queries, however many tables. A table that is gone is made again, for dlt doesn't: a load
    into it would fail.
    """
    names = set(every_table())
    with pipeline.destination_client() as client:
        if not isinstance(client, SqlJobClientBase):
            return dict.fromkeys(accounts, names)
        there = {name for name, columns in client.get_storage_tables(names) if columns}
        with suppress(DatabaseUndefinedRelation):  # nothing of dlt's is there either
            _make_again(client, source, names - there)
        found: dict[str, set[str]] = {account: set() for account in accounts}
        for account, name in _with_rows(client, accounts, sorted(there)) if there else ():
            if account in found:
                found[account].add(name)
        return found


def having_rows(table: str, accounts: Sequence[str]) -> str:
    """A query for the accounts that have a row in a table, where it is one of these (SQL literals).

    Of a single one it looks no further than the first row; of several it gives all that there are.
    """
    if len(accounts) > 1:  # a condition for each would be megabytes of SQL for a thousand
        return f"SELECT DISTINCT {ACCOUNT} AS id FROM {table}"
    own = f"SELECT 1 AS one FROM {table} WHERE {ACCOUNT} = {accounts[0]} LIMIT 1"
    return f"SELECT {accounts[0]} AS id FROM ({own}) AS f"


def _make_again(client: SqlJobClientBase, source: str, missing: set[str]) -> None:
    stored = client.get_stored_schema(source) if missing else None
    if stored is None:
        return
    schema = orjson.loads(stored.schema)
    if not missing.isdisjoint(schema["tables"]):
        # Not by the pipeline's own schema, which is being written to while it extracts.
        client.schema = Schema.from_stored_schema(schema)
        client.update_stored_schema(force=True)


def _with_rows(
    client: SqlJobClientBase, accounts: Sequence[str], names: Iterable[str]
) -> list[tuple[str, str]]:
    """Accounts and the names of tables in which they have rows."""
    literals = [literal(client.capabilities, account) for account in accounts]
    queries = (
        f"SELECT f.id, '{name}' AS name FROM ("
        f"{having_rows(client.sql_client.make_qualified_table_name(name), literals)}) AS f"
        for name in names
    )
    found = client.sql_client.execute_sql(" UNION ALL ".join(queries)) or []
    return [(str(account), str(name)) for account, name in found]
