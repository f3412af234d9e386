"""``check`` says what a key is and what it may read, and loads nothing."""

from collections.abc import Callable

import pytest

from stripe_source.catalog import CATALOG, DEFAULT
from stripe_source.simulator import Simulator
from tests.cli.conftest import Terminal


def test_a_key_that_may_read_everything(terminal: Terminal, sim: Simulator) -> None:
    """Kind, mode and account of the key, and a line for each object; the key itself is masked."""
    ran = terminal.at(sim).run("check")
    assert ran.code == 0
    assert ran.err.startswith(f"secret key sk_test_****0001, test mode, account {sim.account.id}")
    lines = [line.split() for line in ran.out.splitlines()]
    assert lines == [["resource", "status", "detail"], *([name, "ok"] for name in DEFAULT)]
    assert sim.api_key not in ran.out + ran.err
    assert list(terminal.folder.iterdir()) == []


def test_every_object(terminal: Terminal, sim: Simulator) -> None:
    """With --all each object of the catalog is tried, by a request for one row."""
    sim.stats.reset()
    ran = terminal.at(sim).run("check", "--all", "--json")
    assert (ran.code, ran.err) == (0, "")
    assert [item["resource"] for item in ran.json["resources"]] == list(CATALOG)
    assert {item["status"] for item in ran.json["resources"]} == {"ok"}
    assert sim.stats.requests == len(CATALOG) + 1
    assert sim.stats.rows <= len(CATALOG) + 400  # a list without paging comes whole


@pytest.mark.parametrize(
    ("permissions", "code"),
    [({"rak_coupon_read", "rak_invoice_read"}, 0), ({"rak_coupon_read"}, 3), (set(), 4)],
)
def test_json_and_exit_codes(
    terminal: Terminal, sim: Simulator, permissions: set[str], code: int
) -> None:
    """All readable is 0, some of them 3, none 4; each says which permission is missing."""
    key = f"rk_test_checkexit{code}0001"
    sim.add_key(key, permissions)
    ran = terminal.at(sim, key).run("check", "-r", "coupons,invoices", "--json")
    assert (ran.code, ran.err) == (code, "")
    assert ran.json["account"]["id"] == sim.account.id
    assert (ran.json["account"]["mode"], ran.json["account"]["key"]) == ("test", "restricted")
    assert ran.json["api_base"] == sim.url
    expected = []
    for name, permission in (("coupons", "rak_coupon_read"), ("invoices", "rak_invoice_read")):
        ok = permission in permissions
        status, detail = ("ok", "") if ok else ("denied", f"missing permission {permission}")
        expected.append({"resource": name, "status": status, "detail": detail})
    assert ran.json["resources"] == expected
    assert key not in ran.out


def test_a_feature_that_is_not_enabled(terminal: Terminal, made: Callable[..., Simulator]) -> None:
    """What the account lacks is said, and is no failure."""
    at = terminal.at(made(disabled={"/v1/issuing/"}))
    ran = at.run("check", "-r", "issuing_cards,coupons", "--json")
    assert ran.code == 0
    assert [item["status"] for item in ran.json["resources"]] == ["not enabled", "ok"]


def test_a_long_reason_is_shown_whole(terminal: Terminal, made: Callable[..., Simulator]) -> None:
    """In a narrow terminal too, no part of a line is cut off."""
    at = terminal.at(made(disabled={"/v1/issuing/"}))
    at.env["COLUMNS"] = "50"
    out = at.run("check", "-r", "issuing_cards").out
    assert "dashboard.stripe.com/issuing/overview" in "".join(out.split())
    assert "…" not in out


def test_a_connected_account(terminal: Terminal, sim: Simulator) -> None:
    """An account that the key has no access to: exit 4 and its name."""
    ran = terminal.at(sim).run("check", "--stripe-account", "acct_1Nobody")
    assert ran.code == 4
    assert "acct_1Nobody" in ran.line
