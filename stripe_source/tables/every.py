"""Every table that can be loaded."""

from functools import cache

from stripe_source.catalog import CATALOG
from stripe_source.tables.history import histories_of
from stripe_source.tables.layout import Table, tables_of


@cache
def every_table() -> dict[str, Table]:
    """Each table that can be loaded, by name."""
    tables: dict[str, Table] = {}
    for row in CATALOG.values():
        tables |= {table.name: table for table in tables_of(row)}
        tables |= {table.name: table for table in histories_of(row).values()}
    return tables
