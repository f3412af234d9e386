"""What all commands print with: results to stdout, everything else to stderr."""

import json
import math
import os
import re
import sys
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

# In a pipe or a file a table is as wide as it needs to be; on a terminal, long cells are folded.
out = Console(highlight=False, width=None if sys.stdout.isatty() else 100_000)
log = Console(stderr=True, highlight=False)

KEY = re.compile(r"\b[rs]k_(?:live|test)_\w+")
NUMBER = re.compile(r"-?[\d,.]*")


def err(message: str) -> None:
    """One line about what went wrong. It never shows the key, whatever is in the message."""
    for name in ("STRIPE_SECRET_KEY", "STRIPE_API_KEY"):
        if secret := os.environ.get(name, "").strip():
            message = message.replace(secret, "[key]")
    message = KEY.sub("[key]", message)
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
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return _cell(value) if isinstance(value, Decimal) else value


def table(columns: list[str], rows: list[list[Any]]) -> None:
    """A result as a table on stdout, numbers to the right.

    On a terminal that is too narrow for it, each row becomes a list of its columns.
    """
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for position, column in enumerate(columns):
        numeric = bool(rows) and all(_is_number(row[position]) for row in rows)
        shown.add_column(escape(column), justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        shown.add_row(*(escape(_cell(value)) for value in row))
    if len(columns) > 2 and out.measure(shown).maximum >= out.width:
        for row in rows:
            _record(columns, row)
    else:
        out.print(shown)


def _record(columns: list[str], row: list[Any]) -> None:
    shown = Table(box=None, pad_edge=False, show_header=False)
    shown.add_column(style="bold", no_wrap=True)
    shown.add_column(overflow="fold")
    for column, value in zip(columns, row, strict=True):
        shown.add_row(escape(column), escape(_cell(value)))
    out.print(shown)
    out.print()


def _cell(value: Any) -> str:
    if isinstance(value, Decimal):  # whose text may be 0E-8
        return f"{value:f}"
    return "" if value is None else str(value)


def _is_number(value: Any) -> bool:
    return NUMBER.fullmatch(_cell(value)) is not None


def some(names: Sequence[str], most: int = 8) -> str:
    """The names, or some of them and how many more."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")
