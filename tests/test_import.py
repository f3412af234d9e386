"""``import stripe_source`` is quick and does nothing; its public names are these."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import stripe_source

PUBLIC = {
    "StripeSourceError",
    "SyncResult",
    "__version__",
    "duckdb",
    "filesystem",
    "latest_query",
    "stripe_source",
    "sync",
}

WATCHED = """
import json, os, sys
seen = []
def watch(event, args):
    if event == "open":
        path, mode, flags = args
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND):
            seen.append(f"open {path}")
    elif event.startswith(("socket.", "subprocess.", "os.mkdir", "os.remove", "os.rename")):
        seen.append(event)
sys.addaudithook(watch)
before = set(sys.modules)
exec(sys.argv[1])
print(json.dumps({"seen": seen, "modules": sorted(set(sys.modules) - before)}))
"""


def watched(code: str, folder: Path) -> Any:
    """What happens, and which modules are new, when a fresh interpreter runs the code."""
    done = subprocess.run(
        [sys.executable, "-B", "-c", WATCHED, code],
        capture_output=True,
        check=True,
        cwd=folder,
        env=os.environ | {"HOME": str(folder)},
        text=True,
        timeout=30,
    )
    return json.loads(done.stdout)


def test_the_watch_sees(tmp_path: Path) -> None:
    """The watch that the tests below rely on notices a file, a folder and a socket."""
    code = "import socket; open('f', 'w').close(); os.mkdir('d'); socket.socket().close()"
    seen = watched(code, tmp_path)["seen"]
    assert {"open f", "os.mkdir", "socket.__new__"} <= set(seen)


def test_import_does_nothing(tmp_path: Path) -> None:
    """The import writes no file, opens no socket and starts no process."""
    assert watched("import stripe_source", tmp_path)["seen"] == []
    assert list(tmp_path.iterdir()) == []


def test_import_brings_no_libraries(tmp_path: Path) -> None:
    """The import alone brings the package's own few modules and nothing that is slow."""
    modules = watched("import stripe_source", tmp_path)["modules"]
    roots = {name.partition(".")[0] for name in modules}
    assert roots & {"dlt", "pyarrow", "duckdb", "stripe", "urllib3", "click", "pendulum"} == set()
    assert roots - set(sys.stdlib_module_names) == {"stripe_source"}


def test_the_public_names_do_nothing_either(tmp_path: Path) -> None:
    """Taking every public name, which imports dlt, opens no socket and leaves nothing behind."""
    code = "from stripe_source import *; assert stripe_source.name == 'stripe_source'"
    ran = watched(code, tmp_path)
    assert "dlt" in ran["modules"]
    alone = watched("import dlt, dlt.destinations, duckdb, pyarrow.compute, urllib3", tmp_path)
    assert set(ran["seen"]) <= set(alone["seen"])
    assert list(tmp_path.iterdir()) == []


def test_the_public_names() -> None:
    """These names are public and no others; each is there and documented."""
    assert set(stripe_source.__all__) == set(dir(stripe_source)) == PUBLIC
    for name in PUBLIC - {"__version__"}:
        assert getattr(stripe_source, name).__doc__
    assert stripe_source.sync.__module__ == "stripe_source.pipeline"


def test_a_name_that_is_not_there() -> None:
    """Any other name is an AttributeError that says which."""
    with pytest.raises(AttributeError, match="'stripe_source' has no attribute 'nonsense'"):
        _ = stripe_source.nonsense
