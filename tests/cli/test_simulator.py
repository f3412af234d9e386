"""``simulator`` serves an account until told to end; ``demo`` shows what to do with one."""

import re
import signal
import socket
import time
from pathlib import Path

import pytest
import urllib3

from stripe_source.cli.demo import FIRST_QUERY
from stripe_source.simulator import Simulator
from tests.cli.conftest import Terminal, interrupt

SIZE = ["--customers", "2", "--years", "0.1"]
LINE = re.compile(r"STRIPE_API_BASE=(\S+) STRIPE_SECRET_KEY=(\S+)")


def test_it_serves_at_a_free_port(terminal: Terminal) -> None:
    """With --port 0 the port that it took is told, with a key, and answers."""
    with terminal.start("simulator", "--port", "0", *SIZE) as process:
        try:
            assert process.stderr
            assert "serving 2 customers" in process.stderr.readline()
            told = LINE.fullmatch(process.stderr.readline().strip())
            assert told
            headers = {"Authorization": f"Bearer {told[2]}"}
            answer = urllib3.request(
                "GET", f"{told[1]}/v1/customers", headers=headers, retries=False
            )
            assert answer.status == 200
            assert len(answer.json()["data"]) == 2
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_a_signal(terminal: Terminal, number: int) -> None:
    """The address that is printed is the one that is served, and a signal ends it in peace."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with terminal.start("simulator", "--port", port, *SIZE) as process:
        try:
            assert process.stderr
            process.stderr.readline()
            told = LINE.fullmatch(process.stderr.readline().strip())
            assert told
            assert told[1] == f"http://127.0.0.1:{port}"
            retry = urllib3.Retry(connect=8, backoff_factor=0.05)
            headers = {"Authorization": f"Bearer {told[2]}"}
            url = f"{told[1]}/v1/account"
            assert urllib3.request("GET", url, headers=headers, retries=retry).status == 200
            assert interrupt(process, number) < 3
        finally:
            process.kill()
        assert "Traceback" not in process.stderr.read()
    assert process.returncode in (0, 130)


def test_connected_faults_limits_and_changes(terminal: Terminal, tmp_path: Path) -> None:
    """Connect accounts, scripted faults, Stripe's limits and live changes, all by options."""
    script = tmp_path / "faults.json"
    script.write_text('[{"path": "/v1/customers", "kind": "503"}]')
    options = ["--connected", "2", "--faults", script, "--limits", "sandbox", "--live", "30"]
    with terminal.start("simulator", "--port", "0", *SIZE, *options) as process:
        try:
            assert process.stderr
            process.stderr.readline()
            told = LINE.fullmatch(process.stderr.readline().strip())
            assert told
            others = [process.stderr.readline().split()[-1] for _ in range(2)]

            def get(path: str, **more: str) -> urllib3.BaseHTTPResponse:
                headers = {"Authorization": f"Bearer {told[2]}"} | more
                return urllib3.request("GET", told[1] + path, headers=headers, retries=False)

            assert get("/v1/customers").status == 503
            customers = get("/v1/customers", **{"Stripe-Account": others[1]})
            assert (customers.status, len(customers.json()["data"])) == (200, 2)
            config = get("/_sim/config").json()
            assert (config["global_rate"], config["live"], config["connected"]) == (25, 30, 2)
            before = get("/v1/events?limit=1").json()["data"]
            deadline = time.monotonic() + 10
            while get("/v1/events?limit=1").json()["data"] == before:
                assert time.monotonic() < deadline
                time.sleep(0.1)
        finally:
            process.kill()


@pytest.mark.parametrize(("arguments", "line"), [
    (["--customers", "-1"], "--customers must be from 0 to 10,000,000, not -1"),
    (["--years", "0"], "--years must be from 0.01 to 100, not 0"),
    (["--connected", "-1"], "--connected must be from 0"), (["--live", "-2"], "--live must be"),
    (["--live", "nan"], "--live must be from 0 to 1,000, not nan"),
    (["--port", "70000"], "--port must be from 0 to 65,535, not 70,000"),
    (["--limits", "prod"], "'prod' is not one of 'live', 'sandbox'"),
    (["--faults", "none.json"], "none.json: No such file or directory"),
])  # fmt: skip
def test_wrong_options(terminal: Terminal, arguments: list[str], line: str) -> None:
    """A value that can't be meant is one line and exit 2."""
    ran = terminal.run("simulator", "--port", "0", *arguments)
    assert (ran.code, "Traceback" in ran.err) == (2, False)
    assert line in ran.err.splitlines()[-1]


@pytest.mark.parametrize(("text", "line"), [
    ("[{", "faults.json: no JSON"), ('{"kind": "slow"}', "'kind' of a fault is 'slow'"),
    ('[{"kind": "500", "pth": "/"}]', "unknown key 'pth' in a fault"),
])  # fmt: skip
def test_wrong_faults(terminal: Terminal, tmp_path: Path, text: str, line: str) -> None:
    """A script with a slip in it is told in one line before anything is served, with exit 2."""
    file = tmp_path / "faults.json"
    file.write_text(text)
    ran = terminal.run("simulator", "--port", "0", "--faults", file)
    assert ran.code == 2
    assert [line in each for each in ran.err.splitlines()] == [True]


def test_a_port_that_is_taken(terminal: Terminal, sim: Simulator) -> None:
    """Where another program listens, one line says so with exit 1."""
    ran = terminal.run("simulator", "--port", sim.port, *SIZE)
    assert ran.code == 1
    assert "in use" in ran.err.splitlines()[-1]
    assert ran.err.count("Error: ") == 1
    assert "Traceback" not in ran.err


def test_demo(terminal: Terminal) -> None:
    """The demo needs no key, leaves a database behind and answers its question from it."""
    terminal.env |= {"SOURCES__STRIPE_SOURCE__REQUESTS_PER_SECOND": "500"}
    ran = terminal.run("demo", "--customers", "20", "--json")
    assert ran.code == 0, ran.err
    assert "20 customers" in ran.err
    assert ran.json["sync"]["rows"]["customers"] >= 18
    assert ran.json["query"] == FIRST_QUERY.strip()
    months = [row["month"] for row in ran.json["answer"]]
    assert months == sorted(months, reverse=True)
    assert len(months) == 6
    assert all(float(row["mrr"]) > 0 for row in ran.json["answer"])
    again = terminal.run("query", ran.json["query"], "--json")
    assert again.json == ran.json["answer"]
    other = terminal.run("demo", "--customers", "21")
    assert other.code == 2
    assert "holds another account" in other.err.splitlines()[-1]
