"""The generated parts of the README. ``python -m tests.readme`` writes them."""

import re
from collections.abc import Callable
from pathlib import Path

from stripe_source.actions.registry import actions
from stripe_source.catalog import CATALOG, DEFAULT
from stripe_source.models.library import library
from stripe_source.models.shelf import FIVETRAN, MODELS, Shelf
from stripe_source.plays.templates import templates
from tests.destinations.known import known

README = Path(__file__).parent.parent / "README.md"


def resources() -> str:
    """Every resource with its tables, cursor and how its changes are seen."""
    lines = [
        "| resource | tables beside it | read by | how changes are seen |",
        "| --- | --- | --- | --- |",
    ]
    for row in sorted(CATALOG.values(), key=lambda row: (row.name not in DEFAULT, row.name)):
        name = f"**{row.name}**" if row.name in DEFAULT else row.name
        beside = ", ".join(row.tables[1:])
        lines.append(f"| {name} | {beside} | {row.cursor or 'whole list'} | {row.changes} |")
    note = "In bold, the default selection.\n\n"
    return note + "\n".join(lines) + "\n"


def models() -> str:
    """Every model with what a row of it is and what it holds."""
    return described("model", MODELS)


def fivetran() -> str:
    """Every view in the shape of Fivetran's tables, likewise."""
    return described("view", FIVETRAN)


def described(what: str, shelf: Shelf) -> str:
    """The models of a shelf."""
    lines = [f"| {what} | a row is | what it holds |", "| --- | --- | --- |"]
    for name, model in sorted(library(shelf=shelf).items()):
        text = " ".join(model.description.split("\n\n")[0].split()).split(" Source:")[0]
        lines.append(f"| {name} | {model.grain} | {text} |")
    return "\n".join(lines) + "\n"


def every_action() -> str:
    """Every action with what it does and its fields."""
    lines = ["| action | what it does | fields |", "| --- | --- | --- |"]
    for name, action in actions().items():
        fields = ", ".join(
            f"`{field}`"
            + ("" if each.is_required() or each.default is None else f" = {each.default}")
            for field, each in action.model_fields.items()
        )
        lines.append(f"| {name} | {action.description()} | {fields} |")
    return "\n".join(lines) + "\n"


def every_template() -> str:
    """Every template of a play with what starts it and where it goes."""
    lines = ["| template | what starts it | goes to |", "| --- | --- | --- |"]
    for name, play in templates().items():
        lines.append(f"| {name} | {play.description} | `{play.target.shown}` |")
    return "\n".join(lines) + "\n"


def destinations() -> str:
    """Every destination that was looked at, with what becomes of rows there."""
    lines = [
        "| dlt's destination | older rows | children that went | a version | data models | tests |",
        "| --- | --- | --- | --- | --- | --- |",
        *(each.row() for each in known()),
    ]
    return "\n".join(lines) + "\n"


PARTS: dict[str, Callable[[], str]] = {
    "destinations": destinations,
    "resources": resources,
    "models": models,
    "fivetran": fivetran,
    "actions": every_action,
    "templates": every_template,
}


def with_generated(text: str) -> str:
    """The README's text with its generated parts as they should be."""
    for name, part in PARTS.items():
        block = re.compile(rf"(<!-- generated: {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        made = part()
        text = block.sub(lambda found, made=made: f"{found[1]}\n{made}\n{found[2]}", text)  # type: ignore[misc]
    return text


if __name__ == "__main__":
    README.write_text(with_generated(README.read_text("utf-8")), "utf-8")
