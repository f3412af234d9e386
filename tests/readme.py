"""The generated parts of the README. ``python -m tests.readme`` writes them."""

import re
from pathlib import Path

from stripe_source.catalog import CATALOG, DEFAULT

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


def with_generated(text: str) -> str:
    """The README's text with its generated parts as they should be."""
    block = re.compile(r"(<!-- generated: resources -->\n).*?(<!-- end -->)", re.DOTALL)
    return block.sub(
        lambda found: found.group(1) + "\n" + resources() + "\n" + found.group(2), text
    )


if __name__ == "__main__":
    README.write_text(with_generated(README.read_text("utf-8")), "utf-8")
