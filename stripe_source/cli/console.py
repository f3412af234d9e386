"""What all commands print with: results to stdout, everything else to stderr."""

import json
import math
import os
import sys
from typing import Any

import click
from rich.console import Console, JustifyMethod
from rich.markup import escape
from rich.table import Table

# In a pipe or a file a table is as wide as it needs to be; on a terminal, long cells are folded.
out = Console(highlight=False, width=None if sys.stdout.isatty() else 100_000)
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
    """A result as JSON on stdout; what JSON lacks becomes text, and NaN and infinity null."""
    click.echo(json.dumps(_finite(value), indent=2, default=str))


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def table(columns: list[str], rows: list[list[Any]], right: tuple[int, ...] = ()) -> None:
    """A result as a table on stdout."""
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for position, column in enumerate(columns):
        side: JustifyMethod = "right" if position in right else "left"
        shown.add_column(escape(column), justify=side, overflow="fold")
    for row in rows:
        shown.add_row(*("" if value is None else escape(str(value)) for value in row))
    out.print(shown)
