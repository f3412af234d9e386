"""Net revenue by month, in one currency at a time: amounts in several are not added up."""

from collections.abc import Sequence
from datetime import date

from stripe_source.page.charts import Chart, Series, table_of
from stripe_source.page.figures import Number, Revenue
from stripe_source.page.markup import Html, tag

CONVERTED = "converted"


def revenue_charts(
    revenue: Sequence[Revenue], current: date, reporting: str | None
) -> dict[str, Chart]:
    """Charts by what the reader chooses: all that can be converted, then each currency."""
    months = _months(min(entry.month for entry in revenue), current)
    charts = {}
    if reporting and any(entry.net_revenue_converted is not None for entry in revenue):
        charts[f"All, converted to {reporting.upper()}"] = _converted(
            revenue, months, current, reporting
        )
    for currency in sorted({entry.currency for entry in revenue}):
        charts[currency.upper()] = _in_currency(revenue, months, current, currency)
    return charts


def revenue_section(
    charts: dict[str, Chart], revenue: Sequence[Revenue], reporting: str | None
) -> Html:
    """A choice of currencies, and for each the chart and its table."""
    options = [tag("option", label, value=chart.name) for label, chart in charts.items()]
    parts = [
        tag(
            "div",
            tag("h3", label, class_="chosen"),
            _without_rate(revenue, reporting) if chart.name == f"revenue-{CONVERTED}" else None,
            chart.figure(),
            table_of([chart]),
            data_choice=chart.name,
        )
        for label, chart in charts.items()
    ]
    return tag(
        "section",
        tag("h2", "Net revenue"),
        tag(
            "p",
            "Invoices, without tax, in the month in which they were finalized, and other payments; "
            "less credit notes and refunds.",
            class_="note",
        ),
        tag("label", "Currency ", tag("select", *options, id="currency"), class_="choose"),
        *parts,
    )


def _months(first: date, last: date) -> list[date]:
    numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [date(number // 12, number % 12 + 1, 1) for number in numbers]


def _converted(
    revenue: Sequence[Revenue], months: Sequence[date], current: date, reporting: str
) -> Chart:
    sums: dict[date, Number] = dict.fromkeys(months, 0)
    for entry in revenue:
        if entry.net_revenue_converted is not None:
            sums[entry.month] += entry.net_revenue_converted  # type: ignore[operator]
    net = Series("Net revenue", "accent", list(sums.values()))
    name = f"revenue-{CONVERTED}"
    return Chart(name, f"Net revenue, {reporting.upper()}", months, [net], current, reporting)


def _in_currency(
    revenue: Sequence[Revenue], months: Sequence[date], current: date, currency: str
) -> Chart:
    entries = {entry.month: entry for entry in revenue if entry.currency == currency}

    def series(label: str, colour: str, column: str, sign: int = 1) -> Series:
        found = [entries.get(month) for month in months]
        return Series(label, colour, [sign * getattr(e, column) if e else 0 for e in found])

    parts = [
        series("Invoiced", "accent", "invoiced"),
        series("Other payments", "reactivation", "other_payments"),
        series("Credit notes", "contraction", "credit_notes", -1),
        series("Refunds", "churn", "refunds", -1),
    ]
    net = series("Net revenue", "text", "net_revenue")
    shown = [part for part in parts if any(part.values)]
    line = Series(net.label, net.colour, net.values, line=True)
    title = f"Net revenue, {currency.upper()}"
    return Chart(f"revenue-{currency}", title, months, [*shown, line], current, currency)


def _without_rate(revenue: Sequence[Revenue], reporting: str | None) -> Html | None:
    lacking = sorted({e.currency.upper() for e in revenue if e.net_revenue_converted is None})
    if not lacking:
        return None
    return tag(
        "p",
        f"Without {', '.join(lacking)}: no exchange rate to {(reporting or '').upper()} is known.",
        class_="warning",
    )
