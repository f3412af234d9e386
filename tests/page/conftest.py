"""A simulated business with all that the models read, as it was at the end of October 2026."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from stripe_source.models.warehouse import warehouse as opened
from stripe_source.page import Figures, read_figures, render
from stripe_source.simulator import Simulator, SimulatorConfig
from stripe_source.status import restored
from tests.conftest import Warehouse
from tests.page.parsed import Page

NOW = "2026-10-31T12:00:00Z"
HOSTILE = "</script><img src=x onerror=alert(1)>&\"'`\u2028"


def figures_of(warehouse: Warehouse) -> Figures:
    """What a report reads from a warehouse."""
    destination = warehouse.pipeline.destination
    assert destination
    with (
        restored(destination, "stripe", warehouse.pipeline.pipeline_name) as (pipeline, source),
        opened(pipeline) as there,
    ):
        return read_figures(there, source)


@dataclass
class Reported:
    """A business, and the report on it."""

    warehouse: Warehouse
    figures: Figures
    html: str
    page: Page

    def view(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of the models, asked without our code."""
        return self.warehouse.rows(query.replace("FROM ", 'FROM "shop".stripe_models.'))


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reported]:
    """A business of two and a half years, with a hostile name in each customer and each number."""
    folder: Path = tmp_path_factory.mktemp("reported")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DLT_DATA_DIR", str(folder / "dlt"))
        patch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")
        patch.setenv("STRIPE_MODELS__NOW", NOW)
        patch.chdir(folder)
        with Simulator(SimulatorConfig(seed=5, customers=120, years=2.5)) as simulator:
            for path, field in (("/v1/customers", "name"), ("/v1/invoices", "number")):
                for row in simulator.account.objects(path):
                    changes = {field: f"{row[field]} {HOSTILE}"}
                    simulator.account.update(path, row["id"], changes, event=None)
            warehouse = Warehouse(folder, "shop")
            warehouse.sync(simulator, "models")
        figures = figures_of(warehouse)
        html = render(figures)
        yield Reported(warehouse, figures, html, Page(html))
