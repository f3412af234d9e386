"""What stands in a sync's way: one line, the right exit code, and the next sync is whole."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
    """While another program has the file open, sync and query say so; afterwards both work."""
    at = terminal.at(sim)
    assert at.run("sync", "-r", "coupons").code == 0
    with held(at.folder / "stripe.duckdb"):
        sync = at.run("sync", "-r", "coupons")
        query = at.run("query", "FROM coupons")
    assert (sync.code, sync.out) == (1, "")
    assert "locked by another program" in sync.line
    assert (query.code, query.out) == (1, "")
    assert "lock" in query.line
    assert at.run("sync", "-r", "coupons,products").code == 0


def test_another_sync_of_the_same_pipeline(
    terminal: Terminal, made: Callable[..., Simulator]
) -> None:
    """A second sync beside a running one is refused, and the first ends well."""
    account = made(latency_ms=(400, 400))
    at = terminal.at(account)
    with at.start("sync", "-r", "coupons,products") as first:
        until(lambda: account.stats.requests >= 2)
        second = at.run("sync", "-r", "coupons")
        first.communicate(timeout=20)
    assert second.code == 2
    assert "another sync of the pipeline 'stripe' is running" in second.line
    assert first.returncode == 0


def test_a_folder_in_the_databases_place(terminal: Terminal, sim: Simulator) -> None:
    """Where stripe.duckdb is a folder, nothing can be written: exit 1."""
    (terminal.folder / "stripe.duckdb").mkdir()
    ran = terminal.at(sim).run("sync", "-r", "coupons")
    assert (ran.code, ran.out) == (1, "")
    assert "database" in ran.line


def test_a_file_that_is_no_database(terminal: Terminal, sim: Simulator) -> None:
    """Another file of that name is refused and left as it is, by sync and by query."""
    file = terminal.folder / "stripe.duckdb"
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


@pytest.mark.parametrize("kilobytes", [1, 40, 600])
def test_a_full_disk(terminal: Terminal, sim: Simulator, kilobytes: int) -> None:
    """Where files can't grow any further: exit 1, one line, and with room the next sync is whole.

    The limit meets dlt's working files, Parquet or the database, by its size.
    """
    at = terminal.at(sim)
    with subprocess.Popen(
        ["bash", "-c", f"ulimit -f {kilobytes}; exec {SCRIPT} sync -r invoices,prices"],
        cwd=at.folder,
        env={"PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"} | at.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as full:
        out, err = full.communicate(timeout=30)
    assert (full.returncode, out) == (1, "")
    assert len(err.splitlines()) == 1, err
    assert "full" in err
    again = at.run("sync", "-r", "invoices,prices")
    assert again.code == 0, again.err
    count = len(sim.account.objects("/v1/invoices"))
    assert terminal.rows("SELECT count(*) FROM stripe.stripe.invoices") == [(count,)]


@pytest.mark.parametrize("after", [2, 4])
def test_ctrl_c(terminal: Terminal, made: Callable[..., Simulator], after: int) -> None:
    """Interrupted while it waits for Stripe, a sync ends at once with 130; the next one is whole."""
    account = made(customers=30, years=1, latency_ms=(600, 600))
    at = terminal.at(account)
    with at.start("sync", "-r", "customers,invoices") as process:
        until(lambda: account.stats.requests >= after)
        seconds = interrupt(process)
        out, err = process.communicate(timeout=5)
    assert process.returncode == 130
    assert seconds < 3
    assert (out, len(err.splitlines())) == ("", 1)
    assert err.startswith("Error: interrupted; what was loaded stays")
    account.config.latency_ms = (0, 0)
    assert at.run("sync", "-r", "customers,invoices").code == 0
    for name in ("customers", "invoices"):
        wanted = sorted((row["id"],) for row in account.account.objects(f"/v1/{name}"))
        assert terminal.rows(f"SELECT id FROM stripe.stripe.{name} ORDER BY id") == wanted


def test_ctrl_c_while_loading(terminal: Terminal, sim: Simulator) -> None:
    """Interrupted while it writes, a sync ends with 130, and the next one is whole."""
    at = terminal.at(sim)
    with at.start("sync") as process:
        until((at.folder / "stripe.duckdb").exists)
        interrupt(process)
        process.communicate(timeout=5)
    assert process.returncode == 130
    assert at.run("sync").code == 0
    wanted = sorted((row["id"],) for row in sim.account.objects("/v1/invoices"))
    assert terminal.rows("SELECT id FROM stripe.stripe.invoices ORDER BY id") == wanted


def test_ctrl_c_while_stripe_is_down(
    terminal: Terminal, made: Callable[..., Simulator]
) -> None:
    """In the long waits between attempts, Ctrl-C ends it too."""
    account = made()
    account.faults.append({"kind": "503", "times": 1_000})
    with terminal.at(account).start("sync") as process:
        until(lambda: account.stats.requests >= 2)
        assert interrupt(process) < 3
        process.communicate(timeout=5)
    assert process.returncode == 130


def test_killed(terminal: Terminal, made: Callable[..., Simulator]) -> None:
    """After kill -9 in the middle the next sync is whole."""
    account = made(customers=30, years=1, latency_ms=(200, 200))
    at = terminal.at(account)
    with at.start("sync", "-r", "customers,invoices") as process:
        until(lambda: account.stats.requests >= 4)
        interrupt(process, signal.SIGKILL)
    account.config.latency_ms = (0, 0)
    assert at.run("sync", "-r", "customers,invoices").code == 0
    wanted = sorted((row["id"],) for row in account.account.objects("/v1/invoices"))
    assert terminal.rows("SELECT id FROM stripe.stripe.invoices ORDER BY id") == wanted


def test_output_into_a_pipe_that_closes(terminal: Terminal, sim: Simulator) -> None:
    """A reader that has seen enough, like ``head``, is no error."""
    with terminal.at(sim).start("check", "--all", "--json") as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.wait(timeout=10) == 0
        assert process.stderr.read() == ""
