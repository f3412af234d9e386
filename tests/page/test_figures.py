"""What the page says is what the models' views have."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tests.page.conftest import HOSTILE, Reported

CURRENCIES = {"usd": 2, "eur": 2, "gbp": 2, "jpy": 0, "kwd": 3}


def amount(value: Any, currency: str) -> str:
    """An amount as a reader expects it, by a rule of the test's own."""
    step = Decimal(10) ** -CURRENCIES[currency]
    return f"{Decimal(value).quantize(step, ROUND_HALF_UP) + 0:,}"


def percent(share: Any) -> str:
    """A share as a reader expects it."""
    return "–" if share is None else f"{float(share) * 100:,.1f}%"  # noqa: RUF001


def number(text: str) -> float | None:
    """What a cell says."""
    bare = text.rstrip("%").replace(",", "")
    return None if bare == "–" else float(bare)  # noqa: RUF001


def test_headline(reported: Reported) -> None:
    """The headline has the figures of metrics_now, money in the reporting currency."""
    ((currency, mrr, arr, active, arpu, churn, converted),) = reported.view(
        "SELECT currency, mrr, arr, active_subscribers, arpu, subscriber_churn_rate_30d, "
        "trial_conversion_rate_30d FROM metrics_now"
    )
    said = reported.page.text
    for name, value in (("MRR", mrr), ("ARR", arr), ("ARPU", arpu)):
        assert f"{name}{currency.upper()} {amount(value, currency)}" in said
    assert f"Active subscribers{active}" in said
    assert f"Subscriber churn, 30 days{percent(churn)}" in said
    assert f"Trial conversion, 30 days{percent(converted)}" in said


def test_mrr_and_movements(reported: Reported) -> None:
    """Charts and table have the same 24 months of metrics_monthly, the last month first below."""
    rows = reported.view(
        "SELECT month, currency, mrr_end, new, reactivation, expansion, contraction, churn "
        "FROM metrics_monthly ORDER BY month DESC LIMIT 24"
    )
    (table,) = reported.page.under("Monthly recurring revenue")
    names = ["MRR", "New", "Reactivation", "Expansion", "Contraction", "Churn"]
    assert len(rows) == len(table.rows) - 1 == 24
    for position, name in enumerate(names, 2):
        column = table.column(name)
        assert column == [amount(row[position], row[1]) for row in rows]
        drawn = reported.page.series("mrr" if name == "MRR" else "movements", name)
        assert drawn == [number(text) for text in reversed(column)]


def test_rates(reported: Reported) -> None:
    """Churn, NRR and GRR are those of the months, in percent."""
    rows = reported.view(
        "SELECT subscriber_churn_rate, nrr, grr FROM metrics_monthly ORDER BY month DESC LIMIT 24"
    )
    (table,) = reported.page.under("Churn and retention")
    charts = {"Subscriber churn": "churn", "NRR": "retention", "GRR": "retention"}
    for position, short in enumerate(charts):
        (name,) = (one for one in table.rows[0] if short in one)
        column = table.column(name)
        found = [number(text) for text in column]
        for shown, (value) in zip(found, [row[position] for row in rows], strict=True):
            assert (shown is None) == (value is None)
            assert shown is None or abs(shown - float(value) * 100) <= 0.0501
        assert reported.page.series(charts[short], name) == found[::-1]


def test_the_month_that_is_not_over(reported: Reported) -> None:
    """Only the last month is marked as incomplete, in the charts and in the tables."""
    for chart in reported.page.charts.values():
        assert chart["labels"][-1] == "Oct 2026"
        assert chart["incomplete"] == [False] * (len(chart["labels"]) - 1) + [True]
    (table,) = reported.page.under("Monthly recurring revenue")
    assert table.column("Month")[:2] == ["Oct 2026 so far", "Sep 2026"]
    assert reported.figures.month == date(2026, 10, 1)


def test_cohorts(reported: Reported) -> None:
    """Both tables have each cohort of the last 24 months, with what is left of it."""
    by_subscribers, by_revenue = reported.page.under("Retention by cohort")
    for table, column in ((by_subscribers, "subscriber"), (by_revenue, "revenue")):
        rows = reported.view(
            f"SELECT cohort_month, months_since, {column}_retention FROM retention_cohorts "
            "WHERE cohort_month >= DATE '2024-11-01' ORDER BY ALL"
        )
        shown = {
            (row[0], since): cell
            for row in table.rows[1:]
            for since, cell in enumerate(row[2:])
            if cell
        }
        assert len(shown) == len(rows) > 100
        for month, since, share in rows:
            cell = number(shown[f"{month:%b %Y}", since])
            assert (cell is None) == (share is None)
            assert cell is None or abs(cell - float(share) * 100) <= 0.501


def test_net_revenue_by_currency(reported: Reported) -> None:
    """Each currency has its own chart and table; a month without any revenue is 0."""
    options = [a["value"] for tag, a in reported.page.tags if tag == "option"]
    currencies = [row[0] for row in reported.view("SELECT DISTINCT currency FROM revenue_monthly")]
    assert sorted(options[1:]) == sorted(f"revenue-{currency}" for currency in currencies)
    assert len(currencies) > 1
    tables = reported.page.under("Net revenue")
    for option, table in zip(options[1:], tables[1:], strict=True):
        assert option
        currency = option.removeprefix("revenue-")
        rows: dict[str, Any] = {
            f"{month:%b %Y}": net
            for month, net in reported.view(
                f"SELECT month, net_revenue FROM revenue_monthly WHERE currency = '{currency}'"
            )
        }
        months = [name.removesuffix(" so far") for name in table.column("Month")]
        column = table.column("Net revenue")
        assert column == [amount(rows.get(month, 0), currency) for month in months]
        assert reported.page.series(option, "Net revenue") == [number(t) for t in column[::-1]]


def test_currencies_are_added_up_only_when_converted(reported: Reported) -> None:
    """The sum over currencies is net_revenue_converted; what has no rate is named."""
    rows = reported.view(
        "SELECT any_value(c.currency), sum(net_revenue_converted) FROM revenue_monthly AS r "
        "CROSS JOIN (SELECT currency FROM reporting_currency) AS c "
        "WHERE month >= DATE '2024-11-01' GROUP BY month ORDER BY month DESC"
    )
    table, *_ = reported.page.under("Net revenue")
    column = table.column("Net revenue")
    assert column == [amount(value or 0, currency) for currency, value in rows]
    lacking = reported.view(
        "SELECT DISTINCT upper(currency) FROM revenue_monthly "
        "WHERE net_revenue_converted IS NULL AND month >= DATE '2024-11-01' ORDER BY 1"
    )
    assert lacking
    assert f"Without {', '.join(name for (name,) in lacking)}: no exchange rate" in reported.html


def test_mrr_without_a_rate_is_said(reported: Reported) -> None:
    """Where MRR in some currencies is left out, the page says in how many."""
    ((number_of,),) = reported.view(
        "SELECT currencies_without_rate FROM metrics_monthly ORDER BY month DESC LIMIT 1"
    )
    assert number_of > 0
    assert f"MRR in {number_of} currenc" in reported.page.text


def test_overdue_invoices(reported: Reported) -> None:
    """The largest are shown, each in its own currency, those that can't be compared last."""
    rows = reported.view(
        "SELECT number, currency, amount_remaining, days_overdue, rate "
        "FROM invoices_overdue AS o LEFT JOIN (SELECT currency, rate, month FROM month_rates) AS r "
        "USING (currency) WHERE coalesce(r.month, DATE '2026-10-01') = DATE '2026-10-01'"
    )
    rows.sort(key=lambda row: (row[4] is None, -row[2] * (row[4] or 1)))
    (table,) = reported.page.under("Overdue invoices")
    shown = list(
        zip(
            table.column("Invoice"),
            table.column("Amount due"),
            table.column("Days overdue"),
            strict=True,
        )
    )
    expected = [
        (row[0], f"{row[1].upper()} {amount(row[2], row[1])}", f"{row[3]:,}") for row in rows
    ]
    assert [row[1] for row in shown] == [row[1] for row in expected[:20]]
    assert set(shown) <= set(expected)
    assert len(shown) == min(len(rows), 20) > 5
    assert all(name.endswith(HOSTILE) for name, *_ in shown)


def test_receivables_by_age(reported: Reported) -> None:
    """A row for each currency, a column for each bucket."""
    rows = reported.view("SELECT currency, bucket, invoices, amount FROM receivables_ageing")
    (table,) = reported.page.under("Receivables by age")
    names = {"not due": "Not due", "over 90": "Over 90 days"}
    for currency, bucket, invoices, value in rows:
        cells = dict(zip(table.column("Currency"), table.column(_name(names, bucket)), strict=True))
        plural = "" if invoices == 1 else "s"
        assert cells[currency.upper()] == f"{amount(value, currency)}{invoices} invoice{plural}"
    filled = [cell for row in table.rows[1:] for cell in row[1:] if cell != "–"]  # noqa: RUF001
    assert len(filled) == len(rows) > 0


def _name(names: dict[str, str], bucket: str) -> str:
    return names.get(bucket, f"{bucket} days")
