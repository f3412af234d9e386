"""``status`` tells how far the syncs have come, without a key and without a request."""

from collections.abc import Callable

import pytest

from stripe_source.cli.status import duration, month
from stripe_source.simulator import Simulator
from stripe_source.status import Usage
from tests.cli.conftest import Terminal
from tests.cli.test_trouble import held


def test_status(terminal: Terminal, made: Callable[..., Simulator]) -> None:
    """A line for each resource on stdout; account and requests a month beside it."""
    account = made()
    at = terminal.at(account)
    for _ in range(2):
        assert at.run("sync", "-r", "customers,country_specs").code == 0
        account.advance(3_600)
    account.stats.reset()
    ran = terminal.run("status")
    assert ran.code == 0, ran.err
    header, *lines = ran.out.splitlines()
    assert header.split()[:6] == ["resource", "rows", "deleted", "created", "updated", "lag"]
    rows = {line.split()[0]: line.split()[1:] for line in lines}
    assert set(rows) == {"customers", "country_specs"}
    assert rows["customers"][:2] == [str(len(account.account.objects("/v1/customers"))), "0"]
    assert "routine: no drift" in ran.out
    who, usage = ran.err.splitlines()
    assert who.startswith(f"account {account.account.id}, test mode")
    assert "requests a sync, every 1 h" in usage
    assert "Stripe allows at least 10,000, and 500 for each transaction" in usage
    assert account.stats.requests == 0


def test_json(terminal: Terminal, made: Callable[..., Simulator]) -> None:
    """The same as one JSON document: times in ISO 8601, what lies between in seconds."""
    account = made()
    terminal.at(account).run("sync", "-r", "coupons", "--pipeline-name", "shop")
    ran = terminal.run("status", "--json", "--pipeline-name", "shop")
    assert (ran.code, ran.err) == (0, "")
    (coupons,) = ran.json.pop("resources")
    assert ran.json["usage"] is None
    assert coupons["name"] == "coupons"
    assert coupons["rows"] == len(account.account.objects("/v1/coupons"))
    assert coupons["updated"].endswith("+00:00")
    assert coupons["lag"] >= 0
    assert (coupons["pending"], coupons["relisted"]) == ([], None)


def test_where_there_is_nothing(terminal: Terminal, sim: Simulator) -> None:
    """No file, another dataset, a wrong file: one line each, and nothing is made."""
    ran = terminal.run("status")
    assert (ran.code, ran.out) == (2, "")
    assert "there is no stripe_source.duckdb here; run 'stripe-source sync' first" in ran.line
    assert list(terminal.folder.iterdir()) == []
    terminal.at(sim).run("sync", "-r", "coupons")
    ran = terminal.run("status", "--dataset", "other")
    assert (ran.code, ran.out) == (2, "")
    assert "the dataset 'other' has nothing of a pipeline 'stripe_source'" in ran.line
    (terminal.folder / "diary.duckdb").write_text("dear diary " * 1_000)
    ran = terminal.run("status", "--pipeline-name", "diary")
    assert (ran.code, ran.out) == (1, "")
    assert "not a DuckDB database" in ran.line


def test_a_database_that_is_locked_or_not_configured(terminal: Terminal, sim: Simulator) -> None:
    """What keeps the destination from being read is said in one line."""
    terminal.at(sim).run("sync", "-r", "coupons")
    with held(terminal.folder / "stripe_source.duckdb"):
        ran = terminal.run("status")
    assert (ran.code, ran.out) == (1, "")
    assert "locked by another program" in ran.line
    ran = terminal.run("status", "--destination", "postgres")
    assert (ran.code, ran.out) == (2, "")
    assert ran.line.endswith("`database`, `password`, `username`, `host`")
    ran = terminal.run("status", "--destination", "nosuch")
    assert ran.code == 2
    assert "dlt knows no destination 'nosuch'" in ran.line


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (10_800, "3 h"), (172_800, "2 d")],
)
def test_durations(seconds: int, text: str) -> None:
    """A duration is in the largest unit that it fills."""
    assert duration(seconds) == text


def test_more_than_the_least_allowance() -> None:
    """Beyond 10,000 requests a month, it is said how many transactions allow for them."""
    assert "transactions on" not in month(Usage(12, 3_600, 8_640))
    assert "5.0 requests a sync, every 5 min: 43,200 a month" in month(Usage(5, 300, 43_200))
    assert month(Usage(5, 300, 43_200)).endswith("enough from 87 transactions on")
