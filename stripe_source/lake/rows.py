"""Which staged rows go into a table, and which of its rows they replace: one query for all tables.

The same as the SQL that merges in a database (`stripe_source.tables.hints`): of several versions of
an object the newest, none that is older than what is there, children with their parent.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from stripe_source.tables.layout import ACCOUNT, INDEX, UPDATED, Table
from stripe_source.tables.loads import LOAD
from stripe_source.tables.sql import identifier


@dataclass(frozen=True)
class Merge:
    """``rows`` to write, and ``gone``: rows with the keys alone of those that go with no successor.

    ``replaced`` has the accounts and owners (parents, else the objects themselves) of whose rows
    none of those that are there stays.
    """

    rows: pa.Table
    gone: pa.Table
    replaced: pa.Table


@dataclass(frozen=True)
class Sides:
    """Tables in SQL: the rows ``staged``, those ``held``, and of the ``parents`` that own them.

    These may have a newer version without children. None where there is no table of theirs.
    """

    staged: str
    held: str
    parents: str | None


def merged(
    connection: duckdb.DuckDBPyConnection, table: Table, sides: Sides, schema: pa.Schema
) -> Merge:
    """What becomes of staged rows; ``schema`` is that of the rows as they are to be written."""
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"CREATE TEMP VIEW staged AS FROM {sides.staged}")
    connection.execute(f"CREATE TEMP VIEW there AS FROM {sides.held}")
    owner = table.parent_id or "id"
    if not table.history:
        connection.execute(_owners(owner, sides.parents))
    chosen = _unknown(table) if table.history else _newest(table, owner)
    connection.execute(f"CREATE TEMP TABLE written AS {chosen}")
    rows = connection.sql("FROM written").to_arrow_table().cast(schema)
    if table.history:
        return Merge(rows, schema.empty_table(), pa.table({}))
    gone = connection.sql(_without_successor(table, owner)).to_arrow_table()
    replaced = connection.sql(f"SELECT {ACCOUNT}, {owner} FROM owners WHERE known")
    return Merge(rows, gone, replaced.to_arrow_table())


def _unknown(table: Table) -> str:
    """Versions that the table has not, each once."""
    same = " AND ".join(f"t.{name} = s.{name}" for name in table.key)
    return (
        f"SELECT * FROM staged AS s WHERE NOT EXISTS (SELECT 1 FROM there AS t WHERE {same}) "
        f"QUALIFY row_number() OVER (PARTITION BY {', '.join(table.key)} ORDER BY {LOAD.name}) = 1"
    )


def _owners(owner: str, parents: str | None) -> str:
    """Whose rows are replaced: all that are staged, unless they or their parent are newer there."""
    newest = f"{ACCOUNT}, {owner}, max({UPDATED}) AS newest"
    group = f"GROUP BY {ACCOUNT}, {owner}"
    late = ""
    if parents:
        late = (
            f" AND NOT EXISTS (SELECT 1 FROM {parents} AS p WHERE p.{ACCOUNT} = new.{ACCOUNT} "
            f"AND p.id = new.{owner} AND p.{UPDATED} > new.newest)"
        )
    return (
        f"CREATE TEMP TABLE owners AS WITH new AS (SELECT {newest} FROM staged {group}), "
        f"old AS (SELECT {newest} FROM there SEMI JOIN new USING ({ACCOUNT}, {owner}) {group}) "
        f"SELECT new.{ACCOUNT}, new.{owner}, new.newest, old.newest IS NOT NULL AS known FROM new "
        f"LEFT JOIN old USING ({ACCOUNT}, {owner}) "
        f"WHERE (old.newest IS NULL OR old.newest <= new.newest){late}"
    )


def _newest(table: Table, owner: str) -> str:
    real = f"WHERE s.{INDEX} >= 0 " if table.parent_id else ""
    key = ", ".join(f"s.{name}" for name in table.key)
    return (
        f"SELECT s.* FROM staged AS s JOIN owners AS o ON o.{ACCOUNT} = s.{ACCOUNT} "
        f"AND o.{owner} = s.{owner} AND o.newest = s.{UPDATED} {real}"
        f"QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY s.{LOAD.name} DESC) = 1"
    )


def _without_successor(table: Table, owner: str) -> str:
    """The keys of children that their parent has no longer; of objects none."""
    key: Sequence[str] = [identifier(name) for name in table.key]
    known = "" if table.parent_id else " AND false"
    return (
        f"SELECT {', '.join(key)} FROM there SEMI JOIN owners USING ({ACCOUNT}, {owner}) "
        f"ANTI JOIN written USING ({', '.join(key)}) WHERE true{known}"
    )


def marked(gone: pa.Table, schema: pa.Schema) -> pa.Table:
    """Rows that go, in the schema of the table: all but the key is null, ``is_deleted`` too.

    That column is never null in a row that stays.
    """
    arrays = [
        gone[field.name].cast(field.type)
        if field.name in gone.column_names
        else pa.nulls(gone.num_rows, field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(arrays, schema=schema)
