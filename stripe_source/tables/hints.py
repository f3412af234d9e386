"""How dlt loads a table: columns, key, and a merge in which no row gives way to an older one."""

import logging
import warnings
from dataclasses import dataclass
from typing import Any

from stripe_source.tables.layout import ACCOUNT, INDEX, UPDATED, Table
from stripe_source.tables.loads import LOAD
from stripe_source.tables.policy import Policy
from stripe_source.tables.types import DLT, all_columns

MERGE = {"disposition": "merge", "strategy": "delete-insert"}
INSERT = {"disposition": "merge", "strategy": "insert-only"}  # a version that is there stays


@dataclass(frozen=True)
class Names:
    """A destination's full names: for a table, where its rows are staged, and for its parent's.

    ``parent`` is None where there is none to compare with.
    """

    table: str
    staged: str
    parent: str | None = None


def hints_for(table: Table, table_format: str | None = None) -> dict[str, Any]:
    """Arguments of ``dlt.transformer`` for this table, whatever the destination."""
    return {
        "columns": _columns(table),
        "primary_key": list(table.key),
        "write_disposition": MERGE,
        **({"table_format": table_format} if table_format else {}),
    }


def hints_at(table: Table, policy: Policy, names: Names | None) -> dict[str, Any]:
    """What a destination's policy adds to them, as arguments of ``dlt.mark.make_hints``.

    Merges by SQL need the ``names``.
    """
    columns: dict[str, Any] = {}
    if policy.json_as_text:
        columns = {
            n: {"data_type": "text"} for n, c in _columns(table).items() if c["data_type"] == "json"
        }
    if not policy.merges and not table.history:
        columns[UPDATED] = {"dedup_sort": None}  # dlt would warn that it does nothing
    hints = {"write_disposition": _disposition(table, policy, names)}
    return hints | {"columns": columns} if columns else hints


def _disposition(table: Table, policy: Policy, names: Names | None) -> Any:
    if not policy.merges:
        return "append"
    if table.history:
        return INSERT if policy.inserts else MERGE
    return merge_into(table, names) if policy.by_sql and names else MERGE


def merge_into(table: Table, names: Names) -> Any:
    """The write disposition when the destination's names for the table are known.

    A staged row is dropped where the table has a newer one; of children, also where a newer version
    of their parent is staged beside it or is there, maybe without any children, and the markers of
    parents without children are. dlt offers no placeholder for any of these in ``source_filter``,
    and runs the merge with the staging dataset as the search path, so the names have to be full.
    """
    owner = table.parent_id or "id"
    newer, no_marker = _latest(names.table, owner), ""
    if table.parent_id:
        no_marker = f"{INDEX} >= 0 AND "
        newer += f" UNION ALL {_latest(names.staged, owner)}"
    if names.parent:
        newer += f" UNION ALL {_latest(names.parent, 'id')}"
    disposition = {
        **MERGE,
        "source_filter": (
            f"{no_marker}NOT EXISTS (SELECT 1 FROM ({newer}) AS t WHERE t.t_account = {ACCOUNT} "
            f"AND t.t_owner = {owner} AND t.t_updated > {UPDATED})"
        ),
    }
    if table.parent_id:
        disposition["destination_scope"] = _all_of_the_parent(table.parent_id)
    return disposition


def _latest(name: str, owner: str) -> str:
    """The latest version of each owner in a table: one row to compare with, however many it has.

    The columns are renamed, because dlt uses the condition beside columns of the same names.
    """
    return (
        f"SELECT {ACCOUNT} AS t_account, {owner} AS t_owner, max({UPDATED}) AS t_updated "
        f"FROM {name} GROUP BY {ACCOUNT}, {owner}"
    )


def _all_of_the_parent(parent: str) -> str:
    """The rows that a staged child replaces: all of its parent's that are not newer.

    A primary key together with a merge key would join by OR: 12 s for 1,000 rows.
    """
    same = " AND ".join(f"s.{column} = {{table}}.{column}" for column in (ACCOUNT, parent))
    return (
        f"EXISTS (SELECT 1 FROM {{staging_table}} AS s WHERE {same} "
        f"AND s.{UPDATED} >= {{table}}.{UPDATED})"
    )


def _columns(table: Table) -> dict[str, Any]:
    """What dlt needs to know of each column, and no more: it validates and prints all of it."""
    columns: dict[str, Any] = {}
    for column in (*all_columns(table), LOAD):
        columns[column.name] = {"description": column.description, **DLT[column.kind]}
    for name in table.key:
        columns[name]["nullable"] = False
    if not table.history:
        columns[UPDATED]["dedup_sort"] = "desc"
    return columns


def quiet_dlt() -> None:
    """Drop what dlt's work on our tables makes it and SQLAlchemy say, and nobody can act on.

    For every batch dlt compares its schema with Arrow's, and warns that JSON comes as text.
    """
    logging.getLogger("dlt").addFilter(_tells_something)
    warnings.filterwarnings("ignore", "implicitly coercing SELECT object")


def _tells_something(record: logging.LogRecord) -> bool:
    return "merging arrow schema" not in record.getMessage()
