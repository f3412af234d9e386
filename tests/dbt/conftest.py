"""A small account in DuckDB and in Postgres, exported, and dbt itself run on it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest

from stripe_source.dbt import Export, export, online
from tests.models.conftest import Business, Modelled, business, postgres

__all__ = ["postgres"]

DBT = Path(sys.executable).with_name("dbt")
DATABASES = ("duckdb", "postgres")


@dataclass
class Ran:
    """How dbt ended: its exit code, what it said, and its results by the names of the nodes."""

    code: int
    out: str
    results: dict[str, dict[str, Any]] = field(default_factory=dict)

    def statuses(self, kind: str) -> dict[str, str]:
        """The status of each node of a kind: model, test, source."""
        return {
            name.split(".")[-1]: each["status"]
            for name, each in self.results.items()
            if name.startswith(f"{kind}.")
        }


@dataclass
class Project:
    """A folder with a project in it."""

    folder: Path

    def dbt(self, *args: str, **env: str) -> Ran:
        """Run dbt in it; a warning is an error."""
        command = [DBT, "--no-use-colors", "--warn-error", *args]
        home = {"HOME": str(self.folder.parent), "PGPASSWORD": "none"}
        done = subprocess.run(
            command, cwd=self.folder, env=os.environ | home | env, capture_output=True, text=True,
            check=False, timeout=300,
        )  # fmt: skip
        return Ran(done.returncode, done.stdout + done.stderr)

    def target(self, name: str) -> Any:
        """A file that dbt wrote."""
        return orjson.loads((self.folder / "target" / name).read_bytes())

    def text(self, path: str) -> str:
        """A file of the project."""
        return (self.folder / path).read_text("utf-8")

    def files(self) -> dict[str, bytes]:
        """All files but dbt's own."""
        found = (file for file in self.folder.rglob("*") if file.is_file())
        names = {file.relative_to(self.folder).as_posix(): file.read_bytes() for file in found}
        return {n: b for n, b in names.items() if n.split("/")[0] not in ("target", "logs")}


@dataclass
class Exported(Project):
    """A project with the warehouse that it was made from."""

    modelled: Modelled
    made: Export


@pytest.fixture(scope="session")
def small(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Business:
    """A small account in both databases, with deployed models; tests put back what they change."""
    return business(tmp_path_factory, postgres, 21, customers=8, years=0.7)


def exported(modelled: Modelled, folder: Path, **settings: Any) -> Exported:
    """The project of a warehouse, with the settings that its views were deployed with."""
    made = export(online(modelled.pipeline, {"now": modelled.now} | settings), folder)
    return Exported(folder, modelled, made)


@pytest.fixture(scope="session", params=DATABASES)
def project(
    request: pytest.FixtureRequest, small: Business, tmp_path_factory: pytest.TempPathFactory
) -> Exported:
    """A project in each database; tests leave it as it is."""
    return exported(getattr(small, request.param), tmp_path_factory.mktemp("dbt") / "stripe_dbt")


@pytest.fixture(scope="session")
def built(project: Exported) -> tuple[Exported, Ran]:
    """The same with what ``dbt build`` did."""
    ran = project.dbt("build")
    ran.results = {
        each["unique_id"]: each for each in project.target("run_results.json")["results"]
    }
    return project, ran
