"""Retention cohorts as a table in which more colour is more retention."""

from collections.abc import Callable, Sequence
from datetime import date

from stripe_source.page.charts import table
from stripe_source.page.figures import Cohort, Number
from stripe_source.page.markup import Html, tag
from stripe_source.page.wording import amount, month_name, percent

SHADES = 10


def cohort_section(cohorts: Sequence[Cohort], current: date, currency: str) -> Html:
    """Two tables, of subscribers and of revenue, of which one is shown."""
    by_subscribers = _table(
        cohorts,
        current,
        ("Subscribers", lambda c: f"{c.subscribers:,}"),
        lambda c: c.subscriber_retention,
        lambda c: f"{c.subscribers_retained:,} of {c.subscribers:,}",
    )
    by_revenue = _table(
        cohorts,
        current,
        (f"First MRR, {currency.upper()}", lambda c: amount(c.mrr_start, currency)),
        lambda c: c.revenue_retention,
        lambda c: f"{amount(c.mrr, currency)} of {amount(c.mrr_start, currency)}",
    )
    return tag(
        "section",
        tag("h2", "Retention by cohort"),
        tag(
            "p",
            "A cohort is the customers whose first MRR was in one month; columns are months since, "
            "values percent. Revenue is their MRR then, of what they began with, in currencies "
            "with an exchange rate. In italics: the month that is not over.",
            class_="note",
        ),
        _choice("subscribers", "Subscribers", checked=True),
        _choice("revenue", "Revenue", checked=False),
        tag("div", by_subscribers, class_="by-subscribers"),
        tag("div", by_revenue, class_="by-revenue"),
        class_="cohorts",
    )


def _choice(value: str, label: str, *, checked: bool) -> Html:
    name = f"cohorts-{value}"
    return Html(
        tag("input", type="radio", name="cohorts", id=name, checked=checked)
        + tag("label", label, for_=name)
    )


def _table(
    cohorts: Sequence[Cohort],
    current: date,
    size: tuple[str, Callable[[Cohort], str]],
    share: Callable[[Cohort], Number | None],
    said: Callable[[Cohort], str],
) -> Html:
    by_month: dict[date, list[Cohort]] = {}
    for cohort in cohorts:
        by_month.setdefault(cohort.cohort_month, []).append(cohort)
    width = max(cohort.months_since for cohort in cohorts) + 1
    rows = []
    for month, row in by_month.items():
        cells = [_cell(share(cohort), said(cohort), cohort.month == current) for cohort in row]
        empty = [tag("td")] * (width - len(cells))
        rows.append([month_name(month), size[1](row[0]), *cells, *empty])
    return table(["Cohort", size[0], *map(str, range(width))], rows, texts=1, kind="heat")


def _cell(share: Number | None, said: str, partial: bool) -> Html:
    shade = 0 if share is None else min(max(round(share * SHADES), 0), SHADES)
    kind = f"n h{shade}" + (" partial" if partial else "")
    return tag("td", percent(share, 0).removesuffix("%"), class_=kind, title=said)
