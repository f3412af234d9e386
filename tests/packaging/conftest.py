"""What is built: the wheel and the sdist of this checkout, and a bare environment for the wheel."""

import os
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Built:
    """The two files."""

    wheel: Path
    sdist: Path

    def in_wheel(self) -> dict[str, bytes]:
        """Each file of the wheel."""
        with zipfile.ZipFile(self.wheel) as archive:
            return {name: archive.read(name) for name in archive.namelist()}


def build(source: Path, into: Path, *what: str) -> Path:
    """Build what is said, without a network: the backend is among the tests' own packages."""
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", into, *what, source]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (made,) = into.iterdir()
    return made


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The wheel and the sdist, each from the checkout."""
    folder = tmp_path_factory.mktemp("dist")
    return Built(build(ROOT, folder / "w", "--wheel"), build(ROOT, folder / "s", "--sdist"))


@pytest.fixture
def unpacked(built: Built, tmp_path: Path) -> Path:
    """What is in the sdist, as somebody unpacks it."""
    with tarfile.open(built.sdist) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    (folder,) = (tmp_path / "unpacked").iterdir()
    return folder


@dataclass(frozen=True)
class Environment:
    """A virtual environment that has pip, and a folder away from the checkout to run things in."""

    folder: Path
    home: Path

    def run(self, script: str, *args: object, **env: str) -> subprocess.CompletedProcess[str]:
        """Run one of its scripts, with nothing of the tests' own environment but what pip needs."""
        kept = {k: v for k, v in os.environ.items() if k.startswith(("PIP_", "SSL_", "PATH"))}
        return subprocess.run(
            [self.folder / "bin" / script, *map(str, args)],
            cwd=self.home, env=kept | {"HOME": str(self.home)} | env,
            capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip

    def install(self, what: str) -> None:
        """Install a file, with what it needs from the package index."""
        done = self.run("pip", "install", "--quiet", "--no-compile", what)
        assert done.returncode == 0, done.stderr


@pytest.fixture
def bare(tmp_path: Path) -> Environment:
    """A new environment in which nothing is installed."""
    made = Environment(tmp_path / "bare", tmp_path / "elsewhere")
    made.home.mkdir()
    subprocess.run([sys.executable, "-m", "venv", made.folder], check=True, timeout=120)
    return made
