"""The models' figures for a story, held to answers that were worked out by hand.

The story is synced into two warehouses: ``early`` monthly from the start, so that events tell all
of its history, and ``late`` once at the end, so that all but the last thirty days are known by
invoices and by the dates of subscriptions alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.conftest import Warehouse
from tests.models import answers, scenario
from tests.models.conftest import Modelled, in_postgres
from tests.models.test_everywhere import same

RESOURCES = (
    "accounts", "customers", "products", "prices", "plans", "coupons", "promotion_codes",
    "tax_rates", "subscriptions", "invoices", "invoice_items", "invoice_payments", "charges",
    "payment_intents", "refunds", "credit_notes", "disputes", "payouts", "balance_transactions",
)  # fmt: skip
HISTORICAL = ("customers", "prices", "products", "subscriptions")
"""Of these the models know a history; the rest is as it is at the end, whenever it is synced."""
MODELS = (
    "mrr", "mrr_changes", "mrr_movements", "mrr_monthly", "metrics_monthly", "metrics_now",
    "retention_cohorts", "trials", "trial_conversion_monthly", "revenue_monthly", "tax_by_rate",
    "invoices_overdue", "receivables_ageing", "dunning", "recovery_monthly", "plan_usage",
    "product_usage", "customer_overview", "payout_reconciliation", "mrr_drops", "trials_ending",
)  # fmt: skip
SETTINGS: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "default": ({}, MODELS),
    "recurring": ({"mrr_discounts": "recurring"}, ("mrr", "mrr_changes")),
    "all": ({"mrr_discounts": "all"}, ("mrr",)),
    "none": ({"mrr_discounts": "none"}, ("mrr",)),
    "period_end": ({"mrr_churn_at": "period_end"}, ("mrr", "mrr_changes")),
    "rates": ({"rates_table": "stripe.rates"}, ("mrr_monthly", "metrics_monthly")),
    "kiritimati": (
        {"timezone": "Pacific/Kiritimati"},
        ("mrr_changes", "mrr_monthly", "invoices", "revenue_monthly"),
    ),
    "in_may": (
        {"now": "2026-05-15T12:00:00Z"},
        ("mrr_monthly", "mrr_drops", "revenue_monthly", "tax_by_rate"),
    ),
}
"""And which models are looked at with them."""
MOVED = ("new", "expansion", "contraction", "churn", "reactivation")
READ_BY = "2026-08-31T12:10:00Z"
"""By then the last syncs, of noon, are over."""
Row = dict[str, Any]
Table = dict[Any, Any]
"""Rows, or some of their columns, by a key."""


@dataclass
class Story:
    """The account when all is played, and what it was synced into."""

    play: scenario.Play
    warehouses: dict[str, Warehouse]
    postgres: Modelled
    """The same as ``late``."""
    invoiced: dict[str, str]
    """The month of each invoice."""


@dataclass
class Told:
    """What the models said: by ``early`` or ``late``, by setting, by model; and names for ids."""

    play: scenario.Play
    invoiced: dict[str, str]
    rows: dict[tuple[str, str], dict[str, list[Row]]] = field(default_factory=dict)

    def table(self, model: str, warehouse: str = "early", setting: str = "default") -> list[Row]:
        """The rows of a model."""
        return self.rows[warehouse, setting][model]

    def customer(self, row: Row) -> str:
        """The name of a row's customer."""
        return next(k for k, v in self.play.customers.items() if v == row["customer_id"])

    def price(self, row: Row) -> str:
        """The nickname of a row's price."""
        return next(
            k
            for k, v in self.play.prices.items()
            if v == row["plan_id" if "plan_id" in row else "price_id"]
        )


@pytest.fixture(scope="session")
def story(tmp_path_factory: pytest.TempPathFactory, postgres: str) -> Story:
    """The story, played once."""
    folder = tmp_path_factory.mktemp("known_answers")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")
        patch.setenv("DLT_DATA_DIR", str(folder / "dlt"))
        early, late = Warehouse(folder, "early"), Warehouse(folder, "late")
        elsewhere = in_postgres(folder, "known_answers", postgres)
        with scenario.new_account() as sim:
            play = scenario.play_account(sim, lambda: early.sync(sim, *HISTORICAL, models=False))
            early.sync(sim, *RESOURCES, models=False)
            late.sync(sim, *RESOURCES, models=False)
            elsewhere.sync(sim, resources=list(RESOURCES))
            invoices = sim.account.objects("/v1/invoices")
    months = {r["id"]: f"{datetime.fromtimestamp(r['created'], UTC):%Y-%m}" for r in invoices}
    return Story(play, {"early": early, "late": late}, elsewhere, months)


@pytest.fixture(scope="session")
def told(story: Story) -> Told:
    """Every model of both warehouses."""
    early, late = story.warehouses["early"], story.warehouses["late"]
    made = Told(story.play, story.invoiced)
    enter_rates(early)
    for setting, (values, models) in SETTINGS.items():
        made.rows["early", setting] = modelled(early, values, models)
    made.rows["late", "default"] = modelled(late, {}, MODELS)
    return made


def modelled(
    warehouse: Warehouse, settings: Mapping[str, Any], models: Iterable[str]
) -> dict[str, list[Row]]:
    """Models' rows under some settings."""
    from stripe_source.models import deploy

    deploy(warehouse.pipeline, {"now": answers.NOW, **settings})
    return {model: rows_of(warehouse, f'SELECT * FROM stripe_models."{model}"') for model in models}


def rows_of(warehouse: Warehouse, query: str) -> list[Row]:
    """The rows of a query as dicts, by whatever the destination is."""
    with warehouse.pipeline.sql_client() as client, client.execute_query(query) as cursor:
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def enter_rates(warehouse: Warehouse) -> None:
    """The table of rates."""
    values = ", ".join(
        f"('{day}', '{currency}', {rate})"
        for currency, rates in answers.RATES.items()
        for day, rate in rates
    )
    with warehouse.pipeline.sql_client() as client:
        client.execute_sql(
            "CREATE TABLE stripe.rates (date DATE, currency VARCHAR(3), rate DECIMAL(18, 8))"
        )
        client.execute_sql(f"INSERT INTO stripe.rates VALUES {values}")


# -- comparing --


def number(value: Any) -> Decimal | None:
    """An amount or a rate, to six decimals."""
    return None if value is None else Decimal(str(value)).quantize(Decimal("0.000001"))


def numbers(row: Row, *names: str) -> tuple[Decimal | None, ...]:
    """Some columns as amounts."""
    return tuple(number(row[name]) for name in names)


def ratio(over: str | int, under: str | int) -> Decimal | None:
    """A fraction."""
    return number(Decimal(over) / Decimal(under))


def month(value: date | None) -> str | None:
    """A month as 2026-01."""
    return None if value is None else f"{value:%Y-%m}"


def hour(value: datetime | None) -> str | None:
    """A time as 2026-01-05T10, UTC; one that is not on the hour in full."""
    if value is None:
        return None
    on_the_hour = (value.minute, value.second, value.microsecond) == (0, 0, 0)
    return f"{value.astimezone(UTC):{'%Y-%m-%dT%H' if on_the_hour else '%Y-%m-%dT%H:%M:%S.%f'}}"


def keyed(rows: Iterable[Row], key: Callable[[Row], Any], of: Callable[[Row], Any]) -> Table:
    """Rows by their key, which no two have."""
    found = [(key(row), of(row)) for row in rows]
    twice = [each for each, count in Counter(k for k, _ in found).items() if count > 1]
    assert not twice, f"more than one row of {twice}"
    return dict(found)


def differences(found: Mapping[Any, Any], expected: Mapping[Any, Any]) -> dict[Any, str]:
    """What is not as expected, under its key."""
    nothing = "no row"
    return {
        key: f"{found.get(key, nothing)} and not {expected.get(key, nothing)}"
        for key in [*expected, *(k for k in found if k not in expected)]
        if found.get(key, nothing) != expected.get(key, nothing)
    }


def sums(told: Told, warehouse: str) -> dict[Any, Any]:
    """``mrr_movements`` by month and currency, with its customers at the end."""
    names = ("mrr_start", *MOVED, "mrr_end")
    made: dict[Any, list[Any]] = {}
    for row in told.table("mrr_movements", warehouse):
        total = made.setdefault((month(row["month"]), row["currency"]), [Decimal(0)] * 7 + [0])
        for place, name in enumerate(names):
            total[place] += Decimal(str(row[name]))
        total[7] += row["mrr_end"] > 0
    return {key: (*(number(n) for n in row[:7]), row[7]) for key, row in made.items()}


def expected_months(table: Mapping[Any, tuple[Any, ...]]) -> dict[Any, Any]:
    """A table of movements with its amounts as numbers."""
    return {key: (*(number(n) for n in row[:7]), row[7]) for key, row in table.items()}


def changes(told: Told, warehouse: str, setting: str = "default") -> dict[str, Any]:
    """``mrr_changes`` by customer, in their order."""
    made: dict[str, Any] = {name: [] for name in told.play.customers}
    for row in sorted(told.table("mrr_changes", warehouse, setting), key=lambda r: r["changed_at"]):
        moved = hour(row["changed_at"]), number(row["mrr_change"]), row["movement"]
        made[told.customer(row)].append(moved)
    return made


def as_changes(table: Mapping[str, list[tuple[str, str, str]]]) -> dict[str, Any]:
    """The same of a table of answers."""
    return {
        name: [(when, number(much), which) for when, much, which in rows]
        for name, rows in table.items()
    }


# -- the story and the answers themselves --


def test_the_answers_agree_with_each_other() -> None:
    """What was worked out by hand adds up: MRR, movements, subscribers, conversion, cohorts."""
    own = answers.MOVEMENTS
    dollars = ("eur", "jpy", "kwd", "isk")
    priced = sum(Decimal(v) for (who, _), v in answers.MRR.items()
                 if not who.startswith(("euro", "yen", "dinar", "krona")))  # fmt: skip
    assert priced == Decimal(own["2026-08", "usd"][6])
    for name in ("MOVEMENTS", "LATE_MOVEMENTS"):
        for key, (start, *moved, end, _) in getattr(answers, name).items():
            assert Decimal(start) + sum(map(Decimal, moved)) == Decimal(end), (name, key)
    for when, (start, new, back, gone, end) in answers.SUBSCRIBERS.items():
        assert start + new + back - gone == end
        assert sum(own[when, c][7] for c in ("usd", *dollars)) == end
        rate = {"usd": "1", "jpy": answers.YEN, "kwd": answers.DINAR}
        for place, amount in enumerate(answers.CONVERTED[when]):
            exact = sum(Decimal(own[when, c][place]) * Decimal(r) for c, r in rate.items())
            assert exact == Decimal(amount), (when, place)
        left = [(c, 8 - len(rows) + n, row) for c, rows in answers.COHORTS.items()
                for n, row in enumerate(rows)]  # fmt: skip
        at = [row for _, place, row in left if place == int(when[5:]) - 1]
        assert sum(count for count, _ in at) == end
        assert sum(Decimal(amount) for _, amount in at) == Decimal(answers.CONVERTED[when][6])


def test_the_story_is_as_told(story: Story) -> None:
    """The simulator did what the story means: each that is not active is what it should be."""
    statuses = {}
    for row in story.play.sim.account.objects("/v1/subscriptions"):
        name = next(k for k, v in story.play.subscriptions.items() if v == row["id"])
        if row["status"] != "active":
            statuses[name] = row["status"]
    canceled = ("leaver", "immediate", "returner", "euro gone", "twosubs", "twosubs too",
                "yen gone", "lost", "trial canceled", "trial ended", "trial unpaid")  # fmt: skip
    assert statuses == dict.fromkeys(canceled, "canceled") | {
        "unpaid": "unpaid",
        "past due": "past_due",
        "expired": "incomplete_expired",
        "incomplete": "incomplete",
        "trial paused": "paused",
        "trial running": "trialing",
    }
    assert len(story.play.subscriptions) == 62


# -- MRR now --


@pytest.mark.parametrize("warehouse", ["early", "late"])
def test_mrr_of_each_item(told: Told, warehouse: str) -> None:
    """Each item's MRR, whichever way its history became known."""
    assert differences(mrr(told, warehouse), with_mrr()) == {}


@pytest.mark.parametrize("setting", ["recurring", "all", "none"])
def test_mrr_by_the_discounts_that_count(told: Told, setting: str) -> None:
    """Another setting changes those whose discounts it counts, or doesn't."""
    expected = with_mrr(answers.MRR_BY_SETTING[setting])
    assert differences(mrr(told, "early", setting), expected) == {}


def test_mrr_until_the_period_ends(told: Told) -> None:
    """Who has asked for the end counts as long as it is paid for, where that is wished."""
    expected = with_mrr(answers.MRR_AT_PERIOD_END)
    assert differences(mrr(told, "early", "period_end"), expected) == {}


@pytest.mark.parametrize("setting", ["default", "in_may"])
def test_drops_of_the_last_thirty_days(told: Told, setting: str) -> None:
    """From the highest that it was; who was never below it has no row."""
    found = keyed(
        told.table("mrr_drops", "early", setting), lambda r: (told.customer(r), r["currency"]),
        lambda r: numbers(r, "mrr_before", "mrr", "share"),
    )  # fmt: skip
    expected = {key: tuple(map(number, row)) for key, row in answers.DROPS[setting].items()}
    assert differences(found, expected) == {}


@pytest.mark.parametrize("warehouse", ["early", "late"])
def test_trials_that_run(told: Told, warehouse: str) -> None:
    """How many days are left, and whether there is anything to charge then."""
    found = keyed(
        told.table("trials_ending", warehouse), told.customer,
        lambda r: (r["days_left"], r["can_be_charged"]),
    )  # fmt: skip
    assert differences(found, answers.TRIALS_ENDING) == {}


def mrr(told: Told, warehouse: str, setting: str = "default") -> Table:
    """MRR by customer and price, without what has none."""
    rows = [row for row in told.table("mrr", warehouse, setting) if row["mrr"]]
    return keyed(
        rows, lambda r: (told.customer(r), told.price(r)), lambda r: (number(r["mrr"]), r["reason"])
    )


def with_mrr(other: dict[tuple[str, str], str] | None = None) -> Table:
    """The expected ones."""
    return {key: (number(much), None) for key, much in (answers.MRR | (other or {})).items()}


@pytest.mark.parametrize("warehouse", ["early", "late"])
def test_why_an_item_has_no_mrr(told: Told, warehouse: str) -> None:
    """Free, given away, metered, canceling, in a trial, or in a status that doesn't count."""
    found = {
        (told.customer(row), told.price(row)): row["reason"]
        for row in told.table("mrr", warehouse)
        if (told.customer(row), told.price(row)) in answers.WITHOUT
    }
    assert differences(found, answers.WITHOUT) == {}


def test_mrr_before_discounts(told: Told) -> None:
    """What it would be without any."""
    found = {
        (told.customer(row), told.price(row)): number(row["mrr_before_discounts"])
        for row in told.table("mrr")
        if (told.customer(row), told.price(row)) in answers.BEFORE_DISCOUNTS
    }
    expected = {key: number(much) for key, much in answers.BEFORE_DISCOUNTS.items()}
    assert differences(found, expected) == {}


def test_mrr_by_price(told: Told) -> None:
    """The items' MRR, added up."""
    found = keyed(told.table("plan_usage"), told.price, lambda r: number(r["mrr"]))
    expected = {key: number(much) for key, much in answers.PLAN_USAGE.items()}
    assert differences({k: v for k, v in found.items() if k in expected}, expected) == {}


def test_mrr_by_product(told: Told) -> None:
    """Likewise, in each currency."""
    found = keyed(
        told.table("product_usage"),
        lambda r: (r["product_id"], r["currency"]),
        lambda r: number(r["mrr"]),
    )
    expected = {key: number(much) for key, much in answers.PRODUCT_USAGE.items()}
    assert differences(found, expected) == {}


# -- movements --


def test_changes_by_customer(told: Told) -> None:
    """Events tell each movement to the second."""
    found = {k: v for k, v in changes(told, "early").items() if k in answers.CHANGES}
    assert differences(found, as_changes(answers.CHANGES)) == {}
    assert {row["source"] for row in told.table("mrr_changes")} == {"event"}


def test_changes_by_customer_of_one_late_sync(told: Told) -> None:
    """Most are known without events, to the second too; what can't be is a list."""
    expected = {k: v for k, v in answers.CHANGES.items() if k not in answers.LATE_MONTHS}
    expected |= answers.LATE_CHANGES
    found = changes(told, "late")
    assert (
        differences({k: v for k, v in found.items() if k in expected}, as_changes(expected)) == {}
    )
    months = {name: [(when[:7], *rest) for when, *rest in found[name]]
              for name in answers.LATE_MONTHS}  # fmt: skip
    assert differences(months, as_changes(answers.LATE_MONTHS)) == {}


def test_changes_of_one_late_sync_say_how_they_are_known(told: Told) -> None:
    """Older than thirty days: by reconstruction; younger: by events, or by what the sync saw."""
    found = {(told.customer(row), hour(row["changed_at"])): row["source"]
             for row in told.table("mrr_changes", "late")}  # fmt: skip
    old = {source for (_, when), source in found.items() if str(when) < "2026-08-01T12"}
    assert old == {"reconstructed"}
    assert found["trial unpaid", "2026-08-08T11"] == "event"
    assert found["sent new", "2026-08-03T10"] == "event"


def test_leaving_when_the_period_ends(told: Told) -> None:
    """Then who took it back has never left, and who asked in April leaves in May."""
    found = changes(told, "early", "period_end")
    names = ("keeper", "leaver", "leaving", "trial ended")
    assert {name: found[name] for name in names} == as_changes({
        "keeper": [("2026-01-05T10", "30", "new")],
        "leaver": [("2026-01-05T10", "30", "new"), ("2026-05-05T10", "-30", "churn")],
        "leaving": [("2026-07-10T10", "30", "new")],
        "trial ended": [],
    })  # fmt: skip


def test_the_end_of_a_discount_for_months(told: Told) -> None:
    """Where it counts, its end after three months is an expansion."""
    found = changes(told, "early", "recurring")["repeating"]
    assert {"repeating": found} == as_changes({
        "repeating": [("2026-02-05T10", "15", "new"), ("2026-05-05T10", "15", "expansion")],
    })  # fmt: skip


def test_movements_by_month(told: Told) -> None:
    """By month and currency, added up over customers."""
    assert differences(sums(told, "early"), expected_months(answers.MOVEMENTS)) == {}


def test_movements_by_month_of_one_late_sync(told: Told) -> None:
    """The same but for what a late sync can't know."""
    expected = answers.MOVEMENTS | answers.LATE_MOVEMENTS
    assert differences(sums(told, "late"), expected_months(expected)) == {}


@pytest.mark.parametrize("warehouse", ["early", "late"])
def test_monthly_sums(told: Told, warehouse: str) -> None:
    """``mrr_monthly`` has the sums."""
    late = answers.LATE_MOVEMENTS if warehouse == "late" else {}
    names = ("mrr_start", *MOVED, "mrr_end")
    found = keyed(
        told.table("mrr_monthly", warehouse), lambda r: (month(r["month"]), r["currency"]),
        lambda r: (*numbers(r, *names), r["customers"]),
    )  # fmt: skip
    assert differences(found, expected_months(answers.MOVEMENTS | late)) == {}


def test_converted_movements(told: Told) -> None:
    """At the rates that the account settles at; null where there is none."""
    names = [f"{name}_converted" for name in ("mrr_start", "churn", "mrr_end")]
    found = keyed(
        told.table("mrr_monthly"), lambda r: (month(r["month"]), r["currency"]),
        lambda r: numbers(r, *names),
    )  # fmt: skip
    wanted = answers.CONVERTED_BY_CURRENCY
    expected = {key: tuple(number(n) for n in row) for key, row in wanted.items()}
    assert differences({k: v for k, v in found.items() if k in wanted}, expected) == {}


def test_movements_at_rates_of_ones_own(told: Told) -> None:
    """The start at the rate of the month before, the rest at the month's: the rest is an effect."""
    names = ("mrr_start", *MOVED, "currency_effect", "mrr_end")
    found = keyed(
        told.table("mrr_monthly", "early", "rates"), lambda r: (month(r["month"]), r["currency"]),
        lambda r: numbers(r, *(f"{name}_converted" for name in names)),
    )  # fmt: skip
    wanted = answers.WITH_RATES
    expected = {key: tuple(number(n) for n in row) for key, row in wanted.items()}
    assert differences({k: v for k, v in found.items() if k in wanted}, expected) == {}


# -- by month --


@pytest.mark.parametrize("warehouse", ["early", "late"])
def test_subscribers_by_month(told: Told, warehouse: str) -> None:
    """A customer counts once; who churns and comes back is in both."""
    late = answers.LATE_SUBSCRIBERS if warehouse == "late" else {}
    names = ("active_subscribers_start", "subscribers_new", "subscribers_reactivated",
             "subscribers_churned", "active_subscribers_end")  # fmt: skip
    found = keyed(
        told.table("metrics_monthly", warehouse), lambda r: month(r["month"]),
        lambda r: tuple(int(r[name]) for name in names),
    )  # fmt: skip
    assert differences(found, answers.SUBSCRIBERS | late) == {}


def test_rates_of_churn_by_month(told: Told) -> None:
    """Churned of those active at the start and new."""
    found = by_month(told, "subscriber_churn_rate")
    expected = {key: (ratio(*row),) for key, row in answers.SUBSCRIBER_CHURN.items()}
    assert differences(found, expected) == {}


def test_converted_metrics_by_month(told: Told) -> None:
    """All currencies that can be converted, added up; churned revenue is churn and contraction."""
    names = ("mrr_start", *MOVED, "mrr_end", "churned_revenue")
    expected = {
        key: (*(number(n) for n in row), number(-Decimal(row[3]) - Decimal(row[4])))
        for key, row in answers.CONVERTED.items()
    }
    assert differences(by_month(told, *names), expected) == {}


def test_retention_by_month(told: Told) -> None:
    """Net and gross; null where there was nothing at the start."""
    found = by_month(told, "nrr", "grr")
    expected = {key: tuple(ratio(*each) for each in row) for key, row in answers.RETENTION.items()}
    assert differences({k: v for k, v in found.items() if k in expected}, expected) == {}
    assert found["2026-01"] == (None, None)


def test_metrics_at_rates_of_ones_own(told: Told) -> None:
    """A currency that rises is no retention."""
    found = keyed(
        told.table("metrics_monthly", "early", "rates"), lambda r: month(r["month"]),
        lambda r: numbers(r, "mrr_start", "currency_effect", "mrr_end", "nrr", "grr"),
    )  # fmt: skip
    expected = {
        key: (number(start), number(effect), number(end), ratio(*net), ratio(*gross))
        for key, (start, effect, end, net, gross) in answers.METRICS_WITH_RATES.items()
    }
    assert differences({k: v for k, v in found.items() if k in expected}, expected) == {}


def by_month(told: Told, *names: str) -> Table:
    """Columns of ``metrics_monthly``."""
    rows = told.table("metrics_monthly")
    return keyed(rows, lambda r: month(r["month"]), lambda r: numbers(r, *names))


def test_metrics_of_the_last_thirty_days(told: Told) -> None:
    """By Stripe's glossary."""
    [row] = told.table("metrics_now")
    found = {name: number(row[name]) for name in answers.METRICS_NOW}
    expected = {name: ratio(*each) for name, each in answers.METRICS_NOW.items()}
    assert differences(found, expected) == {}
    assert row["trial_conversion_rate_30d"] is None


def test_cohorts(told: Told) -> None:
    """By the month of the first MRR: who is still there, and what they pay."""
    names = ("subscribers", "subscribers_retained", "mrr_start", "mrr", "subscriber_retention",
             "revenue_retention")  # fmt: skip
    found = keyed(
        told.table("retention_cohorts"), lambda r: (month(r["cohort_month"]), r["months_since"]),
        lambda r: numbers(r, *names),
    )  # fmt: skip
    expected = {}
    for cohort, rows in answers.COHORTS.items():
        first, start = rows[0]
        for since, (left, much) in enumerate(rows):
            amounts = (number(first), number(left), number(start), number(much))
            expected[cohort, since] = (*amounts, ratio(left, first), ratio(much, start))
    assert differences(found, expected) == {}


# -- trials --


@pytest.mark.parametrize("warehouse", ["early", "late"])
def test_trials(told: Told, warehouse: str) -> None:
    """What became of each."""
    found = keyed(
        told.table("trials", warehouse), told.customer,
        lambda r: (hour(r["trial_start_at"]), r["outcome"], hour(r["ended_at"])),
    )  # fmt: skip
    assert differences(found, answers.TRIALS) == {}


@pytest.mark.parametrize("warehouse", ["early", "late"])
def test_conversion_of_trials(told: Told, warehouse: str) -> None:
    """By the month in which they ended."""
    found = keyed(
        told.table("trial_conversion_monthly", warehouse), lambda r: month(r["month"]),
        lambda r: (*numbers(r, "trials_started", "trials_ended", "trials_converted"),
                   number(r["conversion_rate"])),
    )  # fmt: skip
    expected = {
        key: (*(number(n) for n in row), ratio(row[2], row[1]) if row[1] else None)
        for key, row in answers.TRIAL_CONVERSION.items()
    }
    assert differences({k: v for k, v in found.items() if any(v)}, expected) == {}


# -- money --


@pytest.mark.parametrize("warehouse", ["early", "late"])
def test_revenue(told: Told, warehouse: str) -> None:
    """Every month of the yen, dinars, kronur and euros."""
    names = ("invoices", "gross", "discounts", "credit_notes", "refunds", "other_payments",
             "net_revenue", "net_revenue_converted")  # fmt: skip
    found = keyed(
        told.table("revenue_monthly", warehouse), lambda r: (month(r["month"]), r["currency"]),
        lambda r: numbers(r, *names),
    )  # fmt: skip
    expected = {key: tuple(number(n) for n in row) for key, row in answers.REVENUE.items()}
    assert differences({k: v for k, v in found.items() if k[1] != "usd"}, expected) == {}


def test_tax_by_rate(told: Told) -> None:
    """Inside the price or on top of it, each month the same."""
    names = {v: k for k, v in told.play.tax_rates.items()}
    found = keyed(
        told.table("tax_by_rate"), lambda r: (month(r["month"]), names[r["tax_rate_id"]]),
        lambda r: (r["currency"], number(r["percentage"]), r["inclusive"],
                   *numbers(r, "taxable_amount", "tax", "net_tax"), r["country"]),
    )  # fmt: skip
    expected = {
        (f"2026-{number_of:02}", name): (
            currency, number(percent), inside, number(taxable), number(tax), number(tax),
            scenario.TAX_RATES[name]["country"],
        )
        for name, (currency, percent, inside, taxable, tax) in answers.TAX.items()
        for number_of in range(1, 9)
    }  # fmt: skip
    assert differences(found, expected) == {}


def test_overdue_invoices(told: Told) -> None:
    """Sent ones past their date, and charged ones since their first failure."""
    found = keyed(
        told.table("invoices_overdue"),
        lambda r: (told.customer(r), told.invoiced[r["invoice_id"]]),
        lambda r: (number(r["amount_remaining"]), int(r["days_overdue"]), r["bucket"],
                   r["attempt_count"]),
    )  # fmt: skip
    expected = {key: (number(much), *rest) for key, (much, *rest) in answers.OVERDUE.items()}
    assert differences(found, expected) == {}


def test_ageing_of_receivables(told: Told) -> None:
    """What is open, by how long it is overdue."""
    found = keyed(
        told.table("receivables_ageing"), lambda r: (r["currency"], r["bucket"]),
        lambda r: (r["invoices"], number(r["amount"])),
    )  # fmt: skip
    expected = {key: (count, number(much)) for key, (count, much) in answers.AGEING.items()}
    assert differences({k: v for k, v in found.items() if v[0]}, expected) == {}


def test_dunning(told: Told) -> None:
    """Every invoice with a failed attempt, and what became of it."""
    found = keyed(
        told.table("dunning"), told.customer,
        lambda r: (number(r["amount_due"]), hour(r["first_failed_at"]), r["failed_attempts"],
                   r["outcome"], hour(r["recovered_at"]),
                   None if r["days_to_recover"] is None else int(r["days_to_recover"]),
                   number(r["amount_recovered"]) or number(0), r["last_failure_code"]),
    )  # fmt: skip
    expected = {
        key: (number(due), *rest, number(back), "card_declined")
        for key, (due, *rest, back) in answers.DUNNING.items()
    }
    assert differences(found, expected) == {}


def test_recovery_by_month(told: Told) -> None:
    """By the month of the first failure."""
    names = ("invoices", "amount_due", "recovered_invoices", "amount_recovered", "recovery_rate",
             "open_invoices", "lost_invoices")  # fmt: skip
    found = keyed(
        told.table("recovery_monthly"), lambda r: month(r["month"]), lambda r: numbers(r, *names)
    )
    expected = {key: tuple(number(n) for n in row) for key, row in answers.RECOVERY.items()}
    assert differences(found, expected) == {}


def test_payouts(told: Told) -> None:
    """Each is the sum of its parts, to the cent; of one made by hand nobody knows."""
    rows = told.table("payout_reconciliation")
    automatic = [row for row in rows if row["automatic"]]
    assert len(automatic) > 40
    assert [row for row in automatic if number(row["difference"]) != 0] == []
    assert [row for row in automatic if number(row["parts"]) != number(row["amount"])] == []
    found = keyed(
        [row for row in automatic if row["currency"] != "usd"], arrival,
        lambda r: numbers(r, "amount", "charges", "fees"),
    )  # fmt: skip
    expected = {each: tuple(number(n) for n in row) for each, row in answers.PAYOUTS.items()}
    assert differences(found, expected) == {}
    [by_hand] = [row for row in rows if not row["automatic"]]
    assert (*arrival(by_hand), number(by_hand["amount"])) == (
        *answers.BY_HAND[:2], number(answers.BY_HAND[2])
    )  # fmt: skip
    assert (by_hand["parts"], by_hand["difference"]) == (None, None)


def arrival(row: Row) -> tuple[str, str]:
    """When a payout arrives, and its currency."""
    return f"{row['arrival_at'].astimezone(UTC):%Y-%m-%d}", row["currency"]


def test_what_became_of_customers(told: Told) -> None:
    """Active, trialing, churned, or never a subscriber."""
    rows = told.table("customer_overview")
    found = keyed(rows, told.customer, lambda r: r["status"])
    wanted = answers.OVERVIEW
    assert differences({k: v for k, v in found.items() if k in wanted}, wanted) == {}


# -- elsewhere, and at other times --


def test_postgres_has_the_answers(story: Story, told: Told) -> None:
    """What DuckDB answers of the story, Postgres does, row by row."""
    elsewhere = story.postgres
    elsewhere.now = answers.NOW
    elsewhere.deploy()
    for model in MODELS:
        same(told.table(model, "late"), elsewhere.rows(model), READ_BY)


def test_a_month_is_one_of_the_time_zone(told: Told) -> None:
    """What happened in the last hours of a month in UTC was in the next month further east."""
    east = ZoneInfo("Pacific/Kiritimati")
    moved: dict[Any, Decimal] = Counter()
    for row in told.table("mrr_changes", "early", "kiritimati"):
        moved[month(row["changed_at"].astimezone(east)), row["currency"]] += row["mrr_change"]
    monthly = told.table("mrr_monthly", "early", "kiritimati")
    found = {
        (month(row["month"]), row["currency"]): row["mrr_end"] - row["mrr_start"]
        for row in monthly
        if row["mrr_end"] != row["mrr_start"]
    }
    assert found == {key: value for key, value in moved.items() if value}
    assert {row["mrr_start"] for row in monthly} != {
        row["mrr_start"] for row in told.table("mrr_monthly", "early")
    }

    invoiced: Counter[Any] = Counter()
    for row in told.table("invoices", "early", "kiritimati"):
        if row["finalized_at"] and row["status"] not in ("draft", "void"):
            invoiced[month(row["finalized_at"].astimezone(east)), row["currency"]] += 1
    revenue = told.table("revenue_monthly", "early", "kiritimati")
    assert invoiced == {
        (month(row["month"]), row["currency"]): row["invoices"]
        for row in revenue
        if row["invoices"]
    }


@pytest.mark.parametrize("model", ["mrr_monthly", "revenue_monthly", "tax_by_rate"])
def test_an_earlier_present_ends_the_months(told: Told, model: str) -> None:
    """With ``now`` in May the months before are as ever, and there is none after."""
    then = told.table(model, "early", "in_may")
    assert max(row["month"] for row in then) == date(2026, 5, 1)
    before, as_ever = (
        Counter(str(row) for row in rows if row["month"] < date(2026, 5, 1))
        for rows in (then, told.table(model))
    )
    assert before == as_ever
