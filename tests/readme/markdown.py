"""Markdown as GitHub renders it."""

import re
from collections.abc import Iterable, Sequence

CODE = re.compile(r"(`[^`]*`)")
NOTE = "<!-- Generated from the code by `python -m tests.readme`. -->\n\n"


def page(title: str, *parts: str) -> str:
    """A page: its title, and parts with an empty line between."""
    return NOTE + "\n\n".join([f"# {title}", *(part.strip("\n") for part in parts if part)]) + "\n"


def rows(heads: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """A table; nothing where it has no lines. What is in the cells is Markdown already."""
    shown = ["| " + " | ".join(line) + " |" for line in lines]
    ruler = "| " + " | ".join("---" for _ in heads) + " |"
    return "\n".join(["| " + " | ".join(heads) + " |", ruler, *shown]) if shown else ""


def plain(text: str) -> str:
    """Somebody's text in a cell: nothing in it makes tags or columns. Stripe's is Markdown."""
    parts = CODE.split(" ".join(text.split()))
    escaped = [p if CODE.fullmatch(p) else re.sub(r"([<>])", r"\\\1", p) for p in parts]
    return "".join(escaped).replace("|", "\\|")


def code(names: Iterable[str]) -> str:
    """Names, as code."""
    return ", ".join(f"`{name}`" for name in names)
