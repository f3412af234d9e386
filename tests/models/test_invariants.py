"""What is true of the models whatever an account holds: tests of their own, sums, balances."""

from __future__ import annotations

import os
import tempfile
from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from stripe_source.models.check import check
from stripe_source.models.library import library
from stripe_source.simulator import Simulator, SimulatorConfig
from tests.models.conftest import Business, Modelled, Row, in_duckdb, time_of

EXAMPLES = int(os.environ.get("CONVERGENCE_EXAMPLES") or 0)
WEEK = 604_800
CORE = {
    "balance_transactions": ("balance_transactions", "amount fee net"),
    "charges": ("charges", "amount amount_captured amount_refunded"),
    "credit_notes": ("credit_notes", "total subtotal"),
    "customers": ("customers", "balance"),
    "disputes": ("disputes", "amount"),
    "invoice_line_items": ("invoice_line_items", "amount"),
    "invoices": ("invoices", "total subtotal amount_due amount_paid amount_remaining"),
    "payments": ("invoice_payments", "amount_requested amount_paid"),
    "payouts": ("payouts", "amount"),
    "plan_tiers": ("price_tiers", ""),
    "products": ("products", ""),
    "refunds": ("refunds", "amount"),
    "subscription_items": ("subscription_items", ""),
    "subscriptions": ("subscriptions", ""),
}
"""For each core model the table whose rows it has, and amounts that they share."""
DECIMALS = {"jpy": 0, "krw": 0, "clp": 0, "kwd": 3, "bhd": 3, "tnd": 3}  # all others here have 2
MOVED = ("new", "expansion", "contraction", "churn", "reactivation")


def total(rows: list[Row], key: str, amount: str) -> dict[Any, Decimal]:
    """The sum of a column for each value of another; sums of nothing are left out."""
    sums: dict[Any, Decimal] = defaultdict(Decimal)
    for row in rows:
        sums[row[key]] += row[amount] or 0
    return {value: sum_ for value, sum_ in sums.items() if sum_}


def its_own_tests_pass(each: Modelled) -> None:
    """Keys are unique, references lead somewhere, and what a model's file says of rows holds."""
    with each.settled() as place:
        findings = [
            finding
            for name in each.deployed.models
            for finding in check(place, library()[name], library())
        ]
    assert len(findings) > 2 * len(each.deployed.models)
    assert [finding for finding in findings if finding.failures or finding.error] == []


def core_models_have_all_rows(each: Modelled) -> None:
    """A core model has a row for each row of its table that is no tombstone, with its amounts."""
    queries = []
    for model, (table, amounts) in CORE.items():
        alive = "WHERE NOT is_deleted" if model != "plan_tiers" else ""
        queries.append(f"SELECT COUNT(*) FROM {{raw}}.{table} {alive}")
        queries += [
            f"SELECT currency, SUM({amount}) FROM {{raw}}.{table} {alive} "
            f"GROUP BY currency HAVING SUM({amount}) <> 0"
            for amount in amounts.split()
        ]
    answers = iter(each.ask(*queries))
    for model, (_, amounts) in CORE.items():
        rows = each.rows(model)
        assert [(len(rows),)] == next(answers), model
        for amount in amounts.split():
            raw = dict(next(answers))
            assert total(rows, "currency", f"{amount}_minor") == raw, (model, amount)
            in_units = {c: Decimal(v).scaleb(-DECIMALS.get(c, 2)) for c, v in raw.items()}
            assert total(rows, "currency", amount) == in_units, (model, amount)


def mrr_is_the_same_wherever_it_is_said(each: Modelled) -> None:
    """Now, in versions that go on, in the last month, and in products: one MRR for a currency."""
    mrr = total(each.rows("mrr"), "currency", "mrr")
    versions = each.rows("subscription_item_versions")
    going_on = [v for v in versions if v["valid_to"] is None]
    assert total(going_on, "currency", "mrr") == mrr
    assert total(each.rows("product_usage"), "currency", "mrr") == mrr
    monthly = each.rows("mrr_monthly")
    now = datetime.fromisoformat(each.now).date().replace(day=1)
    last = [row for row in monthly if row["month"] == now]
    assert total(last, "currency", "mrr_end") == mrr
    customers = each.rows("mrr_movements")
    assert total([r for r in customers if r["month"] == now], "currency", "mrr_end") == mrr
    plans = total(each.rows("plan_usage"), "currency", "mrr")
    assert plans.keys() <= mrr.keys()
    assert all(plans[currency] <= mrr[currency] for currency in plans)


def movements_add_up(each: Modelled) -> None:
    """A month ends with what it began with and what moved; the next begins with that."""
    for model, key in (
        ("mrr_monthly", ("currency",)),
        ("mrr_movements", ("customer_id", "currency")),
    ):
        months: dict[Any, dict[date, Row]] = defaultdict(dict)
        for row in each.rows(model):
            months[tuple(row[name] for name in key)][row["month"]] = row
            assert row["mrr_start"] + sum(row[name] for name in MOVED) == row["mrr_end"]
        for of_one in months.values():
            before = Decimal(0)
            for month in sorted(of_one):
                assert of_one[month]["mrr_start"] == before, (model, of_one[month])
                before = of_one[month]["mrr_end"]
    monthly = each.rows("mrr_monthly")
    for name in ("mrr_start", *MOVED, "mrr_end"):
        by_month = total(each.rows("mrr_movements"), "month", name)
        assert by_month == total(monthly, "month", name), name


def subscribers_add_up(each: Modelled) -> None:
    """Each subscriber is in one cohort and counted once; who ever was one came and went."""
    cohorts = each.rows("retention_cohorts")
    sizes = sum(row["subscribers"] for row in cohorts if row["months_since"] == 0)
    changes = each.rows("mrr_changes")
    ever = {row["customer_id"] for row in changes if row["mrr_after"] > 0}
    assert sizes == len(ever)
    paying = {row["customer_id"] for row in each.rows("mrr") if row["mrr"] > 0}
    retained = [r for r in cohorts if str(r["month"]) == each.now[:8] + "01"]
    assert sum(row["subscribers_retained"] for row in retained) == len(paying)
    (overview,) = each.rows("metrics_now") or [{"active_subscribers": 0}]
    assert overview["active_subscribers"] == len(paying)
    before = 0
    for row in sorted(each.rows("metrics_monthly"), key=lambda row: row["month"]):
        assert row["active_subscribers_start"] == before
        before += row["subscribers_new"] + row["subscribers_reactivated"]
        before -= row["subscribers_churned"]
        assert row["active_subscribers_end"] == before
    assert before == len(paying)


def money_adds_up(each: Modelled) -> None:
    """Payouts are their parts, to the minor unit; the tax of revenue is that of the rates."""
    for row in each.rows("payout_reconciliation"):
        if row["parts"] is not None:
            assert row["difference"] == 0, row
            assert row["parts"] == row["amount"]
    revenue, rates = each.rows("revenue_monthly"), each.rows("tax_by_rate")
    for row in revenue + rates:
        row["when"] = (row["month"], row["currency"])
    assert total(revenue, "when", "tax") == total(rates, "when", "tax")
    notes = total(each.rows("credit_notes"), "currency", "tax")
    assert total(rates, "currency", "tax_credited").keys() <= notes.keys()
    ageing = total(each.rows("receivables_ageing"), "currency", "amount")
    opened = [row for row in each.rows("invoices") if row["status"] == "open"]
    assert ageing == total(opened, "currency", "amount_remaining")


INVARIANTS = (
    its_own_tests_pass,
    core_models_have_all_rows,
    mrr_is_the_same_wherever_it_is_said,
    movements_add_up,
    subscribers_add_up,
    money_adds_up,
)


@pytest.mark.parametrize("invariant", INVARIANTS, ids=lambda one: one.__name__)
def test_invariant(modelled: Business, invariant: Any) -> None:
    """What each of these functions says is true of accounts that were synced once."""
    for each in modelled:
        invariant(each)


def test_there_is_something_to_add_up(modelled: Business) -> None:
    """The accounts have all that the invariants are about, in several currencies."""
    rows = modelled.duckdb.rows
    assert len(total(rows("mrr"), "currency", "mrr")) > 2
    assert {row["movement"] for row in rows("mrr_changes")} == set(MOVED)
    assert total(rows("revenue_monthly"), "currency", "tax")
    assert any(row["parts"] for row in rows("payout_reconciliation"))
    assert len(rows("retention_cohorts")) > 24
    assert sum(r["amount"] for r in rows("receivables_ageing")) > 0


@settings(
    max_examples=EXAMPLES or 1,
    derandomize=not EXAMPLES,
    database=None,
    deadline=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
@given(
    seed=st.integers(1, 100_000),
    customers=st.integers(1, 40),
    years=st.sampled_from([0.2, 1, 2]),
    weeks=st.lists(st.integers(1, 9), min_size=1, max_size=2),
    changes=st.integers(0, 40),
)
def test_invariants_of_any_account(
    seed: int, customers: int, years: float, weeks: list[int], changes: int
) -> None:
    """They hold after syncs that are weeks apart, whose past events, syncs and invoices tell."""
    config = SimulatorConfig(seed=seed, customers=customers, years=years, fixtures=1)
    with tempfile.TemporaryDirectory() as folder, Simulator(config) as simulator:
        each = in_duckdb(Path(folder), "random")
        each.sync(simulator)
        for number in weeks:
            simulator.advance(number * WEEK)
            simulator.mutate(changes)
            each.sync(simulator)
        each.now = time_of(simulator)
        each.deploy()
        for invariant in INVARIANTS:
            invariant(each)


def test_tombstones_are_shown_and_count_for_nothing(tmp_path: Path) -> None:
    """With include_deleted core models have tombstones too, and no metric is another."""
    with Simulator(SimulatorConfig(seed=5, customers=6, years=0.5)) as simulator:
        each = in_duckdb(tmp_path, "deleted")
        each.sync(simulator)
        for customer in simulator.account.objects("/v1/customers")[:2]:
            simulator.account.delete("/v1/customers", customer["id"])
        (product, *_) = simulator.account.objects("/v1/products")
        simulator.account.delete("/v1/products", product["id"])
        each.sync(simulator, reconcile=True)
        each.now = time_of(simulator)
    each.deploy()
    without = {name: each.rows(name) for name in each.deployed.models}
    each.deploy(include_deleted=True)
    gained = {name: len(each.rows(name)) - len(rows) for name, rows in without.items()}
    shown = {name for name, more in gained.items() if more}
    assert {"customers", "products"} < shown <= CORE.keys() | {"plans", "customer_overview"}
    assert (gained["customers"], gained["products"]) == (2, 1)
    assert gained["customer_overview"] == 2
    for name in without.keys() - {"customer_overview"}:
        alive = [row for row in each.rows(name) if not row.get("is_deleted")]
        assert sorted(map(str, alive)) == sorted(map(str, without[name])), name
