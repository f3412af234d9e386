"""Both servers, empty, each on a free port of this machine."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from stripe_source.simulator import Simulator, SimulatorConfig
from stripe_source.simulator.config import DEFAULT_NOW as NOW

LAUNCH = f"""
import socket
from types import SimpleNamespace
from aiohttp import web
from localstripe import resources, server

resources.time = SimpleNamespace(time=lambda: {NOW})
resources.Store.dump_to_disk = lambda store: None
bound = socket.create_server(("127.0.0.1", 0))
print(bound.getsockname()[1], flush=True)
web.run_app(server.app, sock=bound, print=None, access_log=None)
"""
"""What ``localstripe --from-scratch`` runs, but on the loopback alone, on a port that the system
chooses, without the state file, which has one fixed place for all that run on a machine, and with
a clock that stands still, as the simulator's does: it sorts some lists by the second."""


@contextmanager
def localstripe() -> Iterator[str]:
    """The address of a localstripe; it ends with the block."""
    environment = {**os.environ, "TZ": "UTC"}
    with subprocess.Popen(
        [sys.executable, "-c", LAUNCH], stdout=subprocess.PIPE, env=environment, text=True
    ) as process:
        try:
            assert process.stdout is not None
            port = process.stdout.readline().strip()
            assert port, "localstripe did not start"
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(timeout=10)


@contextmanager
def simulator() -> Iterator[str]:
    """The address of an account without a business."""
    with Simulator(SimulatorConfig(customers=0, fixtures=0, now=NOW)) as made:
        yield made.url
