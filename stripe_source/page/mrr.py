"""MRR and its movements, and churn and retention, by month."""

from collections.abc import Callable, Sequence
from datetime import date

from stripe_source.page.charts import Chart, Series, table_of
from stripe_source.page.figures import Month, Number
from stripe_source.page.markup import Html, tag
from stripe_source.page.wording import counted, month_name

Of = Callable[[Month], Number | None]


def mrr_charts(months: Sequence[Month], current: date) -> list[Chart]:
    """The line of MRR, and its movements: gains above 0, losses below, currency effect apart."""
    currency = months[0].currency
    movements = [
        _series(months, "New", "new", lambda m: m.new),
        _series(months, "Reactivation", "reactivation", lambda m: m.reactivation),
        _series(months, "Expansion", "expansion", lambda m: m.expansion),
        _series(months, "Contraction", "contraction", lambda m: m.contraction),
        _series(months, "Churn", "churn", lambda m: m.churn),
    ]
    if any(month.currency_effect for month in months):
        effect = _series(months, "Currency effect", "effect", lambda m: m.currency_effect, "rates")
        movements.append(effect)
    line = _line(months, "MRR", "accent", lambda m: m.mrr_end)
    return [
        Chart("mrr", "MRR at the end of the month", _days(months), [line], current, currency),
        Chart("movements", "Movements", _days(months), movements, current, currency),
    ]


def rate_charts(months: Sequence[Month], current: date) -> list[Chart]:
    """Subscriber churn, and what became of the MRR at the start of a month."""
    churn = _line(months, "Subscriber churn", "churn", lambda m: m.subscriber_churn_rate)
    kept = [
        _line(months, "Net revenue retention (NRR)", "accent", lambda m: m.nrr),
        _line(months, "Gross revenue retention (GRR)", "reactivation", lambda m: m.grr),
    ]
    return [
        Chart("churn", "Subscriber churn rate", _days(months), [churn], current),
        Chart("retention", "Revenue retention", _days(months), kept, current),
    ]


def mrr_section(charts: Sequence[Chart], without_rate: Html | None) -> Html:
    """MRR as a chart above its movements."""
    currency = (charts[0].currency or "").upper()
    return tag(
        "section",
        tag("h2", "Monthly recurring revenue"),
        tag("p", f"In {currency}; other currencies at each month's rate.", class_="note"),
        without_rate,
        *(chart.figure() for chart in charts),
        table_of(charts),
    )


def rate_section(charts: Sequence[Chart]) -> Html:
    """Churn beside retention."""
    return tag(
        "section",
        tag("h2", "Churn and retention"),
        tag(
            "p",
            "Churn: subscribers who left / (those at the start of the month + new ones). NRR: what "
            "became of the MRR at the start, with expansion and reactivation; GRR: without them.",
            class_="note",
        ),
        tag("div", *(chart.figure() for chart in charts), class_="pair"),
        table_of(charts),
    )


def without_rate(months: Sequence[Month]) -> Html | None:
    """That currencies are missing in the amounts, where they are: the last month is named."""
    lacking = [month for month in months if month.currencies_without_rate > 0]
    if not lacking:
        return None
    last = lacking[-1]
    number = counted(last.currencies_without_rate, "currency", "currencies")
    return tag(
        "p",
        f"MRR in {number} (in {month_name(last.month)}) is not in these amounts, nor in any other "
        f"that is converted to {last.currency.upper()}: no exchange rate is known. Their "
        "subscribers are counted. The setting ",
        tag("code", "rates_table"),
        " names a table of rates.",
        class_="warning",
    )


def _days(months: Sequence[Month]) -> list[date]:
    return [month.month for month in months]


def _series(
    months: Sequence[Month], label: str, colour: str, of: Of, stack: str = "movements"
) -> Series:
    return Series(label, colour, [of(month) for month in months], stack=stack)


def _line(months: Sequence[Month], label: str, colour: str, of: Of) -> Series:
    return Series(label, colour, [of(month) for month in months], line=True)
