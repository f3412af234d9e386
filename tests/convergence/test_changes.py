"""What a sync does about a change, a deletion and a list that is read again."""

import dlt
import duckdb
import pytest

from stripe_source.errors import UsageError
from stripe_source.simulator import Simulator
from tests.conftest import Warehouse
from tests.convergence.equality import assert_equal
from tests.simulator.conftest import sdk

DAY = 86_400


def test_an_edited_object_is_read_again(account: Simulator, warehouse: Warehouse) -> None:
    """A change of an old object is in the next sync, and costs the events and one request.

    (The events twice: for what has changed, and for the history.)
    """
    warehouse.sync(account, "customers")
    row = account.account.objects("/v1/customers")[-1]
    account.account.update("/v1/customers", row["id"], {"name": "Edited"})
    account.stats.reset()
    warehouse.sync(account, "customers")
    assert warehouse.rows(f"SELECT name FROM customers WHERE id = '{row['id']}'") == [("Edited",)]
    assert account.stats.by_path == {"/v1/account": 1, "/v1/events": 2, "/v1/customers/{id}": 1}


def test_a_deleted_customer_leaves_a_tombstone(account: Simulator, warehouse: Warehouse) -> None:
    """The row keeps its last values, marked with the time of the event, and so do its children."""
    client = sdk(account)
    customer = client.v1.customers.create({"name": "Short"})
    client.v1.customers.tax_ids.create(customer.id, {"type": "eu_vat", "value": "DE123456789"})
    warehouse.sync(account, "customers")
    account.advance(DAY)
    client.v1.customers.delete(customer.id)
    gone_at = account.account.clock.now
    warehouse.sync(account, "customers")
    query = "SELECT name, is_deleted, epoch(deleted_at) FROM customers WHERE id = '{}'"
    assert warehouse.rows(query.format(customer.id)) == [("Short", True, gone_at)]
    tax_ids = "SELECT is_deleted FROM customer_tax_ids WHERE customer_id = '{}'"
    assert warehouse.rows(tax_ids.format(customer.id)) == [(True,)]
    assert_equal(warehouse, account, ["customers"], reconciled=True)


def test_an_id_that_comes_again_is_alive(account: Simulator, warehouse: Warehouse) -> None:
    """A coupon that is deleted and made again under its id is not taken for gone."""
    client = sdk(account)
    for _ in range(2):
        client.v1.coupons.create({"id": "again", "percent_off": 10, "duration": "once"})
        warehouse.sync(account, "coupons")
        client.v1.coupons.delete("again")
    client.v1.coupons.create({"id": "again", "percent_off": 20, "duration": "once"})
    warehouse.sync(account, "coupons")
    rows = warehouse.rows("SELECT percent_off, is_deleted FROM coupons WHERE id = 'again'")
    assert rows == [(20.0, False)]
    client.v1.coupons.delete("again")
    warehouse.sync(account, "coupons")
    rows = warehouse.rows("SELECT percent_off, is_deleted FROM coupons WHERE id = 'again'")
    assert rows == [(20.0, True)]


def test_the_last_child_goes(account: Simulator, warehouse: Warehouse) -> None:
    """When a customer's only tax id is removed, its row goes, and no marker is left behind."""
    client = sdk(account)
    customer = client.v1.customers.create({"name": "Taxed"})
    tax_id = client.v1.customers.tax_ids.create(
        customer.id, {"type": "eu_vat", "value": "DE123456789"}
    )
    warehouse.sync(account, "customers")
    count = f"SELECT count(*) FROM customer_tax_ids WHERE customer_id = '{customer.id}'"
    assert warehouse.rows(count) == [(1,)]
    client.v1.customers.tax_ids.delete(customer.id, tax_id.id)
    warehouse.sync(account, "customers")
    assert warehouse.rows(count) == [(0,)]
    assert warehouse.rows("SELECT count(*) FROM customer_tax_ids WHERE _list_index < 0") == [(0,)]


def test_a_canceled_subscription_is_no_tombstone(account: Simulator, warehouse: Warehouse) -> None:
    """``customer.subscription.deleted`` means canceled: the row stays, with its new status."""
    warehouse.sync(account, "subscriptions")
    client = sdk(account)
    running = client.v1.subscriptions.list({"status": "active"}).data[0]
    client.v1.subscriptions.cancel(running.id)
    warehouse.sync(account, "subscriptions")
    query = f"SELECT status, is_deleted FROM subscriptions WHERE id = '{running.id}'"
    assert warehouse.rows(query) == [("canceled", False)]


def test_unchanged_rows_of_a_list_are_left_alone(account: Simulator, warehouse: Warehouse) -> None:
    """A list that is read whole rewrites only the rows that differ."""
    warehouse.sync(account, "webhook_endpoints", "tax_codes")
    before = warehouse.rows("SELECT id, _updated_at FROM webhook_endpoints ORDER BY id")
    client = sdk(account)
    new = client.v1.webhook_endpoints.create(
        {"url": "https://a.test/hook", "enabled_events": ["*"]}
    )
    result = warehouse.sync(account, "webhook_endpoints", "tax_codes")
    assert result.rows["webhook_endpoints"] == 1
    after = warehouse.rows("SELECT id, _updated_at FROM webhook_endpoints ORDER BY id")
    assert [row for row in after if row[0] != new.id] == before
    client.v1.webhook_endpoints.delete(new.id)
    warehouse.sync(account, "webhook_endpoints")
    gone = warehouse.rows("SELECT id FROM webhook_endpoints WHERE is_deleted")
    assert gone == [(new.id,)]


@pytest.mark.parametrize("days", [28, 31, 75])
def test_any_gap_is_closed(account: Simulator, warehouse: Warehouse, days: int) -> None:
    """After more days than events are kept, everything is listed again by itself."""
    names = ["customers", "subscriptions", "invoices", "prices"]
    warehouse.sync(account, *names)
    gone = account.account.objects("/v1/customers")[0]["id"]
    sdk(account).v1.customers.delete(gone)
    account.advance(days * DAY)
    result = warehouse.sync(account, *names)
    assert_equal(warehouse, account, names, reconciled=False)
    assert warehouse.rows(f"SELECT is_deleted FROM customers WHERE id = '{gone}'") == [(True,)]
    assert bool(result.drift) == (days > 29)


def test_lost_state_is_noticed(account: Simulator, warehouse: Warehouse) -> None:
    """Rows without a cursor are compared with the list: what is gone meanwhile gets a tombstone."""
    warehouse.sync(account, "customers")
    gone = account.account.objects("/v1/customers")[0]["id"]
    account.advance(1)  # its clock stands still, and what is read later counts as newer
    account.account.delete("/v1/customers", gone)
    other = Warehouse(warehouse.file.parent)
    other.pipeline = dlt.pipeline(
        "another", destination=warehouse.pipeline.destination, dataset_name="stripe"
    )
    other.sync(account, "customers")
    assert_equal(other, account, ["customers"], reconciled=True)
    assert warehouse.rows(f"SELECT is_deleted FROM customers WHERE id = '{gone}'") == [(True,)]


def test_reconcile_finds_what_no_event_tells(account: Simulator, warehouse: Warehouse) -> None:
    """Rows that were changed in the warehouse behind our back are counted, and put right."""
    warehouse.sync(account, "customers", "invoices")
    with duckdb.connect(str(warehouse.file)) as connection:
        connection.execute("UPDATE stripe.stripe.customers SET name = 'Wrong'")
        ((lines,),) = connection.execute(
            "DELETE FROM stripe.stripe.invoice_line_items WHERE _list_index = 0"
        ).fetchall()
    result = warehouse.sync(account, "customers", "invoices", reconcile=True)
    customers = len(account.account.objects("/v1/customers"))
    assert (result.drift["customers"].missing, result.drift["customers"].stale) == (0, customers)
    assert result.drift["invoice_line_items"].missing == lines
    assert_equal(warehouse, account, ["customers", "invoices"], reconciled=True)
    again = warehouse.sync(account, "customers", "invoices", reconcile=True)
    assert not any(again.drift.values())


def test_an_inline_price_stays(account: Simulator, warehouse: Warehouse) -> None:
    """What the list leaves out and reading by id confirms is no tombstone."""
    warehouse.sync(account, "prices")
    client = sdk(account)
    product = client.v1.products.create({"name": "Any"})
    price = client.v1.prices.create({"product": product.id, "currency": "usd", "unit_amount": 100})
    warehouse.sync(account, "prices")
    home = account.account.collection("/v1/prices")
    row = home.by_id[price.id]
    home.ordered.remove(row)  # as the list leaves out a price that was made inline
    warehouse.sync(account, "prices", reconcile=True)
    query = f"SELECT is_deleted FROM prices WHERE id = '{price.id}'"
    assert warehouse.rows(query) == [(False,)]


def test_one_refused_object_holds_up_no_other(account: Simulator, warehouse: Warehouse) -> None:
    """What Stripe does not give waits, is said, and comes as soon as Stripe gives it."""
    warehouse.sync(account, "customers")
    first, second = account.account.objects("/v1/customers")[:2]
    for row in (first, second):
        account.account.update("/v1/customers", row["id"], {"name": "Edited"})
    path = f"/v1/customers/{first['id']}"
    account.faults.append({"path": path, "kind": "403", "times": 1_000})
    result = warehouse.sync(account, "customers")
    assert result.outcomes == {"customers": "failed"}
    edited = "SELECT id FROM customers WHERE name = 'Edited' ORDER BY id"
    assert warehouse.rows(edited) == [(second["id"],)]
    account.faults.clear()
    account.advance(DAY)
    assert warehouse.sync(account, "customers").exit_code == 0
    assert len(warehouse.rows(edited)) == 2


def test_a_window_reaches_back_over_a_gap(account: Simulator, warehouse: Warehouse) -> None:
    """What was watched for changes without an event at the last sync is looked at once more."""
    intent = sdk(account).v1.payment_intents.create({"amount": 500, "currency": "usd"})
    account.advance(10 * DAY)
    warehouse.sync(account, "payment_intents")
    sdk(account).v1.payment_intents.update(intent.id, {"metadata": {"changed": "yes"}})
    account.advance(26 * DAY)
    warehouse.sync(account, "payment_intents")
    query = f"SELECT metadata->>'changed' FROM payment_intents WHERE id = '{intent.id}'"
    assert warehouse.rows(query) == [("yes",)]


def test_other_expands_forget_no_event(
    account: Simulator, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With another API version all is listed again, and what only events tell is not dropped."""
    warehouse.sync(account, "prices")
    client = sdk(account)
    product = client.v1.products.create({"name": "Any"})
    price = client.v1.prices.create({"product": product.id, "currency": "usd", "unit_amount": 100})
    home = account.account.collection("/v1/prices")
    home.ordered.remove(home.by_id[price.id])  # as the list leaves out a price made inline
    monkeypatch.setattr("stripe_source.reading.work.API_VERSION", "2027-01-01.next")
    warehouse.sync(account, "prices")
    query = f"SELECT count(*) FROM prices WHERE id = '{price.id}'"
    assert warehouse.rows(query) == [(1,)]


def test_chunks_of_nothing_are_refused(account: Simulator, warehouse: Warehouse) -> None:
    """A chunk without rows would never come to an end."""
    with pytest.raises(UsageError, match="at least 1"):
        warehouse.sync(account, "customers", chunk_rows=0)


def test_events_that_stripe_no_longer_keeps(account: Simulator, warehouse: Warehouse) -> None:
    """What has aged out of the list of events is not taken for deleted, nor asked for by id."""
    warehouse.sync(account, "events")
    before = len(warehouse.table("events"))
    account.advance(40 * DAY)
    account.stats.reset()
    result = warehouse.sync(account, "events", reconcile=True)
    assert not any(drift.gone for drift in result.drift.values())
    rows = warehouse.table("events")
    assert len(rows) > before
    assert not any(row["is_deleted"] for row in rows)
    assert set(account.stats.by_path) == {"/v1/account", "/v1/events"}


def test_a_first_sync_after_windows(account: Simulator, warehouse: Warehouse) -> None:
    """That only windows were loaded is the reason given, not that something was lost."""
    warehouse.sync(account, "customers", end_date="2026-06-01")
    result = warehouse.sync(account, "customers")
    assert result.relisted == {"customers": "only windows of time were loaded before"}
    assert_equal(warehouse, account, ["customers"], reconciled=True)
    assert warehouse.sync(account, "coupons").left == ["customers"]
