"""What was read of Stripe beside what the destination has of it: for re-lists and for `verify`."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.compute as pc

from stripe_source.api.pages import Page
from stripe_source.catalog import Resource
from stripe_source.extract.plan import is_whole_walk
from stripe_source.extract.reader import Read
from stripe_source.extract.spans import CLOCKS, Span
from stripe_source.held import Held
from stripe_source.tables.compare import Comparison, compare
from stripe_source.tables.layout import tables_of
from stripe_source.tables.maker import Tables
from stripe_source.tables.sql import identifier, quoted


def comparison(row: Resource, held: Held, tables: Tables) -> Comparison:
    """Rows as they were read against the destination's of the same objects."""
    read = tuple(table for table in tables_of(row) if table.name in tables)
    own, *_ = read
    if not held.keeps_blanks:
        tables = {name: _without_blanks(rows) for name, rows in tables.items()}
    ids = tables[own.name]["id"].to_pylist()
    there = {}
    for table in read:
        owned = table is own or table.parent_id
        values = ids if owned else tables[table.name]["id"].unique().to_pylist()
        rows = held.rows(table, table.parent_id or "id", values)
        there[table.name] = rows if held.keeps_blanks else _without_blanks(rows)
    return compare(read, tables, there)


def tells_page_by_page(row: Resource) -> bool:
    """Whether a page says what it lacks; else, without times in the rows, only the whole list."""
    dated = any(column.name == row.created_field for column in tables_of(row)[0].columns)
    return dated and not is_whole_walk(row)


def within(row: Resource, reads: Iterable[Read]) -> str:
    """What the pages show all of, as a condition on the destination's rows."""
    return " OR ".join(f"({_shown_by(row, read.span, read.page)})" for read in reads)


def listed_at_all(row: Resource, *, clocks: bool) -> str:
    """The rows that a list is to show, as a condition; with ``clocks`` on test clocks, too."""
    return "true" if clocks or row.on_clocks is None else "test_clock IS NULL"


def of_no_owner(row: Resource, spans: Sequence[Span], owners: Sequence[str]) -> str | None:
    """Rows on test clocks that no list shows, for their clock or customer is gone; None without.

    ``spans`` are those that were due before the ``owners`` were known.
    """
    if row.on_clocks is None or is_whole_walk(row):  # the whole list has its own end
        return None
    found = [_times(row, span.start or 0, span.end) for span in spans if span.of == CLOCKS]
    if not found:
        return None
    known = ", ".join(map(quoted, owners)) or "''"
    return f"test_clock IS NOT NULL AND {row.on_clocks} NOT IN ({known}) AND ({' OR '.join(found)})"


def covered(span: Span, page: Page) -> tuple[int, int | None]:
    """The seconds, half-open, of which a page shows every row, but for those before its span.

    The page's last second may go on in the next page, which then covers it.
    """
    start = span.start or 0
    if page.has_more and page.last_created is not None:
        start = page.last_created + 1
    return start, span.end


def moment(seconds: int) -> str:
    """A time as SQL; every destination compares its times with such a text.

    SQLite, whose times are texts, by their letters: "." is behind "+".
    """
    return f"'{datetime.fromtimestamp(seconds, UTC).isoformat(sep=' ')}'"


def _without_blanks(rows: pa.Table) -> pa.Table:
    """The rows with NULL for every empty text."""
    for position, field in enumerate(rows.schema):
        if field.nullable and field.type == pa.string():
            blank = pc.equal(rows[field.name], "")
            if pc.any(blank).as_py():
                filled = pc.if_else(blank, pa.scalar(None, pa.string()), rows[field.name])
                rows = rows.set_column(position, field, filled)
    return rows


def _shown_by(row: Resource, span: Span, page: Page) -> str:
    times = _times(row, *covered(span, page))
    if span.of is not None:
        name, _, owner = span.of.partition("=")
        return f"{times} AND {name} = {quoted(owner)}"
    return f"{times} AND test_clock IS NULL" if row.on_clocks else times


def _times(row: Resource, start: int, end: int | None) -> str:
    column = identifier(row.created_field)
    times = f"{column} >= {moment(start)}"
    return times if end is None else f"{times} AND {column} < {moment(end)}"
