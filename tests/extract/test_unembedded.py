"""Lists that Stripe does not embed: what each payout paid out is asked for by its id."""

import logging
from dataclasses import replace
from typing import Any

import orjson
import pytest

from stripe_source.api.client import Client
from stripe_source.api.pages import read_page
from stripe_source.catalog import CATALOG
from stripe_source.connect import client_for
from stripe_source.errors import StripeUnavailable
from stripe_source.extract.feed import Change
from stripe_source.extract.fetch import Fetcher
from stripe_source.extract.nested import complete
from stripe_source.extract.refetch import Refetcher
from stripe_source.extract.spans import Span
from stripe_source.simulator import Simulator
from tests.conftest import FAST, Warehouse
from tests.convergence.equality import assert_equal
from tests.simulator.conftest import sdk

PAYOUTS = CATALOG["payouts"]
TABLE = "payout_balance_transactions"
LIST = "/v1/balance_transactions"
DENIED: dict[str, Any] = {"path": LIST, "query": "payout=", "kind": "403", "times": None}
DAY = 86_400


def client(simulator: Simulator) -> Client:
    """A client of the simulator without waiting for limits."""
    return client_for(simulator.api_key, api_base=simulator.url, **FAST)


def payouts(simulator: Simulator) -> list[Any]:
    """The payouts of the account; those that its clock makes are automatic."""
    return list(simulator.account.objects("/v1/payouts"))


def tie(simulator: Simulator, entry: str, payout: str) -> None:
    """Have a balance transaction paid out with a payout."""
    simulator.account.get("balance_transaction", entry)  # so that the filter looks at it again
    simulator.account.home("balance_transaction").by_id[entry].hidden = {"payout": payout}


def asked(simulator: Simulator) -> int:
    """How many requests asked what a payout paid out."""
    return simulator.stats.by_path[LIST]


def by_hand(simulator: Simulator) -> str:
    """Pay something out, as soon as something is there; returns the payout's id."""
    while not (found := sdk(simulator).v1.balance.retrieve().available):
        simulator.advance(DAY)
    most = max(found, key=lambda each: each.amount)
    asked = {"amount": 1, "currency": most.currency}
    return str(sdk(simulator).v1.payouts.create(asked).id)


def test_payouts_reconcile_to_the_cent(account: Simulator, warehouse: Warehouse) -> None:
    """Each automatic payout has all of its transactions, whose sum it is, with pages of two."""
    account.config.page_rows = 2
    warehouse.sync(account, "payouts")
    account.config.page_rows = 100
    assert_equal(warehouse, account, ["payouts"], reconciled=True)
    assert warehouse.rows(f"SELECT max(_list_index) > 3 FROM {TABLE}") == [(True,)]
    unlike = f"""
        SELECT p.id
        FROM payouts AS p
        LEFT JOIN {TABLE} AS t ON t.payout_id = p.id AND t.id <> p.balance_transaction
        GROUP BY p.id, p.amount
        HAVING sum(t.net) IS DISTINCT FROM p.amount
    """
    assert warehouse.rows(unlike) == []


def test_a_payout_by_hand_is_not_asked_for(account: Simulator, warehouse: Warehouse) -> None:
    """Stripe does not tell what it holds: it has no rows, and costs no request."""
    made = by_hand(account)
    account.stats.reset()
    warehouse.sync(account, "payouts")
    assert asked(account) == sum(payout["automatic"] for payout in payouts(account)) > 10
    assert warehouse.rows(f"SELECT id FROM payouts WHERE id = '{made}'") == [(made,)]
    assert_equal(warehouse, account, ["payouts"], reconciled=True)


def test_nothing_new_costs_nothing_more(account: Simulator, warehouse: Warehouse) -> None:
    """A sync without new payouts asks for the account and the events alone."""
    warehouse.sync(account, "payouts")
    account.stats.reset()
    warehouse.sync(account, "payouts")
    assert account.stats.by_path == {"/v1/account": 1, "/v1/events": 1}


def test_long_lists_are_committed_in_chunks(account: Simulator, warehouse: Warehouse) -> None:
    """What a payout paid out counts as rows, of which only so many are held or loaded at once."""
    account.config.page_rows = 5
    most = len(payouts(account)) + 1
    assert len(warehouse.sync(account, "payouts", chunk_rows=most).runs) > 1
    account.config.page_rows = 100
    assert_equal(warehouse, account, ["payouts"], reconciled=True)


def test_a_list_that_is_complete_later(account: Simulator, warehouse: Warehouse) -> None:
    """What Stripe ties to a payout later is loaded once the reconciliation is completed."""
    entry = account.account.objects(LIST)[0]["id"]
    late = account.account.insert(
        "/v1/payouts",
        {"created": account.account.clock.now, "automatic": True, "currency": "usd",
         "reconciliation_status": "in_progress"},
    )["id"]  # fmt: skip
    warehouse.sync(account, "payouts")
    query = f"SELECT id FROM {TABLE} WHERE payout_id = '{late}'"
    assert warehouse.rows(query) == []
    tie(account, entry, late)
    done = {"reconciliation_status": "completed"}
    account.account.update("/v1/payouts", late, done, event="reconciliation_completed")
    warehouse.sync(account, "payouts")
    assert warehouse.rows(query) == [(entry,)]


def test_a_page_asks_for_the_wanted_alone(account: Simulator) -> None:
    """Where changed payouts are read by page, the others on it cost nothing, and are not on it."""
    account.advance(200 * DAY)
    every = payouts(account)
    wanted = [Change(p["id"], p["created"]) for p in every[:: len(every) // 8]]
    assert 5 < len(wanted) < len(every) / 2
    account.stats.reset()
    found = list(Refetcher(client(account), PAYOUTS, wanted).results())
    ids = [i for result in found if result.page for i, _ in result.page.keys]
    assert sorted(ids) == sorted(change.id for change in wanted)
    assert asked(account) == len(wanted)


def test_the_lists_of_a_page_are_read_side_by_side(account: Simulator) -> None:
    """The rows of a page do not wait for each other."""
    account.config.latency_ms = (20, 20)
    account.stats.reset()
    page, _ = Fetcher(client(account), PAYOUTS).page(Span(0))
    assert page.inside > page.rows > 10
    assert account.stats.peak_concurrency >= 6


def test_threads_never_wait_for_themselves(
    account: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many pages as there are threads are completed, for others read their lists."""
    monkeypatch.setattr("stripe_source.api.client.CONCURRENCY", 1)
    connection = client(account)
    page = connection.threads.submit(Fetcher(connection, PAYOUTS).page, Span(0))
    try:
        assert page.result(timeout=20)[0].inside
    finally:
        connection.close()


def test_a_parent_that_is_gone_meanwhile(account: Simulator) -> None:
    """A parent that Stripe does not know any more has an empty list, and the others have theirs."""
    lines = replace(PAYOUTS.children[0], listed_by="/v1/invoices/{id}/lines")
    ids = ("in_gone", account.account.objects("/v1/invoices")[0]["id"])
    rows = [{"id": i, "automatic": True} for i in ids]
    page = read_page(orjson.dumps({"object": "list", "data": rows, "has_more": False}))
    completed = complete(client(account), replace(PAYOUTS, children=(lines,)), page)
    found = [row["balance_transactions"]["data"] for row in orjson.loads(completed.body)["data"]]
    assert [bool(items) for items in found] == [False, True]


def test_an_entry_under_the_cursor_that_is_gone(account: Simulator, warehouse: Warehouse) -> None:
    """A walk that can't go on begins again, and takes nothing in twice."""
    account.config.page_rows = 2
    account.faults.append({"path": LIST, "query": "payout=", "kind": "404_cursor"})
    warehouse.sync(account, "payouts")
    assert account.faults[0]["met"] == 1
    account.config.page_rows = 100
    assert_equal(warehouse, account, ["payouts"], reconciled=True)


def test_a_key_that_may_not_read_the_list(
    account: Simulator, warehouse: Warehouse, caplog: pytest.LogCaptureFixture
) -> None:
    """The payouts are loaded, one warning says what is not, and the exit code is 3."""
    account.faults.append(dict(DENIED))
    with caplog.at_level(logging.WARNING, "stripe_source"):
        account.config.page_rows = 5
        result = warehouse.sync(account, "payouts", chunk_rows=5)
    assert len(result.runs) > 1
    assert (result.exit_code, result.outcomes) == (3, {TABLE: "denied"})
    assert "rak_balance_transaction" in result.skipped[TABLE]
    assert (
        [r.message for r in caplog.records].count(
            f"{TABLE} is left out (denied): {result.skipped[TABLE]}"
        )
        == len(caplog.records)
        == 1
    )
    assert warehouse.rows("SELECT count(*) FROM payouts") == [(len(payouts(account)),)]
    assert warehouse.rows(f"SELECT count(*) FROM {TABLE}") == [(0,)]


def test_a_key_that_may_read_it_again(account: Simulator, warehouse: Warehouse) -> None:
    """What was there stays while it is denied; what was missed comes when it no longer is."""
    warehouse.sync(account, "payouts")
    before = warehouse.rows(f"SELECT count(*) FROM {TABLE}")
    account.faults.append(dict(DENIED))
    changed = payouts(account)[0]["id"]
    account.account.update("/v1/payouts", changed, {"metadata": {"a": "b"}})
    account.advance(15 * DAY)
    warehouse.sync(account, "payouts")
    assert warehouse.rows(f"SELECT count(*) FROM {TABLE}") == before
    account.faults.clear()
    account.stats.reset()
    warehouse.sync(account, "payouts")
    assert asked(account) == 0
    account.advance(8 * DAY)
    warehouse.sync(account, "payouts")
    result = warehouse.sync(account, "payouts")
    assert result.relisted == {"payouts": f"denied to the key before: {TABLE}"}
    assert_equal(warehouse, account, ["payouts"], reconciled=True)
    assert not warehouse.sync(account, "payouts").relisted


def test_a_reconciliation_that_may_read_it_again(account: Simulator, warehouse: Warehouse) -> None:
    """Whoever asks for it gets what was denied before, and no second re-list."""
    account.faults.append(dict(DENIED))
    warehouse.sync(account, "payouts")
    account.faults.clear()
    warehouse.sync(account, "payouts", reconcile=True)
    assert_equal(warehouse, account, ["payouts"], reconciled=True)
    assert not warehouse.sync(account, "payouts").relisted


@pytest.mark.parametrize("row", [b"null", b'{"created": 5}', b'{"id": "po_1'])
def test_a_page_with_a_broken_row(account: Simulator, row: bytes) -> None:
    """A row in the middle that is none is an answer that can't be used, whatever reads it."""
    last = orjson.dumps({"id": "po_2", "created": 5}, option=orjson.OPT_INDENT_2)
    last = last.replace(b"\n", b"\n    ")
    body = b'{\n  "object": "list",\n  "has_more": false,\n  "data": [\n    %s,\n    %s\n  ]\n}'
    with pytest.raises(StripeUnavailable, match="payouts"):
        complete(client(account), PAYOUTS, read_page(body % (row, last)))
