"""A small account in DuckDB and in Postgres, exported, and dbt itself run on it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest

from stripe_source.dbt import Export, export, online
from stripe_source.simulator import Simulator, SimulatorConfig
from tests.models.conftest import Modelled, in_duckdb, in_postgres, postgres, time_of

__all__ = ["postgres"]

DBT = Path(sys.executable).with_name("dbt")
DATABASES = ("duckdb", "postgres")
STRICT = ("--no-use-colors", "--warn-error")
"""A warning is an error."""
ALL = """
import sys
from dbt.cli.main import dbtRunner

parsed = dbtRunner().invoke([*STRICT, "parse"])
for command in (["build"], ["docs", "generate"], ["source", "freshness"]):
    strict = [] if command[0] == "source" else STRICT  # what is empty is old to dbt
    done = dbtRunner(manifest=parsed.result).invoke(
        [*strict, *command, "--target-path", f"target/{command[0]}"]
    )
    if not done.success:
        sys.exit(1)
""".replace("STRICT", str(list(STRICT)))


@dataclass
class Ran:
    """How dbt ended: its exit code and what it said."""

    code: int
    out: str


@dataclass
class Project:
    """A folder with a project in it."""

    folder: Path

    def dbt(self, *args: str, **env: str) -> Ran:
        """Run dbt in it."""
        return self.run(DBT, *STRICT, *args, **env)

    def run(self, *command: str | Path, **env: str) -> Ran:
        """Run a command in it."""
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

    def statuses(self, kind: str, file: str) -> dict[str, str]:
        """The status of each node of a kind (model, test, source) in a file of results."""
        return {
            each["unique_id"].split(".")[-1]: each["status"]
            for each in self.target(file)["results"]
            if each["unique_id"].startswith(f"{kind}.")
        }


@dataclass
class Exported(Project):
    """A project with the warehouse that it was made from."""

    modelled: Modelled
    made: Export


@pytest.fixture(scope="session", params=DATABASES)
def modelled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Modelled:
    """A small account in each database, with deployed models; tests put back what they change."""
    folder = tmp_path_factory.mktemp(f"small_{request.param}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")
        patch.setenv("DLT_DATA_DIR", str(folder / "dlt"))
        if request.param == "duckdb":
            made = in_duckdb(folder, "shop")
        else:
            made = in_postgres(folder, "shop", request.getfixturevalue("postgres"))
        with Simulator(SimulatorConfig(seed=21, customers=8, years=0.7)) as simulator:
            made.now = time_of(simulator)
            made.sync(simulator)
            made.deploy()
    return made


@pytest.fixture(scope="session")
def project(modelled: Modelled, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """A project of it; tests leave it as it is."""
    folder = tmp_path_factory.mktemp("dbt") / "stripe_dbt"
    return Exported(
        folder, modelled, export(online(modelled.pipeline, {"now": modelled.now}), folder)
    )


@pytest.fixture(scope="session")
def built(project: Exported) -> Exported:
    """It after ``dbt build``, ``dbt docs generate`` and ``dbt source freshness``.

    They run in one process, which reads the project once; each leaves its files in a folder of its
    own in target.
    """
    ran = project.run(sys.executable, "-c", ALL)
    assert ran.code == 0, ran.out
    assert "WARN=0 ERROR=0 SKIP=0" in ran.out
    return project
