"""The blocking server of the CLI."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import urllib3

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_serve_ends_cleanly(stop: signal.Signals) -> None:
    """serve() answers, prints nothing, and ends with 0 on SIGINT and on SIGTERM."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    code = (
        "from stripe_source.simulator import SimulatorConfig, serve;"
        f"serve(SimulatorConfig(customers=2, years=0.1), port={port})"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=ROOT
    ) as server:
        try:
            assert answers(f"http://127.0.0.1:{port}/_sim/stats")
            server.send_signal(stop)
            printed, _ = server.communicate(timeout=10)
        finally:
            server.kill()
    assert (server.returncode, printed) == (0, b"")


def answers(url: str) -> bool:
    """Whether something serves there within ten seconds."""
    for _ in range(200):
        try:
            return urllib3.request("GET", url, retries=False, timeout=2).status == 200
        except urllib3.exceptions.HTTPError:
            time.sleep(0.05)
    return False
