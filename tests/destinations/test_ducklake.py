"""DuckLake, which needs an older DuckDB: the same behaviours in an environment of its own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGES = ("duckdb==1.5.5", "duckdb-extension-ducklake")


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with that DuckDB and its extension, which goes before this environment's."""
    folder = tmp_path_factory.mktemp("older")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target"]
    subprocess.run([*command, str(folder), *PACKAGES], check=True, capture_output=True)
    (extension,) = folder.glob("duckdb_extension_ducklake/extensions/*/*.duckdb_extension")
    # Where DuckDB looks, so that it does not ask for a download.
    ask = "import duckdb; print(duckdb.sql('PRAGMA platform').fetchone()[0])"
    environment = os.environ | {"PYTHONPATH": str(folder)}
    platform = subprocess.check_output([sys.executable, "-c", ask], env=environment, text=True)
    place = folder / "home/.duckdb/extensions" / extension.parent.name / platform.strip()
    place.mkdir(parents=True)
    shutil.copy(extension, place)
    return folder


def test_the_behaviours_hold_in_ducklake(older: Path, tmp_path: Path) -> None:
    """All of ``test_behaviour.py`` passes with DuckLake as the destination."""
    repository = Path(__file__).parents[2]
    tests = [str(Path(__file__).with_name("test_behaviour.py")), f"--basetemp={tmp_path / 'tests'}"]
    environment = os.environ | {
        "HOME": str(older / "home"),
        "PYTHONPATH": os.pathsep.join([str(older), str(repository)]),
        "TRIED_DESTINATIONS": "ducklake",
    }
    command = [sys.executable, "-m", "pytest", *tests, "-p", "no:cacheprovider", "-x"]
    done = subprocess.run(
        command, cwd=repository, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-4_000:]
    assert " passed" in done.stdout
    assert "skipped" not in done.stdout
