"""Reads the figures from the views of the data models, each view once."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from stripe_source.catalog import CATALOG
from stripe_source.errors import UsageError
from stripe_source.extract.loaded import accounts_in
from stripe_source.models.library import library, resources_of
from stripe_source.models.model import Model
from stripe_source.models.warehouse import Warehouse
from stripe_source.page.figures import (
    Ageing,
    Cohort,
    Figures,
    LeftOut,
    Month,
    Now,
    Overdue,
    Revenue,
)

MONTHS = 24
LARGEST = 20
SECTIONS = {
    "metrics_now": "Headline figures",
    "metrics_monthly": "MRR, churn and retention by month",
    "retention_cohorts": "Retention cohorts",
    "revenue_monthly": "Net revenue by month",
    "invoices_overdue": "Overdue invoices",
    "receivables_ageing": "Receivables by age",
}
"""What a section of the page is called, by the model that it shows."""
READS = (*SECTIONS, "months", "month_rates", "reporting_currency", "invoices", "customers")
"""All models that the page reads."""

Row = TypeVar("Row", Now, Month, Cohort, Revenue, Ageing)


def _whose(accounts: list[str]) -> str:
    first, *others = accounts
    return f"{first} and {len(others):,} more" if others else first


def read_figures(place: Warehouse, source: Mapping[str, Any]) -> Figures:
    """The figures of a warehouse; ``source`` is our state in it, which says whose they are.

    Raises UsageError where no data models are deployed.
    """
    there = place.deployed()
    if "months" not in there:
        raise UsageError(
            f"there are no data models in '{place.schemas.models}': "
            "run 'stripe-source models deploy'"
        )
    ((month, today),) = place.select(
        f"SELECT month, last_day FROM {place.view('months')} WHERE is_current"
    )
    since = _months_before(month, MONTHS - 1)
    read = _Reader(place, there)
    headline = read.rows("metrics_now", Now)
    stamp = source.get("stamp")
    overdue = read.overdue(month, today)
    return Figures(
        account=_whose(accounts_in(source)),
        livemode=bool(source["account"]["livemode"]),
        read_at=datetime.fromtimestamp(stamp, UTC) if stamp else None,
        today=today,
        month=month,
        currency=read.one("reporting_currency", "MIN(currency)"),
        invoices=read.one("invoices", "COUNT(*)"),
        now=headline[0] if headline else None,
        months=read.rows("metrics_monthly", Month, f"month >= DATE '{since}'"),
        cohorts=read.rows("retention_cohorts", Cohort, f"cohort_month >= DATE '{since}'"),
        revenue=read.rows("revenue_monthly", Revenue, f"month >= DATE '{since}'"),
        overdue=overdue,
        overdue_invoices=read.one("invoices_overdue", "COUNT(*)") or 0,
        ageing=read.rows("receivables_ageing", Ageing),
        left_out=_left_out(place, there),
    )


class _Reader:
    """Reads from the models that are there; what is not is None."""

    def __init__(self, place: Warehouse, there: frozenset[str]) -> None:
        self.place = place
        self.there = there

    def rows(self, model: str, kind: type[Row], where: str = "1 = 1") -> list[Row] | None:
        """The rows of a model, with the columns of the dataclass, by its first two."""
        if model not in self.there:
            return None
        names = ", ".join(field.name for field in fields(kind))
        found = self.place.select(
            f"SELECT {names} FROM {self.place.view(model)} WHERE {where} ORDER BY 1, 2"
        )
        return [kind(*row) for row in found]

    def one(self, model: str, value: str) -> Any:
        """One value of a model."""
        if model not in self.there:
            return None
        return self.place.select(f"SELECT {value} FROM {self.place.view(model)}")[0][0]

    def overdue(self, month: date, today: date) -> list[Overdue] | None:
        """The largest overdue invoices, compared in the reporting currency at today's rates.

        Those in a currency without a rate can't be compared: they come last.
        """
        if "invoices_overdue" not in self.there:
            return None
        view = self.place.view
        name, customers = "NULL", ""
        if "customers" in self.there:
            name = "NULLIF(TRIM(c.name), '')"
            customers = (
                f"LEFT JOIN {view('customers')} AS c "
                "ON c.account_id = o.account_id AND c.customer_id = o.customer_id"
            )
        found = self.place.select(
            f"""
            SELECT o.invoice_id, o.number, o.customer_id, {name}, o.currency, o.amount_remaining,
                o.days_overdue, o.collection_method, o.attempt_count
            FROM {view("invoices_overdue")} AS o
            {customers}
            LEFT JOIN {view("month_rates")} AS r
                ON r.account_id = o.account_id AND r.currency = o.currency
                AND r.month = DATE '{month}'
            ORDER BY CASE WHEN r.rate IS NULL THEN 1 ELSE 0 END,
                o.amount_remaining * COALESCE(r.rate, 1) DESC, o.invoice_id
            LIMIT {LARGEST}
            """
        )
        # Days are counted in the models' time zone, so a due date that is counted back is, too.
        return [
            Overdue(
                key, number, owner, called, currency, due, _before(today, days), days, how, tried
            )
            for key, number, owner, called, currency, due, days, how, tried in found
        ]


def _left_out(place: Warehouse, there: frozenset[str]) -> list[LeftOut]:
    known = library()
    return [
        LeftOut(section, tuple(_needed(known, model, place.loaded.tables)))
        for model, section in SECTIONS.items()
        if model not in there
    ]


def _needed(known: Mapping[str, Model], name: str, loaded: frozenset[str]) -> list[str]:
    """The resources that a model lacks, itself and all that it reads."""
    read, open_ = {name}, [name]
    while open_:
        more = known[open_.pop()].models - read
        read |= more
        open_ += more
    lacking = {
        resource
        for model in (known[one] for one in read)
        for resource in resources_of([model])
        if _lacks(model, resource, loaded)
    }
    return [resource for resource in resources_of(known.values()) if resource in lacking]


def _lacks(model: Model, resource: str, loaded: frozenset[str]) -> bool:
    row = CATALOG[resource]
    absent = model.required - loaded
    return bool(absent & {*row.tables, *row.histories})


def _before(day: date, days: int) -> date:
    return day - timedelta(days=days)


def _months_before(month: date, number: int) -> date:
    """The first day of the month so many months before."""
    months = month.year * 12 + month.month - 1 - number
    return date(months // 12, months % 12 + 1, 1)
