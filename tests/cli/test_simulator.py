"""``simulator`` serves an account until told to end; ``demo`` shows what to do with one."""

import re
import signal
import socket

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
    paid = [row["paid_minor_units"] for row in ran.json["answer"]]
    assert paid == sorted(paid, reverse=True)
    assert len(paid) == 5
    again = terminal.run("query", ran.json["query"], "--json")
    assert again.json == ran.json["answer"]
