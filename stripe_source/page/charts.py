"""Charts: what the script draws, and the table behind it, of the same figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from stripe_source.page.figures import Number
from stripe_source.page.markup import Html, join, tag
from stripe_source.page.wording import amount, decimals, month_name, percent, rounded

SO_FAR = "so far"


@dataclass(frozen=True)
class Series:
    """One line, or the bars of one colour; ``stack`` are the bars that it stands on."""

    label: str
    colour: str
    values: Sequence[Number | None]
    line: bool = False
    stack: str = "all"


@dataclass(frozen=True)
class Chart:
    """Series over months, amounts in a ``currency`` or, without one, shares of 1.

    ``current`` is the month that has begun, and is drawn as incomplete.
    """

    name: str
    title: str
    months: Sequence[date]
    series: Sequence[Series]
    current: date
    currency: str | None = None

    def drawn(self) -> dict[str, Any]:
        """What the script gets: amounts rounded, shares in percent."""
        return {
            "labels": [month_name(month) for month in self.months],
            "incomplete": [month == self.current for month in self.months],
            "currency": (self.currency or "").upper(),
            "decimals": decimals(self.currency) if self.currency else 1,
            "series": [
                {
                    "label": one.label,
                    "colour": one.colour,
                    "line": one.line,
                    "stack": one.stack,
                    "values": [self._number(value) for value in one.values],
                }
                for one in self.series
            ],
        }

    def figure(self) -> Html:
        """Where it is drawn."""
        label = f"{self.title}, {len(self.months)} months; the same figures are in the table below"
        return tag(
            "figure",
            tag("figcaption", self.title),
            tag("div", tag("canvas", role="img", aria_label=label), class_="canvas"),
            data_chart=self.name,
        )

    def written(self, value: Number | None) -> str:
        """A value as the table has it."""
        return amount(value, self.currency) if self.currency else percent(value)

    def _number(self, value: Number | None) -> float | None:
        if value is None:
            return None
        if self.currency:
            return float(rounded(value, decimals(self.currency)))
        return float(rounded(value * 100, 1))


def table_of(charts: Sequence[Chart]) -> Html:
    """The figures of charts of the same months, the last month first, to be unfolded."""
    currency = charts[0].currency
    head = ["Month", *(one.label for chart in charts for one in chart.series)]
    columns = [
        [chart.written(value) for value in one.values] for chart in charts for one in chart.series
    ]
    rows = [
        [month_cell(month, charts[0].current), *values]
        for month, *values in zip(charts[0].months, *columns, strict=True)
    ]
    summary = f"Figures in {currency.upper()}" if currency else "Figures"
    return tag("details", tag("summary", summary), table(head, rows[::-1], texts=1))


def month_cell(month: date, current: date) -> Html:
    """A month's name; the one that has begun says so."""
    if month == current:
        return join([f"{month_name(month)} ", tag("small", SO_FAR)])
    return join([month_name(month)])


def table(head: Sequence[str], rows: Sequence[Sequence[str]], texts: int, kind: str = "") -> Html:
    """A table that scrolls in its own box: the first columns are ``texts``, the others numbers.

    The first cell of a row is its header.
    """
    body = []
    for first, *others in rows:
        cells = [
            other
            if isinstance(other, Html) and other.startswith("<td")
            else tag("td", other, class_=None if position < texts else "n")
            for position, other in enumerate(others, 1)
        ]
        body.append(tag("tr", tag("th", first, scope="row"), *cells))
    heads = [
        tag("th", name, scope="col", class_=None if position < texts else "n")
        for position, name in enumerate(head)
    ]
    made = tag(
        "table",
        tag("thead", tag("tr", *heads)),
        tag("tbody", *body),
        class_=kind or None,
    )
    return tag("div", made, class_="scroll", tabindex=0)
