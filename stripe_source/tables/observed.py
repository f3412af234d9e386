"""What tells one version of an object from another, where no event does."""

from collections.abc import Sequence

import pyarrow as pa

from stripe_source.extract.scratch import registered
from stripe_source.tables.compare import OURS, canonical
from stripe_source.tables.layout import EXTRA, ORDER, UPDATED, VALID_FROM, Table
from stripe_source.tables.sql import identifier
from stripe_source.tables.types import all_columns


def telling(table: Table, expand: Sequence[str]) -> list[str]:
    """The columns that tell versions apart: not what a list shows and an event does not.

    ``expand`` are the fields that the list is asked to show whole.
    """
    return [
        column.name
        for column in all_columns(table)
        if column.name not in (*OURS, EXTRA)
        and not (column.kind == "json" and column.name in expand)
    ]


def version_ids(table: Table, rows: pa.Table, columns: Sequence[str]) -> pa.ChunkedArray:
    """``observed:``, a digest of what the row says, and when that was read, in seconds."""
    values = ", ".join(map(identifier, columns))
    digest = f"md5(row({values})::VARCHAR)"
    query = f"SELECT concat_ws(':', 'observed', {digest}, epoch({UPDATED})::BIGINT) AS i FROM r"
    with registered(r=canonical(table, rows)) as connection:
        return connection.sql(query).to_arrow_table()["i"]


def news(history: Table, rows: pa.Table, known: pa.Table, columns: Sequence[str]) -> pa.Table:
    """The rows that are not as the last version of the same object that is known."""
    numbered = canonical(history, rows).append_column("n", pa.array(range(rows.num_rows)))
    left, right = (
        f"row({', '.join(f'{side}.{identifier(name)}' for name in columns)})" for side in "rh"
    )
    query = f"""
        SELECT r.n AS n
        FROM r LEFT JOIN (
            SELECT DISTINCT ON (id) * FROM known ORDER BY id, {VALID_FROM} DESC, {ORDER} DESC
        ) AS h ON r.id = h.id
        WHERE h.id IS NULL OR {left} IS DISTINCT FROM {right}
        ORDER BY n
    """
    with registered(r=numbered, known=canonical(history, known)) as connection:
        new = connection.sql(query).to_arrow_table()["n"]
    return rows.take(new.combine_chunks())
