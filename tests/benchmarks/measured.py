"""One run of a command, measured from outside: time, CPU, memory, and its working files."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from tests.benchmarks.account import Served

LOOK_EVERY = 0.05  # seconds


@dataclass(frozen=True)
class Run:
    """What a command took. ``memory`` and ``files`` are bytes at their most, ``cpu`` seconds."""

    seconds: float
    cpu: float
    memory: int
    files: int
    said: dict[str, Any]


def sync(account: Served, folder: Path, *arguments: str, limits: bool = False) -> Run:
    """``stripe-source sync`` of an account, from the command to tables that can be queried.

    Without ``limits`` the client does not keep to Stripe's either.
    """
    settings = {"STRIPE_SECRET_KEY": account.key, "STRIPE_API_BASE": account.url}
    if not limits:
        unlimited = str(1_000_000)
        settings["SOURCES__STRIPE_SOURCE__REQUESTS_PER_SECOND"] = unlimited
        settings["SOURCES__STRIPE_SOURCE__ENDPOINT_REQUESTS_PER_SECOND"] = unlimited
    command = ["-m", "stripe_source", "sync", "--json", "--progress", "off", *arguments]
    return measured(command, folder, settings)


def measured(arguments: Sequence[str], folder: Path, settings: Mapping[str, str]) -> Run:
    """Run Python with these arguments in a folder, until it ends well.

    What it prints is JSON. dlt's working files are apart from the database in the folder.
    """
    working = folder / "dlt"
    environment = {
        **os.environ,
        **settings,
        "DLT_DATA_DIR": str(working),
        "RUNTIME__DLTHUB_TELEMETRY": "false",
    }
    began = monotonic()
    with (folder / "out").open("w+") as out, (folder / "err").open("w+") as err:
        process = subprocess.Popen(
            [sys.executable, *arguments], cwd=folder, env=environment, stdout=out, stderr=err
        )
        done = threading.Event()
        most = [0]
        watcher = threading.Thread(target=_watch, args=(working, most, done))
        watcher.start()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = monotonic() - began
        done.set()
        watcher.join()
        out.seek(0)
        err.seek(0)
        if process.returncode != 0:
            raise RuntimeError(f"{arguments}: exit code {process.returncode}\n{err.read()}")
        said = json.loads(out.read())
    return Run(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024, most[0], said)


def _watch(folder: Path, most: list[int], done: threading.Event) -> None:
    while not done.wait(LOOK_EVERY):
        most[0] = max(most[0], size_of(folder))


def size_of(folder: Path) -> int:
    """Bytes of the files in a folder, whatever becomes of them meanwhile."""
    total = 0
    for where, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(where) / name).stat().st_size
            except FileNotFoundError:
                continue
    return total
