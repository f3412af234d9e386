"""``refresh`` deletes resources and loads them anew; others and what they share stay."""

from math import inf, nan
from typing import Any

import duckdb
import pytest
from dlt.pipeline.exceptions import PipelineStepFailed
from dlt.pipeline.helpers import pipeline_drop

from stripe_source.errors import AccessError, UsageError
from stripe_source.simulator import Simulator
from tests.conftest import Warehouse

NAMES = ("customers", "subscriptions", "coupons")
TABLES = ("customers", "customer_tax_ids", "subscriptions", "subscription_items", "discounts")


def spoil(warehouse: Warehouse, *queries: str) -> None:
    """Do to the file what no sync would."""
    with duckdb.connect(str(warehouse.file)) as connection:
        connection.execute('USE "stripe"."stripe"')
        for query in queries:
            connection.execute(query)


def values(warehouse: Warehouse, table: str) -> list[dict[str, Any]]:
    """The rows of a table without when they were read."""
    rows = [{k: v for k, v in row.items() if k != "_updated_at"} for row in warehouse.table(table)]
    return sorted(rows, key=str)


def many_customers(account: Simulator) -> None:
    """A thousand customers of long ago."""
    for n in range(1_000):
        old = {"created": 1_780_000_000 + n * 100, "name": f"n{n}"}
        account.account.insert("/v1/customers", old, event=False)


def discounted(account: Simulator) -> None:
    """Give a customer and a subscription a discount, so that two resources share a table."""
    coupon = account.account.objects("/v1/coupons")[0]["id"]
    for path in ("/v1/customers", "/v1/subscriptions"):
        row = account.account.objects(path)[0]
        discount = {
            "id": f"di_{row['object']}",
            "object": "discount",
            "source": {"type": "coupon", "coupon": coupon},
        }
        field = {"discount": discount} if path == "/v1/customers" else {"discounts": [discount]}
        account.account.update(path, row["id"], field, event=None)


def test_only_what_is_named_is_loaded_anew(account: Simulator, warehouse: Warehouse) -> None:
    """Its tables are made and filled again; those of others, and what is shared, stay."""
    discounted(account)
    warehouse.sync(account, *NAMES)
    before = {table: values(warehouse, table) for table in TABLES}
    assert len(before["discounts"]) == 2
    versions = len(warehouse.table("subscriptions_history"))
    spoil(
        warehouse,
        "ALTER TABLE subscriptions ADD COLUMN of_mine INT",
        "UPDATE subscription_items SET quantity = 99",
        "UPDATE coupons SET name = 'mine'",
        "UPDATE discounts SET id = 'mine' WHERE id = 'di_customer'",
        "UPDATE subscriptions_history SET description = 'long ago'",
    )
    account.stats.reset()
    warehouse.sync(account, *NAMES, refresh="subscriptions")
    assert account.stats.by_path["/v1/subscriptions"] == 1
    assert account.stats.by_path.get("/v1/customers", 0) == 0
    for table in set(TABLES) - {"discounts"}:
        assert values(warehouse, table) == before[table], table
    assert {row["id"] for row in warehouse.table("discounts")} == {"mine", "di_subscription"}
    assert {row["name"] for row in warehouse.table("coupons")} == {"mine"}
    kept = [row for row in warehouse.table("subscriptions_history") if row["description"]]
    assert len(kept) == versions > 0


def test_state_and_tables_are_not_forgotten_in_later_runs(
    account: Simulator, warehouse: Warehouse
) -> None:
    """A refresh in several runs deletes once, and ends with every row."""
    many_customers(account)
    warehouse.sync(account, "customers")
    before = values(warehouse, "customers")
    result = warehouse.sync(account, "customers", refresh=["customers"], chunk_rows=100)
    assert len(result.runs) > 1
    assert values(warehouse, "customers") == before


def test_a_refresh_that_failed_is_made_good(account: Simulator, warehouse: Warehouse) -> None:
    """What was deleted before a sync failed is read again by the next, without being asked for."""
    warehouse.sync(account, "coupons", "products")
    before = {name: values(warehouse, name) for name in ("coupons", "products")}
    account.faults.append({"path": "/v1/coupons", "kind": "401"})
    with pytest.raises(AccessError):
        warehouse.sync(account, "coupons", "products", refresh="coupons")
    assert values(warehouse, "products") == before["products"]
    warehouse.sync(account, "coupons", "products")
    assert {name: values(warehouse, name) for name in before} == before


def test_a_crash_before_the_tables_were_dropped(account: Simulator, warehouse: Warehouse) -> None:
    """Where the state is gone and the tables are not, the next sync compares and repairs them."""
    warehouse.sync(account, "coupons")
    before = values(warehouse, "coupons")
    spoil(warehouse, "UPDATE coupons SET name = 'mine'")
    pipeline_drop(warehouse.pipeline, ["coupons"], state_only=True)()
    result = warehouse.sync(account, "coupons")
    assert result.drift["coupons"].stale == len(before)
    assert values(warehouse, "coupons") == before


def test_tables_that_cannot_be_dropped(account: Simulator, warehouse: Warehouse) -> None:
    """The state goes before the tables: whatever stops the drop, the next sync reads it all."""
    warehouse.sync(account, "coupons")
    before = values(warehouse, "coupons")
    spoil(
        warehouse,
        "UPDATE coupons SET name = 'mine'",
        "ALTER TABLE coupons RENAME TO kept",
        "CREATE VIEW coupons AS FROM kept",
    )
    with pytest.raises(PipelineStepFailed):
        warehouse.sync(account, "coupons", refresh="coupons")
    spoil(warehouse, "DROP VIEW coupons", "ALTER TABLE kept RENAME TO coupons")
    warehouse.sync(account, "coupons")
    assert values(warehouse, "coupons") == before


def test_a_comparison_beside_a_backfill(account: Simulator, warehouse: Warehouse) -> None:
    """What is compared may be done while runs of another resource go on."""
    warehouse.sync(account, "coupons")
    many_customers(account)
    result = warehouse.sync(account, "coupons", "customers", reconcile="coupons", chunk_rows=100)
    assert len(result.runs) > 2
    assert set(result.drift) == {"coupons"}
    assert len(warehouse.table("customers")) == len(account.account.objects("/v1/customers"))


def test_a_refresh_of_what_was_never_loaded(account: Simulator, warehouse: Warehouse) -> None:
    """It is a first load."""
    warehouse.sync(account, "coupons", refresh="coupons")
    assert len(warehouse.table("coupons")) == len(account.account.objects("/v1/coupons"))
    warehouse.sync(account, "coupons", "products", refresh="products")
    assert len(warehouse.table("products")) == len(account.account.objects("/v1/products"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"refresh": "invoices"}, "refresh names resources that are not selected: invoices"),
        ({"refresh": "coupon"}, "did you mean 'coupons'"),
        ({"refresh": "coupons", "end_date": "2026-01-01"}, "refresh loads resources whole"),
        ({"reconcile": True, "end_date": "2026-01-01"}, "reconcile compares whole lists"),
        ({"reconcile": "invoices"}, "reconcile names resources that are not selected: invoices"),
        ({"reconcile": ""}, "no resource is selected"),
        ({"relist_every": -1}, "relist_every must be 0 hours or more"),
        ({"relist_every": nan}, "relist_every must be 0 hours or more"),
        ({"relist_every": inf}, "relist_every must be 0 hours or more"),
    ],
)
def test_what_cannot_be_asked_for(
    account: Simulator, warehouse: Warehouse, arguments: dict[str, Any], message: str
) -> None:
    """A refresh or a comparison that would not be one is refused, and nothing is deleted."""
    warehouse.sync(account, "coupons")
    before = warehouse.table("coupons")
    with pytest.raises(UsageError, match=message):
        warehouse.sync(account, "coupons", **arguments)
    assert warehouse.table("coupons") == before
