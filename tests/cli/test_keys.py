"""A key that is no good: one line, the right exit code, nothing changed, and the key not shown."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from stripe_source.simulator import Simulator
from tests.cli.conftest import Terminal

BODY = "51OpenSesameOpenSesame"


@pytest.mark.parametrize(
    ("command", "key", "says"),
    [
        ("sync", None, "no Stripe key: set STRIPE_SECRET_KEY"),
        ("check", None, "no Stripe key: set STRIPE_SECRET_KEY"),
        ("check", "", "no Stripe key"),
        ("check", f"pk_live_{BODY}", "publishable key"),
        ("check", f"sk_prod_{BODY}", "malformed"),
        ("sync", f"sk_test_{BODY}", "Invalid API Key provided"),
        ("check", f"sk_test_{BODY}", "Invalid API Key provided"),
    ],
)
def test_a_key_that_is_no_good(
    terminal: Terminal, sim: Simulator, command: str, key: str | None, says: str
) -> None:
    """Missing, publishable, malformed or unknown to Stripe: exit code 4 and what is wrong."""
    at = terminal.at(sim)
    del at.env["STRIPE_SECRET_KEY"]
    if key is not None:
        at.env["STRIPE_SECRET_KEY"] = key
    ran = at.run(command, "-r", "coupons")
    assert (ran.code, ran.out) == (4, "")
    assert says in ran.line
    assert BODY not in ran.line


@pytest.mark.parametrize(
    ("command", "end", "says"),
    [
        ("sync", "revoke_key", "Invalid API"),
        ("check", "revoke_key", "Invalid API"),
        ("check", "expire_key", "Expired"),
    ],
)
def test_a_key_whose_time_is_over(
    terminal: Terminal, sim: Simulator, command: str, end: str, says: str
) -> None:
    """A revoked or expired key: exit code 4, in one line that shows at most its last letters."""
    key = f"sk_test_{end}{command}0001"
    sim.add_key(key)
    getattr(sim, end)(key)
    ran = terminal.at(sim, key).run(command, "-r", "coupons")
    assert (ran.code, ran.out) == (4, "")
    assert says in ran.line
    assert key not in ran.line
    assert files_with(terminal.folder.parent, key.encode()) == []


def test_the_other_variable_and_the_older_name(terminal: Terminal, sim: Simulator) -> None:
    """STRIPE_API_KEY is taken where STRIPE_SECRET_KEY is not set."""
    at = terminal.at(sim)
    at.env["STRIPE_API_KEY"] = at.env.pop("STRIPE_SECRET_KEY")
    assert at.run("check", "-r", "coupons").code == 0


@pytest.mark.parametrize("command", ["sync", "check"])
def test_a_key_from_dlts_configuration(terminal: Terminal, sim: Simulator, command: str) -> None:
    """Every command takes key and address from .dlt, as the message on a missing key says."""
    at = terminal.at(sim)
    key, base = at.env.pop("STRIPE_SECRET_KEY"), at.env.pop("STRIPE_API_BASE")
    folder = at.folder / ".dlt"
    folder.mkdir()
    section = "[sources.stripe_source]"
    (folder / "secrets.toml").write_text(f'{section}\nstripe_secret_key = "{key}"\n')
    (folder / "config.toml").write_text(f'{section}\napi_base = "{base}"\n')
    ran = at.run(command, "-r", "coupons")
    assert ran.code == 0, ran.err
    assert "coupons" in ran.out


def test_another_accounts_key_changes_nothing(
    terminal: Terminal, made: Callable[..., Simulator]
) -> None:
    """A dataset holds one account in one mode; another has room in a dataset of its own."""
    mine, stranger = made(), made(account_id="acct_1Stranger")
    assert terminal.at(mine).run("sync", "-r", "coupons").code == 0
    before = terminal.tables()
    refused = {
        "live data of account acct_1Live": made(livemode=True, account_id="acct_1Live"),
        "test data of account acct_1Stranger": stranger,
    }
    for whose, theirs in refused.items():
        ran = terminal.at(theirs).run("sync", "-r", "coupons,products")
        assert (ran.code, ran.out) == (2, "")
        assert f"the key belongs to {whose}" in ran.line
        assert terminal.tables() == before
    assert terminal.at(stranger).run("sync", "-r", "coupons", "--dataset", "theirs").code == 0
    owners = "SELECT DISTINCT _account_id FROM {}.coupons"
    assert terminal.rows(owners.format("stripe")) == [(mine.account.id,)]
    assert terminal.rows(owners.format("theirs")) == [("acct_1Stranger",)]


def test_one_resource_of_several_denied(terminal: Terminal, sim: Simulator) -> None:
    """What the key may read is loaded; what it may not is named with its permission: exit 3."""
    sim.add_key("rk_test_someofthem0001", {"rak_coupon_read", "rak_product_read", "rak_event_read"})
    at = terminal.at(sim, "rk_test_someofthem0001")
    ran = at.run("sync", "-r", "coupons,invoices,products")
    assert ran.code == 3
    assert "Error: invoices is left out: missing permission rak_invoice_read" in ran.err
    assert "rk_test_someofthem0001" not in ran.out + ran.err
    for path in ("coupons", "products"):
        loaded = terminal.rows(f"SELECT count(*) FROM stripe.{path}")
        assert loaded == [(len(sim.account.objects(f"/v1/{path}")),)]
    ran = at.run("sync", "-r", "coupons,invoices,products", "--json")  # with nothing new to read
    assert (ran.code, ran.json["rows"]) == (3, {})


def test_all_resources_denied(terminal: Terminal, sim: Simulator) -> None:
    """A key that may read nothing of what is asked for: exit 4, each named, in JSON too."""
    sim.add_key("rk_test_nothingatall01", set())
    at = terminal.at(sim, "rk_test_nothingatall01")
    ran = at.run("sync", "-r", "coupons,products", "--json")
    assert (ran.code, ran.json["exit_code"], ran.json["rows"]) == (4, 4, {})
    assert sorted(ran.json["outcomes"]) == sorted(ran.json["skipped"]) == ["coupons", "products"]
    assert "rak_coupon_read" in ran.json["skipped"]["coupons"]


def test_a_feature_that_is_not_enabled(terminal: Terminal, made: Callable[..., Simulator]) -> None:
    """What the account doesn't have is no failure: exit 0, and it is said."""
    at = terminal.at(made(disabled={"/v1/issuing/"}))
    ran = at.run("sync", "-r", "issuing_cards,coupons")
    assert ran.code == 0
    assert "not enabled in this account: issuing_cards" in ran.err
    assert terminal.rows("SELECT count(*) FROM stripe.coupons") > [(0,)]


def files_with(folder: Path, secret: bytes) -> list[Path]:
    """The files below a folder that hold a text, compressed or not."""
    found = []
    for file in folder.rglob("*"):
        if file.is_file():
            held = file.read_bytes()
            plain = gzip.decompress(held) if held[:2] == b"\x1f\x8b" else held
            found += [file] if secret in plain else []
    return found


@pytest.mark.parametrize(
    "variable", ["STRIPE_SECRET_KEY", "SOURCES__STRIPE_SOURCE__STRIPE_SECRET_KEY"]
)
def test_the_key_is_written_nowhere(terminal: Terminal, sim: Simulator, variable: str) -> None:
    """Neither the terminal nor any file, of dlt's or the database, has the key after a sync."""
    at = terminal.at(sim)
    key = at.env.pop("STRIPE_SECRET_KEY")
    at.env[variable] = key
    sim.faults[:] = [{"path": "/v1/coupons", "kind": "500", "nth": 1}]
    ran = at.run("--debug", "sync", "-r", "coupons,products", "--progress", "log")
    assert ran.code == 0
    assert "asking again" in ran.err
    assert key not in ran.out + ran.err
    top = terminal.folder.parent
    assert {"stripe_source.duckdb", "state.json"} <= {file.name for file in top.rglob("*")}
    assert files_with(top, sim.account.id.encode()) != []
    assert files_with(top, key.encode()) == []
