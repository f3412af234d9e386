"""What is said of a table and of each of its columns, for whoever documents them."""

from collections.abc import Iterator

from stripe_source.schema import load_schema
from stripe_source.tables.layout import Column, Table

UNIX = " Measured in seconds since the Unix epoch."


def text_of_table(table: Table) -> str:
    """What is in a table."""
    return " ".join(_words(table))


def text_of_column(column: Column) -> str:
    """What is in a column: what Stripe says, else which of its fields it is."""
    said = " ".join(column.description.split())
    if column.kind in ("timestamp", "timestamp_ms"):
        said = said.replace(UNIX, "")  # Stripe's number became a time
    return said or f"Stripe's field `{column.name.replace('__', '.')}`."


def _words(table: Table) -> Iterator[str]:
    if table.history:
        yield "Every version that is known of each object."
    described = load_schema(table.object).description
    yield " ".join(described.split()) or f"Stripe's object `{table.object}`."
    if table.parent_id:
        yield f"A row is an item of the list of its `{table.parent_id}`."
