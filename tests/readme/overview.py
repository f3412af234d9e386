"""The generated parts of the README itself."""

import re
from collections.abc import Callable
from pathlib import Path

from stripe_source.actions.registry import actions
from stripe_source.plays.templates import templates
from tests.destinations.known import known

README = Path(__file__).parents[2] / "README.md"


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


def every_destination() -> str:
    """Every destination that was looked at, with what becomes of rows there."""
    lines = [
        "| dlt's destination | older rows | children that went | a version | data models | tests |",
        "| --- | --- | --- | --- | --- | --- |",
        *(each.row() for each in known()),
    ]
    return "\n".join(lines) + "\n"


PARTS: dict[str, Callable[[], str]] = {
    "actions": every_action,
    "destinations": every_destination,
    "templates": every_template,
}


def with_generated(text: str) -> str:
    """The README's text with its generated parts as they should be."""
    for name, part in PARTS.items():
        block = re.compile(rf"(<!-- generated: {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        made = part()
        text = block.sub(lambda found, made=made: f"{found[1]}\n{made}\n{found[2]}", text)  # type: ignore[misc]
    return text
