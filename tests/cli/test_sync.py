"""``sync`` loads an account into ./stripe.duckdb, and says what it did."""

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stripe_source.catalog import CATALOG, DEFAULT
from stripe_source.simulator import Simulator
from tests.cli.conftest import Terminal

DATABASES = "SELECT database_name, schema_name, table_name FROM duckdb_tables() ORDER BY ALL"


def ids(simulator: Simulator, path: str) -> list[tuple[str]]:
    """The ids that a list of the account has."""
    return sorted((row["id"],) for row in simulator.account.objects(path))


def test_the_default_selection(terminal: Terminal, sim: Simulator) -> None:
    """Without options the default objects land in stripe.duckdb under the schema stripe."""
    ran = terminal.at(sim).run("sync")
    assert ran.code == 0, ran.err
    assert [file.name for file in terminal.folder.iterdir()] == ["stripe.duckdb"]
    wanted = {table for name in DEFAULT for table in CATALOG[name].tables}
    found = {row[2] for row in terminal.rows(DATABASES) if row[:2] == ("stripe", "stripe")}
    assert {name for name in found if not name.startswith("_dlt")} == wanted
    for name in DEFAULT:
        loaded = terminal.rows(f"SELECT id FROM stripe.stripe.{name} ORDER BY id")
        assert loaded == ids(sim, CATALOG[name].path), name
    assert {line.split()[0] for line in ran.out.splitlines()} == wanted | {"table"}
    total = sum(int(line.split()[-1].replace(",", "")) for line in ran.out.splitlines()[1:])
    assert ran.err.startswith(f"{total:,} rows, ")
    assert len(ran.err.splitlines()) == 1


def test_everything(terminal: Terminal, made: Callable[..., Simulator]) -> None:
    """With --all every object of the catalog is read, and its rows are counted and loaded."""
    account = made()
    ran = terminal.at(account).run("sync", "--all", "--json")
    assert ran.code == 0, ran.err
    assert ran.json["skipped"] == {}
    assert ran.json["misfits"] == {}
    assert set(CATALOG) <= set(ran.json["rows"])
    union = " UNION ALL ".join(
        f"SELECT '{name}', count(*) FROM stripe.stripe.{name}" for name in CATALOG
    )
    counts = dict(terminal.rows(union))
    assert counts == {name: ran.json["rows"][name] for name in CATALOG}
    assert counts["invoices"] == len(account.account.objects("/v1/invoices")) > 0


def test_resources_by_name(terminal: Terminal, sim: Simulator) -> None:
    """Names with commas and options given twice are all read, and nothing else."""
    ran = terminal.at(sim).run("sync", "-r", "coupons, products", "--resources", "tax_codes", "--json")
    assert ran.code == 0, ran.err
    assert set(ran.json["rows"]) == {"coupons", "products", "tax_codes"}
    tables = {row[2] for row in terminal.rows(DATABASES)}
    assert {t for t in tables if not t.startswith("_dlt")} == {"coupons", "products", "tax_codes"}


def test_dates_are_half_open(terminal: Terminal, sim: Simulator) -> None:
    """A window holds what was created at its start and not what was created at its end."""
    created = sorted(row["created"] for row in sim.account.objects("/v1/invoices"))
    start, end = created[10], created[30]
    assert start < end
    window = [datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for at in (start, end)]
    dates = ["--start-date", window[0], "--end-date", window[1]]
    assert terminal.at(sim).run("sync", "-r", "invoices", *dates).code == 0
    loaded = terminal.rows("SELECT epoch(created)::BIGINT FROM stripe.stripe.invoices ORDER BY 1")
    assert loaded == [(at,) for at in created if start <= at < end]


def test_a_start_date_is_utc(terminal: Terminal, sim: Simulator) -> None:
    """A bare date begins at midnight UTC, wherever the machine is."""
    created = sorted(row["created"] for row in sim.account.objects("/v1/invoices"))
    day = datetime.fromtimestamp(created[20], UTC).date()
    midnight = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    at = terminal.at(sim)
    at.env["TZ"] = "Pacific/Auckland"
    assert at.run("sync", "-r", "invoices", "--start-date", day).code == 0
    loaded = terminal.rows("SELECT epoch(created)::BIGINT FROM stripe.stripe.invoices ORDER BY 1")
    assert loaded == [(second,) for second in created if second >= midnight]


def test_dataset_and_pipeline_name(terminal: Terminal, sim: Simulator) -> None:
    """The dataset names the schema, the pipeline the file."""
    names = ["--dataset", "raw_stripe", "--pipeline-name", "billing"]
    assert terminal.at(sim).run("sync", "-r", "coupons", *names).code == 0
    assert [file.name for file in terminal.folder.iterdir()] == ["billing.duckdb"]
    assert ("billing", "raw_stripe", "coupons") in terminal.rows(DATABASES, "billing")
    query = ["query", "SELECT count(*) AS n FROM coupons", "--json"]
    ran = terminal.run(*query, "--database", "billing.duckdb", "--dataset", "raw_stripe")
    assert ran.json == [{"n": len(sim.account.objects("/v1/coupons"))}]


def test_json_is_all_that_is_on_stdout(terminal: Terminal, sim: Simulator) -> None:
    """With --json stdout is one document with the numbers of the sync, and stderr is empty."""
    ran = terminal.at(sim).run("sync", "-r", "coupons,products", "--json")
    assert (ran.code, ran.err) == (0, "")
    result = ran.json
    assert result.pop("seconds") > 0
    assert result.pop("requests") >= 3
    rows = {n: len(sim.account.objects(f"/v1/{n}")) for n in ("coupons", "products")}
    assert result == {"rows": rows, "skipped": {}, "denied": [], "misfits": {}, "exit_code": 0}


def test_quiet(terminal: Terminal, sim: Simulator) -> None:
    """With --quiet a sync that goes well says nothing, and one that doesn't still does."""
    ran = terminal.at(sim).run("sync", "-r", "coupons", "--quiet", "--progress", "log")
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    assert "no Stripe key" in terminal.run("sync", "-q").line


def test_progress_is_not_in_the_result(terminal: Terminal, sim: Simulator) -> None:
    """A bar that is asked for where there is no terminal leaves stdout alone."""
    ran = terminal.at(sim).run("sync", "-r", "coupons", "--progress", "bar", "--json")
    assert ran.code == 0
    assert ran.json["rows"]["coupons"] > 0


def test_dlts_own_command_knows_the_pipeline(terminal: Terminal, sim: Simulator) -> None:
    """What dlt users type next, ``dlt pipeline stripe info``, works on the result."""
    at = terminal.at(sim)
    assert at.run("sync", "-r", "coupons").code == 0
    ran = subprocess.run(
        [Path(sys.executable).with_name("dlt"), "pipeline", "stripe", "info"],
        cwd=at.folder,
        env=at.env | {"PATH": "/usr/bin:/bin", "RUNTIME__DLTHUB_TELEMETRY": "false"},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert ran.returncode == 0, ran.stderr
    assert "coupons with 1 table(s)" in ran.stdout


def test_two_folders_are_independent(
    terminal: Terminal, made: Callable[..., Simulator], tmp_path: Path
) -> None:
    """Two accounts in two folders of one user share dlt's working folder and nothing else."""
    first, second = made(), made(account_id="acct_1Second", seed=9)
    here = terminal.at(first)
    (tmp_path / "there").mkdir()
    there = Terminal(tmp_path / "there", terminal.env).at(second)
    for at in (here, there):
        assert at.run("sync", "-r", "customers").code == 0
    owner = "SELECT DISTINCT _account_id FROM stripe.stripe.customers"
    assert (here.rows(owner), there.rows(owner)) == (
        [(first.account.id,)],
        [("acct_1Second",)],
    )
    before = there.tables()
    again = here.run("sync", "-r", "customers,coupons", "--json")
    assert again.code == 0, again.err
    loaded = here.rows("SELECT id FROM stripe.stripe.customers ORDER BY id")
    assert loaded == ids(first, "/v1/customers")
    assert there.tables() == before


def test_a_connected_account(terminal: Terminal, sim: Simulator) -> None:
    """An account that the key has no access to is refused with exit 4 and named."""
    at = terminal.at(sim)
    ran = at.run("sync", "-r", "coupons", "--stripe-account", "acct_1Nobody")
    assert ran.code == 4
    assert "acct_1Nobody" in ran.line
    sim.stats.reset()
    assert at.run("sync", "-r", "coupons", "--stripe-account", sim.account.id).code == 0
    assert {e["headers"].get("stripe-account") for e in sim.stats.log} == {sim.account.id}


@pytest.mark.parametrize("kind", ["502_html", "reset", "truncate", "garbage"])
def test_faults_on_the_way_do_not_show(terminal: Terminal, sim: Simulator, kind: str) -> None:
    """A sync that meets faults ends as one that meets none."""
    sim.faults[:] = [{"path": "/v1/products", "kind": kind}, {"path": "/v1/account", "kind": kind}]
    ran = terminal.at(sim).run("sync", "-r", "products", "--json")
    assert (ran.code, ran.err) == (0, "")
    assert sim.faults[0]["seen"] == 2
    assert terminal.rows("SELECT id FROM stripe.stripe.products ORDER BY id") == ids(
        sim, "/v1/products"
    )


def test_an_address_that_would_send_the_key_in_the_clear(terminal: Terminal) -> None:
    """Plain http to another machine is refused with exit 2."""
    terminal.env |= {"STRIPE_SECRET_KEY": "sk_test_51OpenSesame"}
    terminal.env["STRIPE_API_BASE"] = "http://api.stripe.com"
    ran = terminal.run("sync")
    assert ran.code == 2
    assert "must be https" in ran.line
