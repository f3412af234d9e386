"""A simulated account over HTTP, and pipelines into real databases."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dlt
import duckdb
import pytest

from stripe_source.pipeline import sync
from stripe_source.result import SyncResult
from stripe_source.simulator import Simulator, SimulatorConfig
from stripe_source.source import stripe_source
from stripe_source.tables.loads import LOAD

FAST = {"requests_per_second": 5_000.0, "endpoint_requests_per_second": 5_000.0}


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each test in a folder of its own, with no key in the environment and no telemetry."""
    for name in list(os.environ):
        if name.startswith(("STRIPE_", "SOURCES__", "DESTINATION__")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")
    monkeypatch.setenv("DLT_DATA_DIR", str(tmp_path / "dlt"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def business() -> Iterator[Simulator]:
    """A seeded business of two years, for tests that only read it."""
    with Simulator(SimulatorConfig(seed=7, customers=120, years=2, ties=30)) as simulator:
        yield simulator


@pytest.fixture
def account() -> Iterator[Simulator]:
    """A small account for tests that change it."""
    with Simulator(SimulatorConfig(seed=3, customers=8, years=1, fixtures=1)) as simulator:
        yield simulator


class Warehouse:
    """A DuckDB file and the pipeline that fills it."""

    def __init__(self, folder: Path, name: str = "stripe") -> None:
        from stripe_source.destination import duckdb as destination

        self.file = folder / f"{name}.duckdb"
        self.pipeline = dlt.pipeline(
            name, destination=destination(str(self.file)), dataset_name="stripe"
        )

    def sync(self, simulator: Simulator, *resources: str, **source: Any) -> SyncResult:
        """Sync from a simulator, without waiting for limits."""
        options = {"stripe_secret_key": simulator.api_key, "api_base": simulator.url, **FAST}
        names = {"resources": list(resources)} if resources else {}
        return sync(self.pipeline, **(options | names | source))

    def run(
        self,
        simulator: Simulator,
        *resources: str,
        only: list[str] | None = None,
        **source: Any,
    ) -> None:
        """The same by a plain dlt run; ``only`` some of the tables."""
        options = {"stripe_secret_key": simulator.api_key, "api_base": simulator.url, **FAST}
        made = stripe_source(list(resources) or None, **(options | source))
        self.pipeline.run(made.with_resources(*only) if only else made)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query, with the tables' schema as the current one."""
        with duckdb.connect(str(self.file), read_only=True) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute(f'USE "{self.file.stem}"."stripe"')
            return connection.execute(query).fetchall()

    def table(self, name: str) -> list[dict[str, Any]]:
        """A table as dicts, without which load brought a row."""
        with duckdb.connect(str(self.file), read_only=True) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            table = f'"{self.file.stem}"."stripe"."{name}"'
            cursor = connection.execute(f"SELECT * EXCLUDE ({LOAD.name}) FROM {table}")
            names = [column[0] for column in cursor.description or []]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def state(self, resource: str, simulator: Simulator) -> dict[str, Any]:
        """The cursor state of a resource."""
        sources = self.pipeline.state["sources"]["stripe_source"]
        state: dict[str, Any] = sources["resources"][resource][simulator.account.id]
        return state


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    """An empty ``stripe.duckdb``."""
    return Warehouse(tmp_path)


@pytest.fixture
def make_warehouse(tmp_path: Path) -> Callable[[str], Warehouse]:
    """More than one of them."""
    return lambda name: Warehouse(tmp_path, name)
