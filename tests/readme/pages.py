"""Which pages ``docs`` has."""

from pathlib import Path

from tests.readme.commands import commands_page
from tests.readme.markdown import page
from tests.readme.models import fivetran_page, models_page
from tests.readme.resources import resource_pages

DOCS = Path(__file__).parents[2] / "docs"
INDEX = """\
- [Resources](resources/README.md): every object that is loaded, with its tables and columns,
  and how its changes are seen
- [Data models](models.md): every model with its grain, key and columns
- [Fivetran's shape](fivetran.md): the views that are named and typed like the tables of
  Fivetran's connector
- [Commands](commands.md): every command with its options

What it is for and how it is used is in the [README](../README.md), why it is so in
[DECISIONS.md](../DECISIONS.md)."""


def pages() -> dict[str, str]:
    """The text of each page, by its path in ``docs``."""
    return {
        "README.md": page("Reference", INDEX),
        "commands.md": commands_page(),
        "models.md": models_page(),
        "fivetran.md": fivetran_page(),
        **resource_pages(),
    }


def written() -> dict[str, str]:
    """The pages that are there."""
    return {str(file.relative_to(DOCS)): file.read_text("utf-8") for file in DOCS.rglob("*.md")}
