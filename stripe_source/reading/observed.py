"""Versions that a list shows: how an object stood when it was first read, or read anew.

Only what is listed is kept, not what is read again after an event, for the event tells that.
"""

import pyarrow as pa

from stripe_source.extract.progress import Part, is_first
from stripe_source.reading.work import Work
from stripe_source.tables.history import Versions, histories_of, once, with_versions
from stripe_source.tables.layout import UPDATED, Table, tables_of
from stripe_source.tables.maker import Tables
from stripe_source.tables.observed import news, telling, version_ids


def observed(work: Work, tables: Tables, part: Part) -> Tables:
    """The rows of the history tables for rows that were listed, but for those known to be so."""
    if part == "window":  # it may be read again at will
        return {}
    found: Tables = {}
    for table in tables_of(work.row):
        history, rows = histories_of(work.row).get(table.name), tables.get(table.name)
        if history is not None and rows is not None and rows.num_rows:
            found[history.name] = _versions(work, part, (table, history), rows)
            work.reading.sync.add(history.name, found[history.name].num_rows)
    return found


def _versions(work: Work, part: Part, kept: tuple[Table, Table], rows: pa.Table) -> pa.Table:
    table, history = kept
    columns, count = telling(table, work.row.expand), rows.num_rows
    facts = Versions(
        ids=version_ids(table, rows, columns),
        moments=rows[UPDATED],
        order=pa.array([0] * count, pa.int64()),
        source="observed",
        kinds=pa.nulls(count, pa.string()),
    )
    found = once(history, [with_versions(history, rows, facts)])
    if is_first(work.state, part) and work.reading.report.runs:
        return found  # what a sync goes on with was never read before
    if not work.held.has_rows(history):
        return found
    known = work.held.rows(history, "id", found["id"].unique().to_pylist())
    return news(history, found, known, columns)
