"""Objects on test clocks: left out, unless they are asked for."""

import re
from collections.abc import Callable

import pytest
import stripe

from stripe_source.simulator import Simulator
from tests.conftest import Warehouse

DAY = 86_400
BY_ID = r"/v1/(customers|subscriptions|invoices|invoiceitems|quotes)/[^/]+"
NAMES = ("customers", "subscriptions", "invoices", "invoice_items", "quotes")


def sdk(simulator: Simulator) -> stripe.StripeClient:
    """The official SDK against the simulator."""
    return stripe.StripeClient(simulator.api_key, base_addresses={"api": simulator.url})


def make_clock(simulator: Simulator, days_ago: int = 0) -> tuple[str, str]:
    """A clock, and a customer on it with a subscription, its invoice and a pending item."""
    client = sdk(simulator)
    now = simulator.account.clock.now - days_ago * DAY
    clock = client.v1.test_helpers.test_clocks.create({"frozen_time": now})
    customer = client.v1.customers.create({"test_clock": clock.id})
    card = client.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    client.v1.customers.update(
        customer.id, {"invoice_settings": {"default_payment_method": card.id}}
    )
    prices = client.v1.prices.list({"active": True, "currency": "usd", "limit": 100}).data
    monthly = next(p for p in prices if p.unit_amount and p.recurring
                   and p.recurring.interval == "month")  # fmt: skip
    client.v1.subscriptions.create({"customer": customer.id, "items": [{"price": monthly.id}]})
    client.v1.invoice_items.create({"customer": customer.id, "amount": 500, "currency": "usd"})
    return clock.id, customer.id


def on_clocks(warehouse: Warehouse) -> dict[str, int]:
    """How many rows of each table live on a test clock, and are not deleted."""
    return {
        name: warehouse.rows(
            f"SELECT count(*) FROM {name} WHERE test_clock IS NOT NULL AND NOT is_deleted"
        )[0][0]
        for name in NAMES
    }


ONE = {"customers": 1, "subscriptions": 1, "invoices": 1, "invoice_items": 1, "quotes": 0}
NONE = dict.fromkeys(NAMES, 0)


def test_they_are_left_out(account: Simulator, warehouse: Warehouse) -> None:
    """By default nothing of a test clock is loaded, neither from lists nor by events.

    The event of a tax id tells of a customer, and not that it is on a clock.
    """
    make_clock(account)
    warehouse.sync(account, *NAMES)
    _, customer = make_clock(account)
    sdk(account).v1.customers.tax_ids.create(customer, {"type": "eu_vat", "value": "DE123456789"})
    warehouse.sync(account, *NAMES)
    assert on_clocks(warehouse) == NONE


@pytest.mark.parametrize("days_ago", [0, 400])
def test_they_are_loaded_where_wanted(
    account: Simulator, warehouse: Warehouse, days_ago: int
) -> None:
    """With include_test_clocks the first sync has them, whatever their clock's time."""
    make_clock(account, days_ago)
    warehouse.sync(account, *NAMES, include_test_clocks=True)
    assert on_clocks(warehouse) == ONE
    everybody = warehouse.rows("SELECT count(*) FROM customers WHERE test_clock IS NULL")[0][0]
    hidden = len(sdk(account).v1.customers.list({"limit": 100}).data)
    assert everybody == hidden > 0


def test_they_follow_by_events(account: Simulator, warehouse: Warehouse) -> None:
    """A clock that is made or moved after the first sync is seen by its events."""
    warehouse.sync(account, *NAMES, include_test_clocks=True)
    assert on_clocks(warehouse) == NONE
    clock, _ = make_clock(account, 100)
    warehouse.sync(account, *NAMES, include_test_clocks=True)
    assert on_clocks(warehouse) == ONE
    at = sdk(account).v1.test_helpers.test_clocks.retrieve(clock).frozen_time
    sdk(account).v1.test_helpers.test_clocks.advance(clock, {"frozen_time": at + 65 * DAY})
    warehouse.sync(account, *NAMES, include_test_clocks=True)
    assert on_clocks(warehouse)["invoices"] == 3


def test_they_come_when_they_are_wanted_later(account: Simulator, warehouse: Warehouse) -> None:
    """A sync that wants them for the first time lists everything again, and the next does not."""
    make_clock(account)
    warehouse.sync(account, *NAMES)
    result = warehouse.sync(account, *NAMES, include_test_clocks=True)
    assert on_clocks(warehouse) == ONE
    assert set(result.relisted) == set(NAMES)
    assert result.drift["customers"].missing == 1
    assert not warehouse.sync(account, *NAMES, include_test_clocks=True).relisted


@pytest.mark.parametrize("chunk_rows", [None, 3])
def test_a_relist_does_not_take_them_for_deleted(
    account: Simulator, warehouse: Warehouse, chunk_rows: int | None
) -> None:
    """Reconciling compares them too: no drift, no tombstone, and no read by id."""
    for days_ago in (0, 50):
        make_clock(account, days_ago)
    options = {"chunk_rows": chunk_rows} if chunk_rows else {}
    for _ in ("the lists", "what events tell of the same"):
        warehouse.sync(account, *NAMES, include_test_clocks=True, **options)
    account.stats.reset()
    result = warehouse.sync(account, *NAMES, include_test_clocks=True, reconcile=True, **options)
    assert not any(result.drift.values())
    assert on_clocks(warehouse) == {name: 2 * number for name, number in ONE.items()}
    assert not [e["path"] for e in account.stats.log if re.fullmatch(BY_ID, e["path"])]


def test_those_of_a_clock_that_is_gone(account: Simulator, warehouse: Warehouse) -> None:
    """After a gap a re-list marks the customers of a deleted clock, and reads the rest by id."""
    clock, customer = make_clock(account)
    warehouse.sync(account, *NAMES, include_test_clocks=True)
    sdk(account).v1.test_helpers.test_clocks.delete(clock)
    account.advance(40 * DAY)
    warehouse.sync(account, *NAMES, include_test_clocks=True)
    gone = warehouse.rows(f"SELECT is_deleted FROM customers WHERE id = '{customer}'")
    assert gone == [(True,)]
    status = f"SELECT status FROM subscriptions WHERE customer = '{customer}'"
    assert warehouse.rows(status) == [("canceled",)]


def test_a_key_that_may_not_list_clocks(
    account: Simulator, warehouse: Warehouse, make_warehouse: Callable[[str], Warehouse]
) -> None:
    """Without the permission for test clocks the resource is left out, and the report says why."""
    make_clock(account)
    account.faults.append(
        {"path": "/v1/test_helpers/test_clocks", "kind": "403", "times": 1_000_000}
    )
    result = warehouse.sync(account, "customers", include_test_clocks=True)
    assert "test clocks" in result.skipped["customers"]
    assert result.exit_code in (3, 4)
    assert make_warehouse("without").sync(account, "customers").exit_code == 0
