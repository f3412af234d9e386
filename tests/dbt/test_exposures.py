"""What reads the models is in the project, too."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from stripe_source.dbt import offline
from stripe_source.dbt.exposures import exposures_file
from stripe_source.models.warehouse import Warehouse
from stripe_source.page import read_figures
from tests.models.conftest import Modelled

SOURCE = {"account": {"account": "acct_1", "livemode": False}}


class Recording(Warehouse):
    """A warehouse that notes which views are asked for."""

    asked: set[str]

    def view(self, name: str) -> str:
        """The name of a view, noted."""
        self.asked.add(name)
        return super().view(name)


def exposures() -> dict[str, dict[str, object]]:
    """The exposures of an export for DuckDB, by their names."""
    text = exposures_file(offline("duckdb", "stripe", Path("stripe_source.duckdb")))
    return {each["name"]: each for each in yaml.safe_load(text)["exposures"]}


@pytest.mark.parametrize("modelled", ["duckdb"], indirect=True)
def test_the_report(modelled: Modelled) -> None:
    """The report depends on the models that it asks for when it is made, and on no others."""
    with modelled.place() as place:
        recording = Recording(place.client, place.schemas, place.loaded)
        recording.asked = set()
        read_figures(recording, SOURCE)
    report = exposures()["stripe_report"]
    assert set(report["depends_on"]) == {
        f"ref('stripe_source', '{name}')" for name in recording.asked
    }


def test_plays(tmp_path: Path) -> None:
    """Each play in ./plays is an application that depends on what it watches; others are left."""
    webhook = '[webhook]\nurl = "https://example.com"\n'
    for name, model in (
        ("over-due", "invoices_overdue"),
        ("over_due", "raw.invoices"),
        ("else", "finance.budget"),
    ):
        (tmp_path / "plays").mkdir(exist_ok=True)
        text = f'model = "{model}"\non = ["added"]\ndescription = "{{{{ now }}}}"\n{webhook}'
        (tmp_path / "plays" / f"{name}.toml").write_text(text)
    found = exposures()
    assert set(found) == {"stripe_report", "play_over_due", "play_over__due"}
    assert found["play_over_due"]["depends_on"] == ["ref('stripe_source', 'invoices_overdue')"]
    assert found["play_over__due"]["depends_on"] == ["source('stripe', 'invoices')"]
    assert found["play_over_due"]["description"].startswith("{{ '{{' }} now }}")
