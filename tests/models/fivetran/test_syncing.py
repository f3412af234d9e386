"""The views are deployed where they are wanted, with what they read, and show what happened."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import stripe

from stripe_source.catalog import GROUPS
from stripe_source.errors import StripeSourceError
from stripe_source.models import FIVETRAN
from stripe_source.models.library import library, resources_of
from stripe_source.simulator import Simulator, SimulatorConfig
from tests.models.conftest import Modelled, in_duckdb, in_postgres
from tests.models.fivetran.conftest import Shaped

DAY = 86_400
MILLISECOND = timedelta(milliseconds=1)


@pytest.fixture(params=["duckdb", "postgres"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Modelled:
    """An empty warehouse."""
    if request.param == "duckdb":
        return in_duckdb(tmp_path, "warehouse")
    name = "f_" + re.sub(r"\W", "_", tmp_path.name)[:40].lower()
    return in_postgres(tmp_path, name, request.getfixturevalue("postgres"))


@pytest.fixture
def small() -> Any:
    """A small account that tests change."""
    with Simulator(SimulatorConfig(seed=3, customers=6, years=0.5, fixtures=1)) as simulator:
        yield simulator


def versions(warehouse: Modelled, subscription: str) -> list[dict[str, Any]]:
    """What the views know of a subscription, the oldest first."""
    rows = Shaped(warehouse).rows("subscription_history")
    found = [row for row in rows if row["id"] == subscription]
    return sorted(found, key=lambda row: row["_fivetran_start"])


def test_every_observed_version_of_a_subscription(empty: Modelled, small: Simulator) -> None:
    """Each change is a version from then on, the one before ends a millisecond earlier."""
    empty.sync(small, resources=None, fivetran=True)
    v1 = stripe.StripeClient(small.api_key, base_addresses={"api": small.url}).v1
    known = next(s for s in small.account.objects("/v1/subscriptions") if s["status"] == "active")
    item = known["items"]["data"][0]
    before = versions(empty, known["id"])
    small.account.advance(DAY)
    new: Any = {"items": [{"id": item["id"], "quantity": 7}], "proration_behavior": "none"}
    v1.subscriptions.update(known["id"], new)
    small.account.advance(DAY)
    v1.subscriptions.update(known["id"], {"cancel_at_period_end": True})
    empty.sync(small, resources=None, fivetran=True)
    after = versions(empty, known["id"])
    assert len(after) >= len(before) + 2
    for one, following in pairwise(after):
        assert one["_fivetran_end"] == following["_fivetran_start"] - MILLISECOND
        assert one["_fivetran_active"] is False
    assert after[-1]["_fivetran_active"] is True
    assert after[-1]["_fivetran_end"] == datetime(9999, 12, 31, 23, 59, 59, 999_000)
    assert after[-1]["cancel_at_period_end"] is True
    rest = sum(each["quantity"] or 0 for each in known["items"]["data"][1:])
    assert after[-1]["quantity"] == 7 + rest
    assert before[-1]["quantity"] == item["quantity"] + rest
    old = next(row for row in after if row["_fivetran_start"] == before[-1]["_fivetran_start"])
    assert old["quantity"] == before[-1]["quantity"]
    assert all(row["current_period_end"] for row in after)


def test_a_discount_that_was_taken_off_ends(empty: Modelled, small: Simulator) -> None:
    """What gave a discount until yesterday does not give it any more, and did before."""
    v1 = stripe.StripeClient(small.api_key, base_addresses={"api": small.url}).v1
    known = next(s for s in small.account.objects("/v1/subscriptions") if s["status"] == "active")
    v1.coupons.create({"id": "HALF", "percent_off": 50, "duration": "forever"})
    v1.subscriptions.update(known["id"], {"discounts": [{"coupon": "HALF"}]})
    empty.sync(small, resources=None, fivetran=True)
    (one,) = [r for r in Shaped(empty).rows("subscription_discount") if r["coupon_id"] == "HALF"]
    assert (one["subscription_id"], one["end"]) == (known["id"], None)
    small.account.advance(DAY)
    removed = f"{datetime.fromtimestamp(small.account.clock.now, UTC):%Y-%m-%d %H:%M:%S}"
    v1.subscriptions.update(known["id"], {"discounts": ""})
    v1.coupons.delete("HALF")
    small.account.advance(DAY)
    empty.sync(small, resources=None, fivetran=True)
    (one,) = [r for r in Shaped(empty).rows("subscription_discount") if r["coupon_id"] == "HALF"]
    assert one["end"] == removed
    assert [r["percent_off"] for r in Shaped(empty).rows("coupon") if r["id"] == "HALF"] == [50.0]


def test_what_was_changed_was_synced_then(empty: Modelled, small: Simulator) -> None:
    """A row that a later sync loads has that time; the others keep theirs."""
    empty.sync(small, resources=None, fivetran=True)
    first = {row["id"]: row["_fivetran_synced"] for row in Shaped(empty).rows("customer")}
    changed = min(first)
    small.account.advance(DAY)
    small.account.update("/v1/customers", changed, {"name": "Ada"})
    empty.sync(small, resources=None, fivetran=True)
    second = {row["id"]: row["_fivetran_synced"] for row in Shaped(empty).rows("customer")}
    assert second[changed] > first[changed]
    assert {k: v for k, v in second.items() if k != changed} == {
        k: v for k, v in first.items() if k != changed
    }


def test_all_that_the_views_read_is_loaded_with_them(
    empty: Modelled, small: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an argument or in the configuration, beside what is selected; without it neither."""
    plain = empty.sync(small, resources="events")
    assert (plain.fivetran, set(plain.rows)) == (None, {"events"})
    monkeypatch.setenv("STRIPE_MODELS__FIVETRAN", "true")
    result = empty.sync(small, resources="events")
    assert result.fivetran is not None
    assert sorted(result.fivetran.models) == sorted(library(shelf=FIVETRAN))
    assert result.fivetran.left_out == {}
    assert set(GROUPS["fivetran"]) | {"events"} <= set(result.rows)
    assert empty.sync(small, resources="events", fivetran=False).fivetran is None


def test_what_is_also_wanted_is_loaded_too(empty: Modelled, small: Simulator) -> None:
    """``also`` adds to what the views read, and ``start_date`` leaves the account itself."""
    result = empty.sync(
        small, resources="coupons", also="events", fivetran=True, start_date="2026-10-30"
    )
    assert result.fivetran is not None
    assert result.fivetran.left_out == {}
    assert result.rows["events"] > 0
    assert [row["id"] for row in Shaped(empty).rows("account") if row["id"] == small.account.id]


def test_a_load_that_is_noted_twice(empty: Modelled, small: Simulator) -> None:
    """dlt notes a load twice where it was killed in between; no row is there twice for that."""
    empty.sync(small, resources=None, fivetran=True)
    with empty.place() as place:
        loads = f'"{empty.raw}"."_dlt_loads"'
        place.client.execute_sql(f"INSERT INTO {loads} SELECT * FROM {loads}")
        ((charges,),) = place.select(f'SELECT COUNT(*) FROM "{empty.raw}".charges')
    assert len(Shaped(empty).rows("charge")) == charges


def test_views_come_back_when_a_table_cannot_be_dropped(
    small: Simulator, tmp_path: Path, postgres: str
) -> None:
    """Postgres drops no table that somebody's view reads: the refresh fails, our views stay."""
    warehouse = in_postgres(tmp_path, "f_read_by_others", postgres)
    warehouse.sync(small, resources=None, fivetran=True, models=True)
    with warehouse.place() as place:
        place.client.execute_sql("CREATE SCHEMA others")
        query = 'SELECT id FROM "f_read_by_others".charges'
        place.client.execute_sql(f"CREATE VIEW others.charges AS {query}")
    with pytest.raises(StripeSourceError, match="not ours"):
        warehouse.sync(small, resources="charges", refresh="charges")
    assert Shaped(warehouse).rows("charge")
    with warehouse.place() as place:
        assert "mrr" in place.deployed()
        place.client.execute_sql("DROP SCHEMA others CASCADE")


def test_the_group_of_resources() -> None:
    """The group ``fivetran`` is what the views read, no more and no less."""
    assert set(GROUPS["fivetran"]) == set(resources_of(library(shelf=FIVETRAN).values()))


def test_what_is_not_loaded_leaves_out_its_views(small: Simulator, empty: Modelled) -> None:
    """What is missing costs the views that need it, and no others: Connect is not everybody's."""
    paths = [f"/v1/{name}" for name in ("account", "accounts", "transfers")]
    result = empty.sync(
        small, resources=[name for name in GROUPS["fivetran"] if f"/v1/{name}" not in paths],
    )  # fmt: skip
    assert result.fivetran is None
    made = deployed(empty)
    assert made.left_out == {"account": "account", "transfer": "transfers"}
    assert made.missing == ["transfers", "account"]
    assert {row["connected_account_id"] for row in Shaped(empty).rows("charge")} == {None}


def deployed(warehouse: Modelled) -> Any:
    """A deployment of the views on what is loaded."""
    from stripe_source.models import deploy

    return deploy(warehouse.pipeline, shelf=FIVETRAN)


def test_tables_are_loaded_anew_under_the_views(empty: Modelled, small: Simulator) -> None:
    """``refresh`` drops tables that views read, in Postgres too, and the views come back."""
    empty.sync(small, resources=None, fivetran=True)
    before = len(Shaped(empty).rows("charge"))
    again = empty.sync(small, resources="charges", refresh="charges")
    assert again.rows["charges"] == before
    assert len(Shaped(empty).rows("charge")) == before
