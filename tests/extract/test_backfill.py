"""The backfill: every object once, whatever shares a second, comes in late or interrupts it."""

import time
from threading import Thread
from typing import Any

import orjson
import pytest
from dlt.pipeline.exceptions import PipelineStepFailed

from stripe_source.api.client import Client
from stripe_source.api.pages import read_page
from stripe_source.catalog import CATALOG, Resource
from stripe_source.connect import client_for
from stripe_source.errors import StripeSourceError, UsageError
from stripe_source.extract.nested import complete
from stripe_source.extract.reader import ListReader
from stripe_source.extract.spans import Span
from stripe_source.simulator import Simulator
from stripe_source.tables.layout import tables_of
from stripe_source.tables.types import all_columns
from tests.conftest import FAST, Warehouse

SECOND = 1_780_000_000


def customers(simulator: Simulator, number: int, created: int, *, apart: int = 0) -> list[str]:
    """Insert customers of long ago, all in one second or so many seconds apart; returns their ids.

    No event tells of them any more.
    """
    return [
        simulator.account.insert(
            "/v1/customers", {"created": created + n * apart, "name": f"n{n}"}, event=False
        )["id"]
        for n in range(number)
    ]


def client(simulator: Simulator) -> Client:
    """A client of the simulator without waiting for limits."""
    return client_for(simulator.api_key, api_base=simulator.url, **FAST)


def walked(simulator: Simulator, span: Span, name: str = "customers") -> list[Any]:
    """The pages of a span."""
    return list(ListReader(client(simulator), CATALOG[name], [span]).pages())


def test_five_hundred_objects_in_one_second(account: Simulator, warehouse: Warehouse) -> None:
    """A second with more objects than a page holds is neither cut nor read twice."""
    ids = customers(account, 500, SECOND)
    around = customers(account, 250, SECOND - 10_000, apart=40)
    warehouse.sync(account, "customers")
    found = warehouse.rows(f"SELECT id FROM customers WHERE epoch(created) = {SECOND}")
    assert sorted(id_ for (id_,) in found) == sorted(ids)
    assert warehouse.rows("SELECT count(*), count(DISTINCT id) FROM customers") == [
        (len(account.account.objects("/v1/customers")),) * 2
    ]
    assert len(around) == 250


def test_pages_read_are_close_to_the_least(account: Simulator) -> None:
    """Splitting the range reads no row twice and costs few part-filled pages."""
    customers(account, 3_000, SECOND, apart=977)
    reads = walked(account, Span(0))
    total = len(account.account.objects("/v1/customers"))
    assert sum(read.page.rows for read in reads) == total
    assert len(reads) <= total / 100 * 2 + 15


def test_pieces_are_read_side_by_side(account: Simulator) -> None:
    """A list of many pages has several requests under way at a time."""
    customers(account, 3_000, SECOND, apart=977)
    account.config.latency_ms = (20, 20)
    account.stats.reset()
    walked(account, Span(0))
    assert account.stats.peak_concurrency >= 6


def test_what_is_pending_completes_what_was_read(account: Simulator) -> None:
    """At every step, the pages so far and the spans then pending make up the whole list."""
    customers(account, 1_200, SECOND, apart=3_000)
    reader = ListReader(client(account), CATALOG["customers"], [Span(0)])
    seen = 0
    for read in reader.pages():
        seen += read.page.rows
        if seen >= 500:
            reader.stop()
    again = ListReader(client(account), CATALOG["customers"], read.pending)
    rest = sum(other.page.rows for other in again.pages())
    assert seen < seen + rest == len(account.account.objects("/v1/customers"))


def test_the_row_under_the_cursor_is_deleted(account: Simulator) -> None:
    """When the row that a walk stands on is deleted, the walk goes on without a gap."""
    ids = customers(account, 400, SECOND)
    reader = ListReader(client(account), CATALOG["customers"], [Span(SECOND, SECOND + 1)])
    pages = reader.pages()
    first = next(pages).page
    assert first.last_id in ids
    account.account.delete("/v1/customers", first.last_id)
    bodies = first.body + b"".join(read.page.body for read in pages)
    missing = [id_ for id_ in ids if f'"{id_}"'.encode() not in bodies]
    assert missing == []


def test_objects_created_during_the_walk(account: Simulator, warehouse: Warehouse) -> None:
    """What appears while a sync runs is in it or in the next one."""
    warehouse.sync(account, "customers")
    late = account.account.insert("/v1/customers", {"created": account.account.clock.now})["id"]
    warehouse.sync(account, "customers")
    assert warehouse.rows(f"SELECT count(*) FROM customers WHERE id = '{late}'") == [(1,)]


def test_nested_lists_arrive_whole(business: Simulator, warehouse: Warehouse) -> None:
    """An invoice of 250 lines and a subscription of 20 items have all of them, in order."""
    warehouse.sync(business, "invoices", "subscriptions")
    lines = warehouse.rows(
        "SELECT invoice_id, count(*), count(DISTINCT id), min(_list_index), max(_list_index) "
        "FROM invoice_line_items GROUP BY 1 ORDER BY 2 DESC LIMIT 1"
    )
    assert lines[0][1:] == (250, 250, 0, 249)
    items = warehouse.rows(
        "SELECT count(*) FROM subscription_items GROUP BY subscription_id ORDER BY 1 DESC LIMIT 1"
    )
    assert items == [(20,)]


def test_bounded_runs_make_the_whole(business: Simulator, warehouse: Warehouse) -> None:
    """A sync in many small chunks loads the same as one, each chunk committed with its progress."""
    result = warehouse.sync(business, "customers", "invoices", chunk_rows=100)
    assert len(result.runs) > 3
    for table in ("customers", "invoices"):
        whole = len(business.account.objects(f"/v1/{table}"))
        assert warehouse.rows(f"SELECT count(*), count(DISTINCT id) FROM {table}") == [(whole,) * 2]
    assert warehouse.state("invoices", business)["created"]["pending"] == []


def test_a_failed_sync_goes_on_where_it_was(account: Simulator, warehouse: Warehouse) -> None:
    """When Stripe fails for good, finished chunks stay, and the next sync reads only the rest."""
    customers(account, 1_500, SECOND, apart=2_000)
    total = len(account.account.objects("/v1/customers"))
    account.faults.append({"path": "/v1/customers", "nth": 9, "kind": "401", "times": 1_000})
    with pytest.raises(Exception, match="refuses the key"):
        warehouse.sync(account, "customers", chunk_rows=300)
    before = warehouse.rows("SELECT count(*) FROM customers")[0][0]
    assert 0 < before < total
    account.faults.clear()
    account.stats.reset()
    warehouse.sync(account, "customers", chunk_rows=300)
    assert warehouse.rows("SELECT count(*), count(DISTINCT id) FROM customers") == [(total,) * 2]
    assert account.stats.rows <= total - before + 100


def test_lost_working_folder(business: Simulator, warehouse: Warehouse) -> None:
    """State comes from the destination: without the local folder nothing is read from the start."""
    warehouse.sync(business, "customers", "invoices")
    warehouse.pipeline.drop()
    business.stats.reset()
    result = warehouse.sync(business, "customers", "invoices")
    assert result.rows.get("invoices", 0) <= 2
    assert result.rows.get("customers", 0) <= 2


def test_start_date_limits_rows_and_can_move_back(
    business: Simulator, warehouse: Warehouse
) -> None:
    """``start_date`` is inclusive; an earlier one later on loads what lies between."""
    created = sorted(c["created"] for c in business.account.objects("/v1/customers"))
    middle = created[len(created) // 2]
    warehouse.sync(business, "customers", start_date=middle)
    count = "SELECT count(*) FROM customers"
    assert warehouse.rows(count) == [(sum(c >= middle for c in created),)]
    warehouse.sync(business, "customers")
    assert warehouse.rows(count) == [(len(created),)]


def test_end_date_is_a_one_off_window(business: Simulator, warehouse: Warehouse) -> None:
    """``end_date`` is exclusive and moves no cursor: the next sync still loads everything."""
    created = sorted(c["created"] for c in business.account.objects("/v1/customers"))
    start, end = created[10], created[60]
    warehouse.sync(business, "customers", start_date=start, end_date=end)
    inside = sum(start <= c < end for c in created)
    assert warehouse.rows("SELECT count(*) FROM customers") == [(inside,)]
    state = warehouse.state("customers", business)
    assert "created" not in state
    assert "updated" not in state
    assert "window" not in state
    warehouse.sync(business, "customers")
    assert warehouse.rows("SELECT count(*) FROM customers") == [(len(created),)]


def test_lists_without_a_filter_are_limited_all_the_same(
    business: Simulator, warehouse: Warehouse
) -> None:
    """Where Stripe has no ``created`` filter, rows outside the dates are dropped after reading."""
    created = sorted(p["created"] for p in business.account.objects("/v1/payment_methods"))
    middle = created[len(created) // 2]
    warehouse.sync(business, "payment_methods", start_date=middle)
    assert warehouse.rows("SELECT count(*) FROM payment_methods") == [
        (sum(c >= middle for c in created),)
    ]


def test_the_change_cursor_is_stripes_clock_before_the_first_request(
    account: Simulator, warehouse: Warehouse
) -> None:
    """``updated`` is when the backfill began, by Stripe's clock; later, when events were read."""
    customers(account, 1_000, SECOND)
    account.config.latency_ms = (20, 20)
    began = account.account.clock.now
    meanwhile = Thread(target=_advanced_under_way, args=(account, 3_600))
    meanwhile.start()
    warehouse.sync(account, "customers")
    meanwhile.join()
    now = account.account.clock.now
    assert now == began + 3_600
    assert warehouse.state("customers", account)["updated"] == began
    warehouse.sync(account, "customers")
    state = warehouse.state("customers", account)
    assert state["updated"] == state["created"]["read_to"] == now


def _advanced_under_way(simulator: Simulator, seconds: int) -> None:
    """Move the account's clock once its customers are being read."""
    while simulator.stats.by_path["/v1/customers"] < 3:
        time.sleep(0.001)
    simulator.advance(seconds)


def test_nothing_new_costs_one_read_of_the_events(account: Simulator, warehouse: Warehouse) -> None:
    """A second sync of what has events asks once for the account and once for the events."""
    warehouse.sync(account, "coupons", "products", "prices")
    account.stats.reset()
    warehouse.sync(account, "coupons", "products", "prices")
    assert account.stats.by_path == {"/v1/account": 1, "/v1/events": 1}


def test_empty_tables_have_every_column(account: Simulator, warehouse: Warehouse) -> None:
    """A resource without a single object has its tables and columns after the first sync."""
    for topup in account.account.objects("/v1/topups"):
        account.account.delete("/v1/topups", topup["id"])
    warehouse.sync(account, "topups")
    assert warehouse.rows("SELECT count(*) FROM topups") == [(0,)]
    names = [column.name for column in all_columns(tables_of(CATALOG["topups"])[0])]
    columns = [row[0] for row in warehouse.rows("DESCRIBE topups")]
    assert columns[: len(names)] == names


def test_a_plain_dlt_run_is_just_as_right(business: Simulator, warehouse: Warehouse) -> None:
    """``pipeline.run(stripe_source())`` loads everything at once, and again without doubles."""
    warehouse.run(business, "customers", "invoices")
    warehouse.run(business, "customers", "invoices")
    for table in ("customers", "invoices"):
        whole = len(business.account.objects(f"/v1/{table}"))
        assert warehouse.rows(f"SELECT count(*), count(DISTINCT id) FROM {table}") == [(whole,) * 2]


def test_faults_on_the_way_change_nothing(
    business: Simulator, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Errors, broken bodies and limits on the way cost time, and no row."""
    monkeypatch.setattr("stripe_source.api.retries.FIRST_WAIT", 0.01)
    kinds = ("500", "502_html", "reset", "truncate", "garbage", "429_lock_timeout", "503")
    for nth, kind in enumerate(kinds, start=2):
        business.faults.append({"path": "/v1/invoices", "nth": nth, "kind": kind, "times": 1})
    try:
        warehouse.sync(business, "invoices")
    finally:
        business.faults.clear()
    whole = len(business.account.objects("/v1/invoices"))
    assert warehouse.rows("SELECT count(*), count(DISTINCT id) FROM invoices") == [(whole,) * 2]


def test_unsuitable_dates_are_refused(account: Simulator, warehouse: Warehouse) -> None:
    """A date that is none, or a window that ends before it starts, is wrong usage."""
    for dates in ({"start_date": "yesterday-ish"}, {"end_date": "2026-13-01"}):
        with pytest.raises(UsageError, match="is no date"):
            warehouse.sync(account, "customers", **dates)
    with pytest.raises(UsageError, match="before"):
        warehouse.sync(account, "customers", start_date="2026-01-02", end_date="2026-01-01")


def test_stripe_down_is_said_and_loses_nothing(
    account: Simulator, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When no retry helps, the rest is loaded, what failed is said, and the next sync has it all.

    A plain dlt run fails, as dlt's users expect.
    """
    monkeypatch.setattr("stripe_source.api.retries.FIRST_WAIT", 0.01)
    warehouse.sync(account, "customers")
    account.faults.append({"path": "/v1/coupons", "nth": 1, "kind": "500", "times": 1_000})
    result = warehouse.sync(account, "coupons", "products")
    assert result.exit_code == 1
    assert "/v1/coupons failed after all retries" in result.skipped["coupons"]
    assert result.rows["products"] == len(account.account.objects("/v1/products"))
    with pytest.raises(PipelineStepFailed, match="/v1/coupons failed after all retries"):
        warehouse.run(account, "coupons")
    account.faults.clear()
    warehouse.sync(account, "coupons")
    whole = len(account.account.objects("/v1/coupons"))
    assert warehouse.rows("SELECT count(*) FROM coupons") == [(whole,)]


def test_a_window_while_a_backfill_is_unfinished(account: Simulator, warehouse: Warehouse) -> None:
    """A one-off window ends, though the backfill beside it is pending, and leaves it pending."""
    customers(account, 900, SECOND, apart=2_000)
    warehouse.run(account, "customers", chunk_rows=200)
    pending = warehouse.state("customers", account)["created"]["pending"]
    assert pending
    warehouse.sync(account, "customers", start_date=SECOND, end_date=SECOND + 100_000)
    assert warehouse.state("customers", account)["created"]["pending"] == pending
    warehouse.sync(account, "customers")
    total = len(account.account.objects("/v1/customers"))
    assert warehouse.rows("SELECT count(*), count(DISTINCT id) FROM customers") == [(total,) * 2]


def test_a_resumed_sync_has_what_is_new_too(account: Simulator, warehouse: Warehouse) -> None:
    """A sync after an interrupted one loads what that one left and what was created since."""
    customers(account, 900, SECOND, apart=2_000)
    warehouse.run(account, "customers", "payment_methods", chunk_rows=100)
    assert warehouse.state("customers", account)["created"]["pending"]
    now = account.account.clock.now
    new = account.account.insert("/v1/customers", {"created": now})["id"]
    warehouse.sync(account, "customers", "payment_methods")
    total = len(account.account.objects("/v1/customers"))
    assert warehouse.rows("SELECT count(*), count(DISTINCT id) FROM customers") == [(total,) * 2]
    assert warehouse.rows(f"SELECT count(*) FROM customers WHERE id = '{new}'") == [(1,)]


@pytest.mark.parametrize("bound", ["start_date", "end_date"])
def test_every_list_takes_dates(account: Simulator, warehouse: Warehouse, bound: str) -> None:
    """Dates limit what has a ``created``; lists of other things are loaded whole."""
    middle = account.account.clock.now - 180 * 86_400
    result = warehouse.sync(account, "all", **{bound: middle})
    assert not result.skipped
    for name in ("country_specs", "exchange_rates", "terminal_readers"):
        whole = len(account.account.objects(CATALOG[name].path))
        assert warehouse.rows(f"SELECT count(*) FROM {name}") == [(whole,)]
    outside = f"epoch(created) {'<' if bound == 'start_date' else '>='} {middle}"
    for name in ("invoices", "customers", "payment_methods"):
        assert warehouse.rows(f"SELECT count(*) FROM {name} WHERE {outside}") == [(0,)]


def test_a_second_sync_does_not_read_a_batch_again(
    account: Simulator, warehouse: Warehouse
) -> None:
    """However many batches the first sync had, the second one reads the last minute alone."""
    customers(account, 4_500, SECOND, apart=100)
    warehouse.sync(account, "customers")
    account.advance(3_600)
    assert warehouse.sync(account, "customers").rows.get("customers", 0) <= 1


@pytest.mark.parametrize("url", ["@evil.example/x", ".evil.example", None])
def test_a_nested_url_that_leads_elsewhere(account: Simulator, url: str | None) -> None:
    """The key is sent to no other host, whatever stands in an answer."""
    nested = {"object": "list", "data": [{"id": "il_1"}], "has_more": True, "url": url}
    answer = orjson.dumps(
        {"object": "list", "data": [{"id": "in_1", "lines": nested}], "has_more": False}
    )
    invoices, connection = CATALOG["invoices"], client(account)
    before = account.stats.requests
    with pytest.raises(StripeSourceError):
        complete(connection, invoices, read_page(answer))
    assert account.stats.requests == before


def test_an_expand_that_is_refused_costs_no_row(
    account: Simulator, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where Stripe does not let a field be expanded, the list is loaded without it."""
    row = Resource("people", "/v1/customers", "customer", expand=("nonsense", "tax_ids"))
    monkeypatch.setitem(CATALOG, "people", row)
    result = warehouse.sync(account, "people")
    assert result.exit_code == 0
    whole = len(account.account.objects("/v1/customers"))
    assert warehouse.rows("SELECT count(*) FROM people") == [(whole,)]


def test_the_account_itself_is_a_row(account: Simulator, warehouse: Warehouse) -> None:
    """An endpoint that gives an object and no list fills a table of one row, also the next time."""
    for _ in range(2):
        warehouse.sync(account, "account", relist_every=0)
        (own,) = warehouse.table("account")
        assert (own["id"], own["is_deleted"]) == (account.account.id, False)
        assert own["_account_id"] == own["id"]
