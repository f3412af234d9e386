"""The query for the latest version of each row, where a destination keeps them all.

Of objects that is the row read last. Children belong to one version of their parent: theirs are the
rows of the version read last, without the markers of parents that have none. What was loaded
twice is there once, and a row that is loaded late gives way to a newer one.
"""

from collections.abc import Sequence

from stripe_source.errors import UsageError
from stripe_source.tables.every import every_table
from stripe_source.tables.layout import ACCOUNT, INDEX, UPDATED, Table
from stripe_source.tables.loads import LOAD
from stripe_source.tables.sql import identifier
from stripe_source.tables.types import all_columns

PLACE, VERSION_PLACE = "_place", "_version_place"


def columns_of(table: Table) -> list[str]:
    """The names of all columns, as they are loaded."""
    return [column.name for column in (*all_columns(table), LOAD)]


def latest(table: Table, source: str, columns: Sequence[str] = ("*",)) -> str:
    """The latest rows of a table whose versions are in ``source``, a name or a query in brackets.

    ``columns`` are expressions; with ``*`` come two columns beside, which tell versions apart.
    """
    newest = f"{UPDATED} DESC, {LOAD.name} DESC"
    if table.history:  # a version is the same whenever it is read; the first one stays
        newest = f"{LOAD.name}, {UPDATED}"
    owner = ", ".join((ACCOUNT, table.parent_id or "id"))
    key = ", ".join(table.key)
    is_child = bool(table.parent_id) and not table.history
    version = f"rank() OVER (PARTITION BY {owner} ORDER BY {newest})" if is_child else "1"
    places = (
        f"row_number() OVER (PARTITION BY {key} ORDER BY {newest}) AS {PLACE}, "
        f"{version} AS {VERSION_PLACE}"
    )
    real = f" AND {INDEX} >= 0" if is_child else ""
    return (
        f"SELECT {', '.join(columns)} FROM (SELECT every.*, {places} FROM {source} AS every) "
        f"AS versions WHERE {PLACE} = 1 AND {VERSION_PLACE} = 1{real}"
    )


def latest_query(name: str, source: str | None = None) -> str:
    """The latest rows of a table, with its columns and no others, in SQL that all dialects have.

    ``source`` is what holds the versions, as the table's name or ``read_parquet(...)``; by default
    the plain name. Raises UsageError for a table that we don't load.
    """
    table = every_table().get(name)
    if table is None:
        raise UsageError(f"there is no table '{name}'")
    return latest(table, source or name, [identifier(column) for column in columns_of(table)])
