"""``sync`` loads an account into ./stripe_source.duckdb, and says what it did."""

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from stripe_source.catalog import CATALOG, DEFAULT
from stripe_source.simulator import Simulator
from tests.cli.conftest import Terminal

DATABASES = "SELECT database_name, schema_name, table_name FROM duckdb_tables() ORDER BY ALL"


def ids(simulator: Simulator, path: str) -> list[tuple[str]]:
    """The ids that a list of the account has."""
    return sorted((row["id"],) for row in simulator.account.objects(path))


def test_the_default_selection(terminal: Terminal, sim: Simulator) -> None:
    """Without options the default objects land in stripe_source.duckdb under the schema stripe."""
    ran = terminal.at(sim).run("sync")
    assert ran.code == 0, ran.err
    assert [file.name for file in terminal.folder.iterdir()] == ["stripe_source.duckdb"]
    rows = [CATALOG[name] for name in DEFAULT]
    wanted = {table for row in rows for table in (*row.tables, *row.histories)}
    found = {row[2] for row in terminal.rows(DATABASES) if row[:2] == ("stripe_source", "stripe")}
    assert {name for name in found if not name.startswith("_dlt")} == wanted
    for name in DEFAULT:
        loaded = terminal.rows(f"SELECT id FROM stripe.{name} ORDER BY id")
        assert loaded == ids(sim, CATALOG[name].path), name
    filled = {n for n in wanted if terminal.rows(f"SELECT 1 FROM stripe.{n} LIMIT 1")}
    assert {line.split()[0] for line in ran.out.splitlines()} == filled | {"table"}
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
    union = " UNION ALL ".join(f"SELECT '{name}', count(*) FROM stripe.{name}" for name in CATALOG)
    counts = dict(terminal.rows(union))
    assert counts == {name: ran.json["rows"][name] for name in CATALOG}
    assert counts["invoices"] == len(account.account.objects("/v1/invoices")) > 0


def test_two_folders_are_independent(
    terminal: Terminal, made: Callable[..., Simulator], tmp_path: Path
) -> None:
    """Two accounts in two folders of one user share dlt's working folder and nothing else."""
    first, second = made(), made(account_id="acct_1Second", seed=9)
    here = terminal.at(first)
    (tmp_path / "there").mkdir()
    there = Terminal(tmp_path / "there", terminal.env).at(second)
    for at in (here, there):
        assert at.run("sync", "-r", "coupons").code == 0
    owner = "SELECT DISTINCT _account_id FROM stripe.coupons"
    assert (here.rows(owner), there.rows(owner)) == (
        [(first.account.id,)],
        [("acct_1Second",)],
    )
    before = there.tables()
    again = here.run("sync", "-r", "coupons,products")
    assert again.code == 0, again.err
    loaded = here.rows("SELECT id FROM stripe.products ORDER BY id")
    assert loaded == ids(first, "/v1/products")
    assert there.tables() == before


def test_an_address_that_would_send_the_key_in_the_clear(terminal: Terminal) -> None:
    """Plain http to another machine is refused with exit 2."""
    terminal.env |= {"STRIPE_SECRET_KEY": "sk_test_51OpenSesame"}
    terminal.env["STRIPE_API_BASE"] = "http://api.stripe.com"
    ran = terminal.run("sync")
    assert ran.code == 2
    assert "must be https" in ran.line


def test_names_and_json(terminal: Terminal, sim: Simulator) -> None:
    """What is named, with commas or option by option, is read; stdout is one JSON document.

    A progress bar that is asked for where there is no terminal leaves stdout alone.
    """
    names = ["-r", "coupons, products", "--resources", "tax_codes"]
    ran = terminal.at(sim).run("sync", *names, "--json", "--progress", "bar")
    assert ran.code == 0, ran.err
    result = ran.json
    assert result.pop("seconds") > 0
    assert result.pop("requests") >= 4
    assert result.pop("rows_per_second") > 0
    assert result.pop("requests_per_second") > 0
    assert 0 < result.pop("limit_share") < 1
    rows = {n: len(sim.account.objects(f"/v1/{n}")) for n in ("coupons", "products", "tax_codes")}
    assert result.pop("seconds_waited_for_limits") >= 0
    nothing = {name: {} for name in ("skipped", "outcomes", "misfits", "relisted", "drift")}
    nothing |= {"left": [], "accounts_left": [], "rate_limited": 0, "retried": 0}
    nothing |= dict.fromkeys(("models", "fivetran", "models_failed", "models_left"))
    accounts = [sim.account.id]
    assert result == nothing | {"accounts": accounts, "rows": rows, "exit_code": 0}
    tables = {row[2] for row in terminal.rows(DATABASES)}
    assert {name for name in tables if not name.startswith("_dlt")} == set(rows)


def test_dates_are_half_open_and_utc(terminal: Terminal, sim: Simulator) -> None:
    """A window has what was created at its start, not what was at its end, by UTC anywhere."""
    created = sorted(row["created"] for row in sim.account.objects("/v1/invoices"))
    start, end = created[10], created[30]
    assert start < end
    window = [datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S") for at in (start, end)]
    at = terminal.at(sim)
    at.env["TZ"] = "Pacific/Auckland"
    dates = ["--start-date", window[0], "--end-date", window[1]]
    assert at.run("sync", "-r", "invoices", *dates).code == 0
    loaded = terminal.rows("SELECT epoch(created)::BIGINT FROM stripe.invoices ORDER BY 1")
    assert loaded == [(second,) for second in created if start <= second < end]


def test_dataset_pipeline_name_and_account(terminal: Terminal, sim: Simulator) -> None:
    """The dataset names the schema, the pipeline the file; the connected account is asked for."""
    names = ["--dataset", "raw_stripe", "--pipeline-name", "billing"]
    sim.stats.reset()
    account = ["--stripe-account", sim.account.id]
    assert terminal.at(sim).run("sync", "-r", "coupons", *names, *account).code == 0
    assert {e["headers"].get("stripe-account") for e in sim.stats.log} == {sim.account.id}
    assert [file.name for file in terminal.folder.iterdir()] == ["billing.duckdb"]
    assert ("billing", "raw_stripe", "coupons") in terminal.rows(DATABASES, "billing")
    query = ["query", "SELECT count(*) AS n FROM coupons", "--json"]
    ran = terminal.run(*query, "--database", "billing.duckdb", "--dataset", "raw_stripe")
    assert ran.json == [{"n": len(sim.account.objects("/v1/coupons"))}]


def test_quiet_and_dlts_own_command(terminal: Terminal, sim: Simulator) -> None:
    """With --quiet nothing is said; ``dlt pipeline stripe info`` then knows the pipeline."""
    at = terminal.at(sim)
    ran = at.run("sync", "-r", "coupons", "--quiet", "--progress", "log")
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    info = subprocess.run(
        [Path(sys.executable).with_name("dlt"), "pipeline", "stripe_source", "info"],
        cwd=at.folder,
        env=at.env | {"PATH": "/usr/bin:/bin", "RUNTIME__DLTHUB_TELEMETRY": "false"},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert info.returncode == 0, info.stderr
    assert "coupons with 1 table(s)" in info.stdout


def test_quiet_still_says_errors(terminal: Terminal) -> None:
    """A sync that does not go well says so with --quiet too."""
    assert "no Stripe key" in terminal.run("sync", "-q").line


def test_faults_on_the_way_do_not_show(terminal: Terminal, sim: Simulator) -> None:
    """A sync that meets faults ends as one that meets none."""
    sim.faults[:] = [
        {"path": "/v1/account", "kind": "reset"},
        {"path": "/v1/products", "kind": "garbage"},
    ]
    ran = terminal.at(sim).run("sync", "-r", "products", "--json")
    assert (ran.code, ran.err) == (0, "")
    assert [fault["seen"] for fault in sim.faults] == [2, 2]
    loaded = terminal.rows("SELECT id FROM stripe.products ORDER BY id")
    assert loaded == ids(sim, "/v1/products")
