"""A key that is no good: one line, the right exit code, nothing changed, and the key not shown."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from stripe_source.simulator import Simulator
from tests.cli.conftest import Terminal

BODY = "51OpenSesameOpenSesame"


@pytest.mark.parametrize("command", ["sync", "check"])
@pytest.mark.parametrize(
    ("key", "says"),
    [
        (None, "no Stripe key: set STRIPE_SECRET_KEY"),
        ("", "no Stripe key"),
        (f"pk_live_{BODY}", "publishable key"),
        (f"sk_prod_{BODY}", "malformed"),
        (f"sk_test_{BODY}", "Invalid API Key provided"),
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
    ("end", "says"), [("revoke_key", "Invalid API"), ("expire_key", "Expired")]
)
@pytest.mark.parametrize("command", ["sync", "check"])
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


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ({"livemode": True}, "the key belongs to live data of account acct_1SimulatorAcct00"),
        ({"account_id": "acct_1Stranger"}, "the key belongs to test data of account acct_1Stran"),
    ],
)
def test_another_accounts_key_changes_nothing(
    terminal: Terminal, made: Callable[..., Simulator], other: dict[str, object], says: str
) -> None:
    """A dataset holds one account in one mode: another one's key is refused, and all stays."""
    mine, theirs = made(), made(**other)
    assert terminal.at(mine).run("sync", "-r", "coupons").code == 0
    before = terminal.tables()
    ran = terminal.at(theirs).run("sync", "-r", "coupons,products")
    assert (ran.code, ran.out) == (2, "")
    assert says in ran.line
    assert terminal.tables() == before


def test_another_accounts_key_in_another_dataset(
    terminal: Terminal, made: Callable[..., Simulator]
) -> None:
    """What the refusal advises works: a dataset of its own in the same file."""
    mine, theirs = made(), made(account_id="acct_1Stranger")
    assert terminal.at(mine).run("sync", "-r", "coupons").code == 0
    assert terminal.at(theirs).run("sync", "-r", "coupons", "--dataset", "theirs").code == 0
    owners = "SELECT DISTINCT _account_id FROM stripe.{}.coupons"
    assert terminal.rows(owners.format("stripe")) == [(mine.account.id,)]
    assert terminal.rows(owners.format("theirs")) == [("acct_1Stranger",)]


def test_one_resource_of_several_denied(terminal: Terminal, sim: Simulator) -> None:
    """What the key may read is loaded; what it may not is named with its permission: exit 3."""
    sim.add_key("rk_test_someofthem0001", {"rak_coupon_read", "rak_product_read"})
    at = terminal.at(sim, "rk_test_someofthem0001")
    ran = at.run("sync", "-r", "coupons,invoices,products")
    assert ran.code == 3
    assert "left out: invoices: " in ran.err
    assert "rak_invoice_read" in ran.err
    assert "rk_test_someofthem0001" not in ran.out + ran.err
    for path in ("coupons", "products"):
        loaded = terminal.rows(f"SELECT count(*) FROM stripe.stripe.{path}")
        assert loaded == [(len(sim.account.objects(f"/v1/{path}")),)]
    again = at.run("sync", "-r", "coupons,invoices,products", "--json")
    assert (again.code, again.json["denied"], again.json["exit_code"]) == (3, ["invoices"], 3)


def test_a_permission_given_later(terminal: Terminal, sim: Simulator) -> None:
    """What was denied is loaded whole once the key may read it."""
    sim.add_key("rk_test_fewatfirst0001", {"rak_coupon_read"})
    at = terminal.at(sim, "rk_test_fewatfirst0001")
    assert at.run("sync", "-r", "coupons,products").code == 3
    sim.add_key("rk_test_fewatfirst0001", {"rak_coupon_read", "rak_product_read"})
    assert at.run("sync", "-r", "coupons,products").code == 0
    count = len(sim.account.objects("/v1/products"))
    assert terminal.rows("SELECT count(*) FROM stripe.stripe.products") == [(count,)]


def test_all_resources_denied(terminal: Terminal, sim: Simulator) -> None:
    """A key that may read nothing of what is asked for: exit 4, each named."""
    sim.add_key("rk_test_nothingatall01", set())
    ran = terminal.at(sim, "rk_test_nothingatall01").run("sync", "-r", "coupons,products")
    assert ran.code == 4
    assert "left out: coupons: " in ran.err
    assert "left out: products: " in ran.err


def test_a_feature_that_is_not_enabled(
    terminal: Terminal, made: Callable[..., Simulator]
) -> None:
    """What the account doesn't have is no failure: exit 0, and it is said."""
    at = terminal.at(made(disabled={"/v1/issuing/"}))
    ran = at.run("sync", "-r", "issuing_cards,coupons")
    assert ran.code == 0
    assert "left out: issuing_cards: Your account is not set up to use Issuing" in ran.err
    assert terminal.rows("SELECT count(*) FROM stripe.stripe.coupons") > [(0,)]


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
    """Neither the terminal nor any file, of dlt's or the database, has the key after syncs."""
    at = terminal.at(sim)
    key = at.env.pop("STRIPE_SECRET_KEY")
    at.env[variable] = key
    sim.faults[:] = [{"path": "/v1/coupons", "kind": "500", "nth": 1}]
    debug = at.run("--debug", "sync", "-r", "coupons", "--progress", "log")
    assert debug.code == 0
    assert "asking again" in debug.err
    plain = at.run("sync", "-r", "coupons,products")
    assert plain.code == 0
    assert key not in debug.out + debug.err + plain.out + plain.err
    top = terminal.folder.parent
    assert {"stripe.duckdb", "state.json"} <= {file.name for file in top.rglob("*")}
    assert files_with(top, sim.account.id.encode()) != []
    assert files_with(top, key.encode()) == []


def test_the_key_is_written_nowhere_when_a_sync_fails(terminal: Terminal, sim: Simulator) -> None:
    """Nor do the traces of a failed sync have it."""
    sim.add_key("sk_test_soonrevoked0001").revoked = True
    at = terminal.at(sim, "sk_test_soonrevoked0001")
    ran = at.run("--debug", "sync", "-r", "coupons")
    assert ran.code == 4
    assert "sk_test_soonrevoked0001" not in ran.out + ran.err
    assert files_with(terminal.folder.parent, b"sk_test_soonrevoked0001") == []
