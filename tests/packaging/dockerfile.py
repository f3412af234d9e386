"""The Dockerfile, read, and its first stage carried out without Docker."""

import shutil
import subprocess
from pathlib import Path

from dockerfile_parse import DockerfileParser

from tests.packaging.conftest import ROOT

TARGET = "/opt/stripe-source"


def steps() -> list[tuple[str, str]]:
    """Its instructions and what they are given."""
    parser = DockerfileParser(str(ROOT / "Dockerfile"))
    return [(each["instruction"], each["value"]) for each in parser.structure]


def given(instruction: str) -> list[str]:
    """What an instruction is given, each time."""
    return [value for name, value in steps() if name == instruction]


def carry_out(source: Path, target: Path, extras: str) -> None:
    """Copy what the first stage copies into a folder, and run there what it runs.

    The environment that it makes is at ``target``, whose Python stands for the image's.
    """
    source.mkdir()
    second = [number for number, (name, _) in enumerate(steps()) if name == "FROM"][1]
    for name, value in steps()[:second]:
        if name == "COPY":
            _copy(*value.split(), source=source)
        elif name == "RUN":
            _run(value.replace(TARGET, str(target)), source, target, extras)


def _copy(*names: str, source: Path) -> None:
    *what, where = names
    for name in what:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / where)
        else:
            shutil.copy(ROOT / name, source / where)


def _run(command: str, source: Path, target: Path, extras: str) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", command], cwd=source, capture_output=True, text=True, check=False,
        env={"PATH": f"{target}/bin:/usr/bin:/bin", "EXTRAS": extras}, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
