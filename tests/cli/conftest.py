"""The installed command, run as users run it: in a folder of its own, with an environment."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pytest

from stripe_source.simulator import Simulator, SimulatorConfig

SCRIPT = Path(sys.executable).with_name("stripe-source")
RATE = "SOURCES__STRIPE_SOURCE__REQUESTS_PER_SECOND"
ENDPOINT_RATE = "SOURCES__STRIPE_SOURCE__ENDPOINT_REQUESTS_PER_SECOND"


@dataclass
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def line(self) -> str:
        """What it said on stderr, which has to be one line without a traceback."""
        lines = self.err.splitlines()
        assert len(lines) == 1, self.err
        assert lines[0].startswith("Error: "), self.err
        return lines[0]

    @property
    def json(self) -> Any:
        """Its stdout, which has to be one JSON document."""
        return orjson.loads(self.out)


class Running(subprocess.Popen[str]):
    """A command under way; it does not outlive its ``with``, however a test ends."""

    def __exit__(self, *exc: Any) -> None:
        self.kill()
        super().__exit__(*exc)


@dataclass
class Terminal:
    """A folder and an environment to run commands in."""

    folder: Path
    env: dict[str, str] = field(default_factory=dict)

    def start(self, *args: object) -> Running:
        """Start the command and leave it running."""
        return Running(
            [SCRIPT, *map(str, args)],
            cwd=self.folder,
            env=os.environ | self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *args: object) -> Ran:
        """Run the command to its end; one that hangs fails the test, after two minutes."""
        with self.start(*args) as process:
            out, err = process.communicate(timeout=120)
        return Ran(process.returncode, out, err)

    def at(self, simulator: Simulator, key: str | None = None) -> "Terminal":
        """The same with a simulated account and a key to it, and without waiting for limits."""
        access = {"STRIPE_SECRET_KEY": key or simulator.api_key, "STRIPE_API_BASE": simulator.url}
        return Terminal(self.folder, self.env | access | {RATE: "5000", ENDPOINT_RATE: "5000"})

    def rows(self, sql: str, database: str = "stripe_source") -> list[tuple[Any, ...]]:
        """Ask a DuckDB file in the folder."""
        with duckdb.connect(str(self.folder / f"{database}.duckdb"), read_only=True) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            return connection.execute(sql).fetchall()

    def tables(self, database: str = "stripe_source") -> dict[str, list[tuple[Any, ...]]]:
        """Everything that is in a DuckDB file in the folder."""
        names = self.rows(
            "SELECT schema_name, table_name FROM duckdb_tables() ORDER BY ALL", database
        )
        return {
            f"{schema}.{table}": self.rows(
                f'FROM "{database}"."{schema}"."{table}" ORDER BY ALL', database
            )
            for schema, table in names
        }


def interrupt(process: Running, number: int = signal.SIGINT) -> float:
    """Send a signal, and return the seconds until the process has ended."""
    started = time.monotonic()
    process.send_signal(number)
    process.wait(timeout=60)
    return time.monotonic() - started


def until(happened: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """An empty folder, no key, and dlt's files beside it."""
    folder = tmp_path / "work"
    folder.mkdir()
    home = {"HOME": str(tmp_path), "DLT_DATA_DIR": str(tmp_path / "dlt"), "COLUMNS": "100"}
    home["STRIPE_MODELS__DEPLOY"] = "false"  # but where models are the subject
    return Terminal(folder, home)


@pytest.fixture(scope="session")
def sim() -> Iterator[Simulator]:
    """A small account that the tests only read; they may add keys."""
    with Simulator(SimulatorConfig(seed=3, customers=8, years=1, fixtures=1)) as simulator:
        yield simulator


@pytest.fixture
def made() -> Iterator[Callable[..., Simulator]]:
    """Tiny accounts of the test's own."""
    running: list[Simulator] = []

    def make(**settings: Any) -> Simulator:
        size = {"customers": 2, "years": 0.2, "fixtures": 1}
        running.append(Simulator(SimulatorConfig(**(size | settings))).start())
        return running[-1]

    yield make
    for simulator in running:
        simulator.stop()
