"""What stands in a sync's way: one line, the right exit code, and the next sync is whole."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from stripe_source.simulator import Simulator
from tests.cli.conftest import SCRIPT, Terminal, interrupt, until

HOLD = """
import duckdb, sys
held = duckdb.connect(sys.argv[1])
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def held(database: Path) -> Iterator[None]:
    """Another process has the file open for writing."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, database], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout
        assert other.stdout.readline() == b"held\n"
        yield
        other.communicate(b"")


def test_a_locked_database(terminal: Terminal, sim: Simulator) -> None:
    """While another program has the file open, sync and query say so; then they work."""
    at = terminal.at(sim)
    with held(at.folder / "stripe_source.duckdb"):
        sync = at.run("sync", "-r", "coupons")
        query = at.run("query", "FROM coupons")
    assert (sync.code, sync.out) == (1, "")
    assert "locked by another program" in sync.line
    assert (query.code, query.out) == (1, "")
    assert "lock" in query.line
    assert at.run("sync", "-r", "coupons").code == 0


def test_a_database_that_is_read_for_a_moment(terminal: Terminal, sim: Simulator) -> None:
    """A sync waits for somebody who has the file open for some seconds."""
    at = terminal.at(sim)
    database = at.folder / "stripe_source.duckdb"
    with ExitStack() as reader:
        reader.enter_context(held(database))
        with at.start("sync", "-r", "coupons") as sync:
            time.sleep(4)
            assert sync.poll() is None
            reader.close()
            sync.communicate(timeout=60)
    assert sync.returncode == 0


def test_another_sync_of_the_same_pipeline(
    terminal: Terminal, made: Callable[..., Simulator]
) -> None:
    """A second sync beside a running one is refused, and the first ends well."""
    account = made()
    account.faults.append({"path": "/v1/products", "kind": "503", "times": None})
    at = terminal.at(account)
    with at.start("sync", "-r", "coupons,products") as first:
        until(lambda: account.faults[0]["met"] > 0)
        second = at.run("sync", "-r", "coupons")
        account.faults.clear()
        first.communicate(timeout=60)
    assert second.code == 2
    assert "another sync of the pipeline 'stripe_source' is running" in second.line
    assert first.returncode == 0


def test_a_folder_in_the_databases_place(terminal: Terminal, sim: Simulator) -> None:
    """Where stripe_source.duckdb is a folder, nothing can be written: exit 1."""
    (terminal.folder / "stripe_source.duckdb").mkdir()
    ran = terminal.at(sim).run("sync", "-r", "coupons")
    assert (ran.code, ran.out) == (1, "")
    assert "database" in ran.line


def test_a_file_that_is_no_database(terminal: Terminal, sim: Simulator) -> None:
    """Another file of that name is refused and left as it is, by sync and by query."""
    file = terminal.folder / "stripe_source.duckdb"
    file.write_text("dear diary " * 1_000)
    at = terminal.at(sim)
    for ran in (at.run("sync", "-r", "coupons"), at.run("query", "SELECT 1")):
        assert (ran.code, ran.out) == (1, "")
        assert "not a" in ran.line
    assert file.read_text() == "dear diary " * 1_000


def test_a_folder_that_is_gone(terminal: Terminal, sim: Simulator) -> None:
    """Where dlt's working folder can't be made, for a file is in its place, one line says so."""
    at = terminal.at(sim)
    (terminal.folder / "taken").write_text("a file")
    at.env["DLT_DATA_DIR"] = str(terminal.folder / "taken" / "dlt")
    ran = at.run("sync", "-r", "coupons")
    assert (ran.code, ran.out) == (1, "")
    assert "folder" in ran.line


FULL = """
mount -t tmpfs -o size=2m none {folder} && cd {folder} || exit 77
{script} sync -r invoices,prices; echo "code $?"
mount -o remount,size=200m . || exit 77
{script} sync -r invoices,prices --json || exit 1
{script} query 'SELECT count(*) AS n FROM invoices' --json
"""


def test_a_full_disk(terminal: Terminal, sim: Simulator) -> None:
    """On a full disk: exit 1 and one line that says so; with room the next sync is whole."""
    at = terminal.at(sim)
    at.env["DLT_DATA_DIR"] = str(at.folder / "dlt")
    with subprocess.Popen(
        ["/usr/bin/unshare", "-m", "bash", "-c", FULL.format(folder=at.folder, script=SCRIPT)],
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"} | at.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as shell:
        out, err = shell.communicate(timeout=40)
    if shell.returncode == 77 or "Operation not permitted" in err:
        pytest.skip("a small disk needs the right to mount one")
    assert out.startswith("code 1\n"), out + err
    assert len(err.splitlines()) == 1, err
    assert "full" in err
    assert shell.returncode == 0, out
    count = len(sim.account.objects("/v1/invoices"))
    assert f'"n": {count}' in out


def test_files_that_may_not_grow(terminal: Terminal, sim: Simulator) -> None:
    """Where a limit keeps files small, which needs no rights to try, one line says so."""
    at = terminal.at(sim)
    with subprocess.Popen(
        ["/bin/bash", "-c", f"ulimit -f 40; exec {SCRIPT} sync -r invoices,prices"],
        cwd=at.folder,
        # Python would leave its own cache of the package cut short.
        env={"PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"} | at.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as limited:
        out, err = limited.communicate(timeout=120)
    assert (limited.returncode, out) == (1, "")
    assert len(err.splitlines()) == 1, err
    assert "full" in err or "too large" in err


def test_a_database_that_was_cut_short(terminal: Terminal, sim: Simulator) -> None:
    """What a full disk left of a new file can't be opened: one line says that it is the file."""
    (terminal.folder / "stripe_source.duckdb").write_bytes(b"\0" * 8 + b"DUCK" + b"\0" * 1_012)
    ran = terminal.at(sim).run("sync", "-r", "coupons")
    assert (ran.code, ran.out) == (1, "")
    assert "database" in ran.line


def test_ctrl_c(terminal: Terminal, made: Callable[..., Simulator]) -> None:
    """Interrupted while it waits for Stripe, a sync ends at once; the next one is whole."""
    account = made(customers=30, years=1)
    account.faults.append({"path": "/v1/customers", "kind": "stall", "seconds": 40})
    at = terminal.at(account)
    with at.start("sync", "-r", "customers,invoices") as process:
        until(lambda: account.faults[0]["met"] > 0)
        seconds = interrupt(process)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert seconds < 20
    assert out == ""
    # click ends the line of the terminal's ^C first
    assert err.startswith("\nError: interrupted; what was done stays")
    assert err.count("\n") == 2
    account.faults.clear()
    assert at.run("sync", "-r", "customers,invoices").code == 0
    for name in ("customers", "invoices"):
        wanted = sorted((row["id"],) for row in account.account.objects(f"/v1/{name}"))
        assert terminal.rows(f"SELECT id FROM stripe.{name} ORDER BY id") == wanted


def test_ctrl_c_while_loading(terminal: Terminal, sim: Simulator) -> None:
    """Interrupted while it writes, a sync ends with 130, and the next one is whole."""
    at = terminal.at(sim)
    with at.start("sync", "-r", "invoices") as process:
        until((at.folder / "stripe_source.duckdb").exists)
        interrupt(process)
        process.communicate(timeout=60)
    assert process.returncode == 130
    assert at.run("sync", "-r", "invoices").code == 0
    wanted = sorted((row["id"],) for row in sim.account.objects("/v1/invoices"))
    assert terminal.rows("SELECT id FROM stripe.invoices ORDER BY id") == wanted


def test_output_into_a_pipe_that_closes(terminal: Terminal, sim: Simulator) -> None:
    """A reader that has seen enough, like ``head``, is no error."""
    with terminal.at(sim).start("check", "-r", "coupons", "--json") as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.wait(timeout=60) == 0
        assert process.stderr.read() == ""


def test_an_error_that_nobody_foresaw(terminal: Terminal, sim: Simulator) -> None:
    """An error of a library's own ends the command at once, with its reason on one line."""
    at = terminal.at(sim)
    at.env["DESTINATION__POSTGRES__CREDENTIALS"] = "postgresql://u:p@127.0.0.1:9/nowhere"
    ran = at.run("sync", "-r", "coupons", "--destination", "postgres")
    assert ran.code == 1
    assert "127.0.0.1" in ran.line
    assert len(ran.err.splitlines()) == 1


def test_packages_that_are_missing(terminal: Terminal) -> None:
    """A destination whose driver is not installed: one line says what to install, before all."""
    for name, package in (("snowflake", "stripe-source"), ("qdrant", "dlt")):
        sync = terminal.run("sync", "-r", "coupons", "--destination", name)
        assert (sync.code, sync.out) == (2, "")
        assert sync.line == (
            f"Error: the destination '{name}' needs more packages: pip install '{package}[{name}]'"
        )


def test_packages_that_are_missing_later(terminal: Terminal, sim: Simulator) -> None:
    """Where it is a bucket's address that asks for them, likewise."""
    at = terminal.at(sim)
    at.env["DESTINATION__FILESYSTEM__BUCKET_URL"] = "az://nowhere"
    sync = at.run("sync", "-r", "coupons", "--destination", "filesystem")
    assert (sync.code, sync.out) == (2, "")
    assert "pip install" in sync.line
    assert "az" in sync.line


def test_credentials_that_are_missing(terminal: Terminal, sim: Simulator) -> None:
    """A destination without its configuration is wrong usage; what is missing is named."""
    ran = terminal.at(sim).run("sync", "-r", "coupons", "--destination", "postgres")
    assert ran.code == 2
    assert "password" in ran.line


def test_trouble_is_said_even_quietly(terminal: Terminal, sim: Simulator) -> None:
    """With --quiet, what the key may not read is still an error line."""
    sim.add_key("rk_test_onlycoupons0001", {"rak_coupon_read"})
    at = terminal.at(sim, "rk_test_onlycoupons0001")
    ran = at.run("sync", "-r", "coupons,invoices", "--quiet")
    assert (ran.code, ran.out) == (3, "")
    assert "invoices is left out" in ran.line
