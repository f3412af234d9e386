"""``sync --reconcile`` and ``--refresh`` bring back what the tables have lost, and say so."""

from collections.abc import Callable

import duckdb

from stripe_source.simulator import Simulator
from tests.cli.conftest import Terminal, until

NAMES = ["-r", "coupons,products"]


def change(terminal: Terminal, *queries: str) -> None:
    """Do to the file what no sync would."""
    with duckdb.connect(str(terminal.folder / "stripe_source.duckdb")) as connection:
        connection.execute('USE "stripe"')
        for query in queries:
            connection.execute(query)


def test_reconcile(terminal: Terminal, made: Callable[..., Simulator]) -> None:
    """Per table it prints what was missing, stale or gone; afterwards there is no drift."""
    account = made()
    at = terminal.at(account)
    assert at.run("sync", *NAMES).code == 0
    before = at.rows("FROM stripe.products ORDER BY id")
    coupons = [row["id"] for row in account.account.objects("/v1/coupons")]
    account.account.delete("/v1/coupons", coupons[0], event=False)
    change(
        at,
        f"UPDATE coupons SET name = 'mine' WHERE id = '{coupons[1]}'",
        f"DELETE FROM products WHERE id = '{account.account.objects('/v1/products')[0]['id']}'",
    )
    assert at.run("sync", *NAMES, "--json").json["drift"] == {}
    ran = at.run("sync", *NAMES, "--reconcile")
    assert ran.code == 0, ran.err
    assert "coupons: 1 stale, 1 gone\nproducts: 1 missing\n" in ran.err
    after = at.rows("FROM stripe.products ORDER BY id")
    assert [row[:2] for row in after] == [row[:2] for row in before]
    ran = at.run("sync", *NAMES, "--reconcile")
    assert "no drift in coupons, products" in ran.err
    assert ran.out == ""


def test_reconcile_some_as_json(terminal: Terminal, made: Callable[..., Simulator]) -> None:
    """Only what is named is compared; a table without drift is there with zeros."""
    at = terminal.at(made())
    assert at.run("sync", *NAMES).code == 0
    change(at, "UPDATE coupons SET name = 'mine'", "UPDATE products SET name = 'mine'")
    result = at.run("sync", *NAMES, "--reconcile", "coupons", "--json").json
    number = len(at.rows("FROM stripe.coupons"))
    assert result["drift"] == {"coupons": {"missing": 0, "stale": number, "gone": 0}}
    assert result["relisted"] == {"coupons": "asked for"}
    result = at.run("sync", *NAMES, "--reconcile", "coupons", "--json").json
    assert result["drift"] == {"coupons": {"missing": 0, "stale": 0, "gone": 0}}
    assert {name for (name,) in at.rows("SELECT name FROM stripe.products")} == {"mine"}


def test_reconcile_as_a_setting(terminal: Terminal, made: Callable[..., Simulator]) -> None:
    """In the environment it may be a switch or names."""
    at = terminal.at(made())
    assert at.run("sync", *NAMES).code == 0
    for value, compared in (("true", ["coupons", "products"]), ("coupons", ["coupons"])):
        at.env["SOURCES__STRIPE_SOURCE__RECONCILE"] = value
        assert sorted(at.run("sync", *NAMES, "--json").json["drift"]) == compared
    at.env["SOURCES__STRIPE_SOURCE__RECONCILE"] = "false"
    assert at.run("sync", *NAMES, "--json").json["drift"] == {}


def test_a_gap_is_told(terminal: Terminal, made: Callable[..., Simulator]) -> None:
    """Where a sync lists everything by itself, it says why, and what it found."""
    account = made()
    at = terminal.at(account)
    assert at.run("sync", "-r", "coupons").code == 0
    account.advance(40 * 86_400)
    ran = at.run("sync", "-r", "coupons")
    assert "coupons was listed again: the last sync was 40 days ago" in ran.err
    assert "no drift in coupons" in ran.err


def test_a_refresh_that_is_killed(terminal: Terminal, made: Callable[..., Simulator]) -> None:
    """Killed after it has deleted, the next plain sync loads what is missing."""
    account = made()
    at = terminal.at(account)
    assert at.run("sync", *NAMES).code == 0
    account.config.latency_ms = (1_000, 1_000)
    account.stats.reset()
    with at.start("sync", *NAMES, "--refresh", "products") as process:
        until(lambda: account.stats.by_path.get("/v1/products", 0) > 0)
        process.kill()
        process.communicate(timeout=60)
    account.config.latency_ms = (0, 0)
    ran = at.run("sync", *NAMES, "--json")
    assert ran.code == 0, ran.err
    products = sorted((row["id"],) for row in account.account.objects("/v1/products"))
    assert at.rows("SELECT id FROM stripe.products ORDER BY id") == products
    assert ran.json["rows"].get("coupons", 0) == 0


def test_test_clocks_and_intervals(terminal: Terminal, made: Callable[..., Simulator]) -> None:
    """--relist-every 0 lists again at once what --relist-every 24 leaves alone."""
    account = made()
    at = terminal.at(account)
    names = ["-r", "payment_intents", "--include-test-clocks"]
    for _ in range(2):
        assert at.run("sync", *names).code == 0
    for n in range(150):  # a re-list that takes more than one request waits for its hour
        at_time = account.account.clock.now - n
        account.account.insert("/v1/payment_intents", {"created": at_time}, event=False)
    counts = {}
    for hours in (0, 24, 0):
        account.advance(60)
        account.stats.reset()
        assert at.run("sync", *names, "--relist-every", hours).code == 0
        counts[hours] = account.stats.by_path["/v1/payment_intents"]
    assert counts[24] < counts[0]
