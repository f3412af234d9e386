"""What all commands print with: results to stdout, everything else to stderr."""

import json
import os
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

out = Console(highlight=False)
log = Console(stderr=True, highlight=False)


def err(message: str) -> None:
    """One line about what went wrong. It never shows the key, whatever is in the message."""
    for name in ("STRIPE_SECRET_KEY", "STRIPE_API_KEY"):
        if secret := os.environ.get(name, "").strip():
            message = message.replace(secret, "[key]")
    log.print(f"[bold red]Error:[/] {escape(message)}", soft_wrap=True)


def note(message: str) -> None:
    """One line beside the result."""
    log.print(escape(message), soft_wrap=True)


def document(value: Any) -> None:
    """A result as JSON on stdout."""
    click.echo(json.dumps(value, indent=2, default=str))


def table(columns: list[str], rows: list[list[Any]], right: tuple[int, ...] = ()) -> None:
    """A result as a table on stdout."""
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for position, column in enumerate(columns):
        shown.add_column(escape(column), justify="right" if position in right else "left")
    for row in rows:
        shown.add_row(*("" if value is None else escape(str(value)) for value in row))
    out.print(shown)
