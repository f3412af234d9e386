"""A page as a reader gets it: its tables, its texts, the charts' data, and what it would load."""

import json
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

VOID = {"meta", "link", "input", "br"}


@dataclass
class Table:
    """A table under a heading, each cell as its text."""

    heading: str
    rows: list[list[str]] = field(default_factory=list)

    def column(self, name: str) -> list[str]:
        """The cells under a name."""
        position = self.rows[0].index(name)
        return [row[position] for row in self.rows[1:]]


class Page(HTMLParser):
    """What is in the page, by a parser that knows nothing of how it was made."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = ""
        self.tables: list[Table] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.styles: list[str] = []
        self.headings: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)
        if tag == "table":
            self.tables.append(Table(self.headings[-1]))
        elif tag == "tr":
            self.tables[-1].rows.append([])
        elif tag in ("td", "th"):
            self.tables[-1].rows[-1].append("")
        elif tag == "h2":
            self.headings.append("")
        elif tag == "script":
            self.scripts.append("")
        elif tag == "style":
            self.styles.append("")

    def handle_endtag(self, tag: str) -> None:
        """An element ends."""
        assert self._open.pop() == tag, "elements close in their order"

    def handle_data(self, data: str) -> None:
        """Text within an element."""
        within = self._open[-1] if self._open else ""
        if within == "script":
            self.scripts[-1] += data
        elif within == "style":
            self.styles[-1] += data
        else:
            self.text += data
            if "td" in self._open or "th" in self._open:
                self.tables[-1].rows[-1][-1] += data
            if within == "h2":
                self.headings[-1] += data

    @property
    def charts(self) -> dict[str, Any]:
        """The charts' data."""
        charts: dict[str, Any] = json.loads(self.scripts[0])
        return charts

    def under(self, heading: str) -> list[Table]:
        """The tables under a heading."""
        return [table for table in self.tables if table.heading == heading]

    def series(self, chart: str, label: str) -> list[float | None]:
        """The values of a chart's series."""
        (found,) = (one for one in self.charts[chart]["series"] if one["label"] == label)
        values: list[float | None] = found["values"]
        return values
