"""What the page shows, as the models have it. A section that can't be had is None."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

Number = Decimal | float | int


@dataclass(frozen=True)
class Now:
    """Stripe's figures over the last 30 days: ``metrics_now``. Rates are shares, 1 is all."""

    currency: str
    mrr: Number | None
    arr: Number | None
    active_subscribers: int
    arpu: Number | None
    ltv: Number | None
    subscriber_churn_rate_30d: Number | None
    net_mrr_churn_rate_30d: Number | None
    trials_ended_30d: int
    trials_converted_30d: int
    trial_conversion_rate_30d: Number | None
    currencies_without_rate: int


@dataclass(frozen=True)
class Month:
    """Of ``metrics_monthly``: amounts in the reporting currency."""

    month: date
    currency: str
    active_subscribers_end: int
    subscriber_churn_rate: Number | None
    new: Number | None
    expansion: Number | None
    contraction: Number | None
    churn: Number | None
    reactivation: Number | None
    currency_effect: Number | None
    mrr_end: Number | None
    nrr: Number | None
    grr: Number | None
    currencies_without_rate: int


@dataclass(frozen=True)
class Cohort:
    """Of ``retention_cohorts``: what is left of those who came in a month, after some months."""

    cohort_month: date
    months_since: int
    month: date
    subscribers: int
    subscribers_retained: int
    subscriber_retention: Number
    mrr_start: Number | None
    mrr: Number | None
    revenue_retention: Number | None


@dataclass(frozen=True)
class Revenue:
    """Of ``revenue_monthly``: a month in one currency."""

    month: date
    currency: str
    invoiced: Number
    other_payments: Number
    credit_notes: Number
    refunds: Number
    net_revenue: Number
    net_revenue_converted: Number | None


@dataclass(frozen=True)
class Overdue:
    """Of ``invoices_overdue``, with the customer's name where customers are loaded."""

    invoice_id: str
    number: str | None
    customer_id: str | None
    customer: str | None
    currency: str
    amount_remaining: Number
    due_on: date
    days_overdue: int
    collection_method: str | None
    attempt_count: int | None


@dataclass(frozen=True)
class Ageing:
    """Of ``receivables_ageing``: what is open in a currency, by how long it is overdue."""

    currency: str
    bucket: str
    invoices: int
    amount: Number


@dataclass(frozen=True)
class LeftOut:
    """A section without its model: the resources to load, or none where only to deploy."""

    section: str
    resources: tuple[str, ...]


@dataclass(frozen=True)
class Figures:
    """All of it. ``month`` is the one that has begun, ``today`` the day, in the models' time zone.

    ``overdue`` has the largest, ``overdue_invoices`` says of how many. ``invoices`` counts all,
    None where they are not loaded. ``read_at`` is when Stripe was last read, by its clock.
    """

    account: str
    livemode: bool
    read_at: datetime | None
    today: date
    month: date
    currency: str | None
    invoices: int | None
    now: Now | None = None
    months: list[Month] | None = None
    cohorts: list[Cohort] | None = None
    revenue: list[Revenue] | None = None
    overdue: list[Overdue] | None = None
    overdue_invoices: int = 0
    ageing: list[Ageing] | None = None
    left_out: list[LeftOut] = field(default_factory=list)
