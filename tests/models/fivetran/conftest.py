"""An account in which every column of Fivetran's tables is filled, in DuckDB and in Postgres."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import dlt
import pytest

from stripe_source.models import FIVETRAN
from stripe_source.models.warehouse import warehouse
from stripe_source.simulator import Simulator, SimulatorConfig
from tests.models.conftest import Modelled, Row, in_duckdb, in_postgres, rows_of, time_of
from tests.models.fivetran.objects import add_ten_of_each


class Column(NamedTuple):
    """One that Fivetran's schema declares; ``level`` E reaches one of the models made for it."""

    table: str
    column: str
    type: str
    level: str


def declared() -> list[Column]:
    """All 570, from https://github.com/fivetran/dbt_stripe, release 1.10.1."""
    text = (Path(__file__).parent / "columns.tsv").read_text(encoding="utf-8")
    return [Column(**row) for row in csv.DictReader(text.splitlines(), delimiter="\t")]


@dataclass
class Shaped:
    """A warehouse with the views, whose rows are read once."""

    modelled: Modelled
    _read: dict[str, list[Row]] = field(default_factory=dict)

    @property
    def now(self) -> str:
        """The account's time."""
        return str(self.modelled.now)

    def rows(self, view: str) -> list[Row]:
        """All rows of a view."""
        if view not in self._read:
            with warehouse(self.modelled.pipeline, FIVETRAN) as place:
                self._read[view] = rows_of(place, view)
        return self._read[view]

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query, in which {raw} and {views} are the schemas."""
        with warehouse(self.modelled.pipeline, FIVETRAN) as place:
            return place.select(query.format(raw=place.schemas.raw, views=place.schemas.models))


@dataclass
class Full:
    """The same account in both."""

    duckdb: Shaped
    postgres: Shaped

    def __iter__(self) -> Iterator[Shaped]:
        """First DuckDB."""
        return iter((self.duckdb, self.postgres))


@pytest.fixture(scope="session")
def full(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Full:
    """A business, ten objects of each kind of which all is known, and a connected account."""
    folder = tmp_path_factory.mktemp("fivetran")
    config = SimulatorConfig(seed=21, customers=15, years=1, fixtures=1, connected=1)
    with pytest.MonkeyPatch.context() as patch, Simulator(config) as simulator:
        patch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")
        patch.setenv("DLT_DATA_DIR", str(folder / "dlt"))
        add_ten_of_each(simulator)
        connected = next(name for name in simulator.accounts if name != simulator.account.id)
        made = Full(
            Shaped(in_duckdb(folder, "fivetran_duckdb")),
            Shaped(in_postgres(folder, "fivetran_postgres", postgres)),
        )
        for each in made:
            each.modelled.now = time_of(simulator)
            result = each.modelled.sync(simulator, resources=None, fivetran=True)
            assert result.fivetran is not None, result.models_failed
            assert not result.misfits
            beside(each.modelled, folder).sync(
                simulator, resources=None, also="fivetran", stripe_account=connected
            )
    return made


def beside(modelled: Modelled, folder: Path) -> Modelled:
    """Another pipeline into the same dataset, for another account."""
    pipeline = dlt.pipeline(
        f"{modelled.pipeline.pipeline_name}_connected",
        destination=modelled.pipeline.destination,
        dataset_name=modelled.pipeline.dataset_name,
        pipelines_dir=str(folder / "dlt"),
    )
    return Modelled(pipeline)
