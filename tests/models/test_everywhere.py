"""What the models say in DuckDB they say in Postgres, of whatever is loaded."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pytest

from stripe_source.models.library import library
from stripe_source.simulator import Simulator, SimulatorConfig
from tests.models.conftest import (
    SYNC_SECONDS,
    Business,
    Modelled,
    Row,
    in_duckdb,
    in_postgres,
    time_of,
)

OURS = tuple(library())
WITHOUT = {
    "balance_transactions": "balance_transactions",
    "charges": "charges",
    "credit_notes": "credit_notes",
    "disputes": "disputes",
    "dunning": "invoice_payments",
    "payments": "invoice_payments",
    "payout_reconciliation": "payout_balance_transactions",
    "payouts": "payouts",
    "recovery_monthly": "invoice_payments",
    "refunds": "refunds",
    "revenue_documents": "credit_notes",
    "revenue_monthly": "invoice_payments",
    "tax_by_rate": "credit_notes",
}
"""The models that the default resources are not enough for, and what they lack first."""
NEEDED = [
    "charges", "disputes", "refunds", "credit_notes", "invoice_payments", "balance_transactions",
    "payouts",
]  # fmt: skip
FLOAT_DIGITS = 9
OBSERVED = re.compile(r"(observed:.*):\d+")


def comparable(value: Any, now: datetime) -> Any:  # noqa: C901, PLR0911 - one case a type
    """A value in a form that is equal where the databases mean the same.

    dlt loads Postgres from CSV, where an empty text is a null; DuckDB gives JSON as text, Postgres
    parsed. The account stood still while it was read: any time of that is the same to it.
    """
    match value:
        case None | "":
            return None
        case bool():  # a number in ClickHouse, where it comes of a condition
            return str(int(value))
        case Decimal():
            return str(value.normalize() + 0)
        case float():
            return f"{value:.{FLOAT_DIGITS}g}"
        case int():
            return str(Decimal(value).normalize() + 0)
        case datetime() if now - timedelta(seconds=SYNC_SECONDS) < value < now:
            return "when it was read"
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date():
            return value.isoformat()
        case dict() | list():
            return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
        case str() if value[0] in "[{":
            try:
                return orjson.dumps(orjson.loads(value), option=orjson.OPT_SORT_KEYS).decode()
            except orjson.JSONDecodeError:
                return value
        case str():
            return OBSERVED.sub(r"\1", value)
    return value


def counted(rows: list[Row], now: str) -> Counter[tuple[Any, ...]]:
    """The rows, each with how often there is one like it."""
    moment = datetime.fromisoformat(now)
    return Counter(tuple((k, comparable(v, moment)) for k, v in row.items()) for row in rows)


def same(mine: list[Row], theirs: list[Row], now: str) -> None:
    """Both have the same columns in the same order, and the same rows in any."""
    assert [list(row) for row in mine[:1]] == [list(row) for row in theirs[:1]]
    ours, others = counted(mine, now), counted(theirs, now)
    differ = [*(ours - others), *(others - ours)]
    assert not differ, f"{len(differ)} rows differ, such as {_told(ours - others, others - ours)}"


def _told(mine: Counter[Any], theirs: Counter[Any]) -> str:
    left, right = sorted(mine, key=str)[:1], sorted(theirs, key=str)[:1]
    if left and right:
        pairs = zip(left[0], right[0], strict=True)
        return str([(a, b[1]) for a, b in pairs if a != b] + [left[0][:3]])
    return str(left or right)


@pytest.mark.parametrize("model", OURS)
def test_postgres_has_the_same_rows(modelled: Business, model: str) -> None:
    """Every model gives DuckDB and Postgres the same rows, to the last digit of a decimal."""
    same(modelled.duckdb.rows(model), modelled.postgres.rows(model), modelled.duckdb.now)


@pytest.fixture
def schemas(postgres: str, tmp_path: Path) -> list[Modelled]:
    """Empty DuckDB and Postgres warehouses of this test."""
    name = "s_" + re.sub(r"\W", "_", tmp_path.name)[:40].lower()
    return [in_duckdb(tmp_path, "warehouse"), in_postgres(tmp_path, name, postgres)]


def test_an_account_in_which_nothing_has_happened(schemas: list[Modelled]) -> None:
    """Without a customer or an invoice all models that can be had are deployed, and can be read."""
    with Simulator(SimulatorConfig(seed=1, customers=0, fixtures=0)) as simulator:
        for each in schemas:
            each.now = time_of(simulator)
            each.sync(simulator)
            made = each.deploy()
            assert set(made.models) | set(made.left_out) == set(OURS)
    duckdb, postgres = schemas
    assert duckdb.deployed.left_out == postgres.deployed.left_out
    for model in duckdb.deployed.models:
        same(duckdb.rows(model), postgres.rows(model), duckdb.now)


def test_with_the_default_resources_alone(schemas: list[Modelled]) -> None:
    """Models that need charges, payouts and so on are left out, and say so; the others work."""
    with Simulator(SimulatorConfig(seed=4, customers=10, years=1)) as simulator:
        for each in schemas:
            each.now = time_of(simulator)
            each.sync(simulator, resources=None)
            made = each.deploy()
            assert made.left_out == WITHOUT
            assert made.missing == NEEDED
            assert set(made.models) == set(OURS) - set(WITHOUT)
    duckdb, postgres = schemas
    for model in duckdb.deployed.models:
        same(duckdb.rows(model), postgres.rows(model), duckdb.now)
