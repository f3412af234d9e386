"""``query``: ask the DuckDB file that a sync wrote."""

import contextlib
from pathlib import Path
from typing import Any

import click

from stripe_source.cli.console import document, note, table
from stripe_source.cli.options import as_json
from stripe_source.errors import DestinationError, UsageError

SHOWN_ROWS = 100


@click.command()
@click.argument("sql")
@click.option(
    "--database", default="stripe_source.duckdb", show_default=True, help="The DuckDB file."
)
@click.option("--dataset", default="stripe", show_default=True, help="The schema to ask in.")
@as_json
def query(sql: str, database: str, dataset: str, as_json: bool) -> None:
    """Run SQL on the synced tables. The file is opened for reading alone.

    \b
    Examples:
      stripe-source query "SELECT status, count(*) FROM subscriptions GROUP BY status"
      stripe-source query "FROM invoices WHERE status = 'open' AND due_date < now()" --json
      stripe-source query "SHOW TABLES"
    """
    if not Path(database).is_file():
        raise UsageError(f"there is no {database} here; run 'stripe-source sync' first")
    names, rows = ask(database, dataset, sql, None if as_json else SHOWN_ROWS + 1)
    if as_json:
        document([dict(zip(names, row, strict=True)) for row in rows])
        return
    table(names, [list(row) for row in rows[:SHOWN_ROWS]])
    if len(rows) > SHOWN_ROWS:
        note(f"only the first {SHOWN_ROWS} rows are shown; --json gives all")


def ask(
    database: str, dataset: str, sql: str, most: int | None
) -> tuple[list[str], list[tuple[object, ...]]]:
    """Column names and rows of a query, with the dataset as the current schema."""
    import duckdb

    try:
        with duckdb.connect(database, read_only=True) as connection:
            catalog = connection.execute("SELECT current_database()").fetchall()[0][0]
            connection.execute("SET TimeZone = 'UTC'")
            _use(connection, catalog, dataset)
            if not connection.extract_statements(sql):
                raise UsageError("there is no SQL in the query")
            cursor = connection.execute(sql)
            if not cursor.description:
                raise UsageError("the query returns no rows by its nature")
            names = _unique([column[0] for column in cursor.description])
            rows = cursor.fetchall() if most is None else cursor.fetchmany(most)
            return names, rows
    except duckdb.IOException as failure:
        raise DestinationError(_first_line(failure)) from None
    except duckdb.Error as failure:
        raise UsageError(_first_line(failure)) from None


def _use(connection: Any, catalog: str, dataset: str) -> None:
    """Let plain names be those of the dataset, then of its models."""
    import duckdb

    place = f'"{catalog}"."{dataset.replace(chr(34), "")}'
    try:
        connection.execute(f'USE {place}"')
        with contextlib.suppress(duckdb.CatalogException):  # nothing is deployed
            connection.execute(f"SET search_path = '{place}\",{place}_models\"'")
    except duckdb.CatalogException:
        query = "SELECT DISTINCT table_schema FROM information_schema.tables ORDER BY 1"
        there = ", ".join(name for (name,) in connection.execute(query).fetchall()) or "nothing"
        raise UsageError(f"the file has no schema '{dataset}'; it has: {there}") from None


def _unique(names: list[str]) -> list[str]:
    """Names told apart by a number where a query gives one twice, so that JSON keeps both."""
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name}_{seen[name] - 1}")
    return found


def _first_line(failure: Exception) -> str:
    """What is wrong, and what may have been meant, if DuckDB says so."""
    lines = str(failure).splitlines() or [type(failure).__name__]
    return " ".join([lines[0], *(line for line in lines[1:2] if line.startswith("Did you mean"))])
