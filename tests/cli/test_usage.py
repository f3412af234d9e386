"""Wrong usage is said in one line with exit code 2, before anything slow is imported."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass

import pytest

from tests.cli.conftest import Ran, Terminal

BAD = {
    "unknown command": (["synk"], "No such command 'synk'. Did you mean 'sync'?"),
    "unknown option": (["sync", "--resource", "coupons"], "'--resources'"),
    "unknown resource of sync": (["sync", "-r", "custmers"], "did you mean 'customers'?"),
    "unknown resource of check": (["check", "-r", "coupons,invioces"], "did you mean 'invoices'?"),
    "nothing like any resource": (["sync", "-r", "zzz"], "unknown resource 'zzz'"),
    "empty resources": (["sync", "--resources", " , "], "--resources names nothing"),
    "all and some": (["sync", "--all", "-r", "coupons"], "--all and --resources exclude"),
    "German date": (["sync", "--start-date", "31.01.2026"], "--start-date is no date: '31.01"),
    "word": (["sync", "--end-date", "soon"], "--end-date is no date: 'soon'"),
    "day that isn't": (["sync", "--start-date", "2026-02-30"], "--start-date is no date"),
    "time without a day": (["sync", "--start-date", "12:00"], "--start-date is no date"),
    "span of time": (["sync", "--start-date", "P1D"], "--start-date is no date"),
    "nothing to refresh": (["sync", "--refresh", ""], "--refresh names nothing"),
    "nothing to reconcile": (["sync", "--reconcile", ""], "--reconcile names nothing"),
    "dates the wrong way round": (
        ["sync", "--start-date", "2026-02-01", "--end-date", "2026-01-01"],
        "before",
    ),
    "dates of nothing": (
        ["sync", "--start-date", "2026-01-01", "--end-date", "2026-01-01"],
        "before",
    ),
    "unknown progress": (["sync", "--progress", "fast"], "'fast' is not one of"),
    "argument too many": (["sync", "invoices"], "unexpected extra argument"),
    "query without SQL": (["query"], "Missing argument 'SQL'"),
    "query without a file": (["query", "SELECT 1"], "there is no stripe_source.duckdb"),
    "demo without customers": (["demo", "--customers", "0"], "--customers must be"),
    "demo of a word": (["demo", "--customers", "many"], "'many' is not a valid integer"),
    "simulator without time": (["simulator", "--years", "0"], "years"),
    "simulator at no port": (["simulator", "--port", "70000"], "port"),
    "changes by nobody": (["simulator", "--customers", "0", "--live", "1"], "needs customers"),
}
SLOW = {"dlt", "duckdb", "pyarrow", "stripe", "urllib3", "uvicorn"}
FORKED = """
import contextlib, io, json, os, sys
from stripe_source.cli import main
for name, args in json.loads(sys.argv[1]).items():
    if os.fork():
        os.wait()
        continue
    out, err = io.StringIO(), io.StringIO()
    def ended(code):
        modules = sorted(m for m in sys.modules if "." not in m)
        said = [name, code, out.getvalue(), err.getvalue(), modules]
        os.write(1, json.dumps(said).encode() + bytes([10]))
        quit_at_once(0)
    quit_at_once, os._exit = os._exit, ended
    sys.argv = ["stripe-source", *args]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        main()
"""  # a process for each call, so that none has what an earlier one imported


@dataclass
class Said(Ran):
    """How a command ended, and which modules it had imported by then."""

    modules: set[str]


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Said]:
    """What each of the bad calls does, in an empty folder and without a key."""
    folder = tmp_path_factory.mktemp("usage")
    keys = {"STRIPE_SECRET_KEY", "STRIPE_API_KEY"}
    done = subprocess.run(
        [sys.executable, "-c", FORKED, json.dumps({n: a for n, (a, _) in BAD.items()})],
        capture_output=True,
        check=True,
        cwd=folder,
        env={k: v for k, v in os.environ.items() if k not in keys} | {"HOME": str(folder)},
        timeout=60,
    )
    found = {}
    for name, code, out, err, modules in map(json.loads, done.stdout.splitlines()):
        found[name] = Said(code, out, err, set(modules))
    found["files"] = Said(0, "", "", {file.name for file in folder.rglob("*.duckdb")})
    return found


@pytest.mark.parametrize("name", BAD)
def test_bad_usage_is_one_error_and_exit_code_2(said: dict[str, Said], name: str) -> None:
    """The last line says what is wrong; before it comes nothing but how to ask for help."""
    ran = said[name]
    assert (ran.code, ran.out) == (2, "")
    *usage, line = ran.err.splitlines()
    assert line.startswith("Error: ")
    assert BAD[name][1] in line
    assert all(hint.startswith(("Usage: ", "Try ")) or not hint for hint in usage)


@pytest.mark.parametrize("name", BAD)
def test_bad_usage_does_not_wait_for_imports(said: dict[str, Said], name: str) -> None:
    """What is wrong with a call is said before dlt, DuckDB, Arrow or the SDK are imported."""
    assert said[name].modules & SLOW == set()
    assert "click" in said[name].modules


def test_bad_usage_leaves_no_database(said: dict[str, Said]) -> None:
    """A call that is wrong makes no file."""
    assert said["files"].modules == set()


@pytest.mark.parametrize("name", ["unknown command", "unknown resource of sync"])
def test_the_installed_command_does_the_same(
    terminal: Terminal, said: dict[str, Said], name: str
) -> None:
    """What is measured above is what users see who type it."""
    ran = terminal.run(*BAD[name][0])
    assert (ran.code, ran.out, ran.err) == (2, "", said[name].err)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--destination", "nosuch"),
        ("--pipeline-name", "a/b"),
        ("--pipeline-name", ""),
        ("--dataset", ""),
    ],
)
def test_names_that_only_dlt_can_judge(terminal: Terminal, option: str, value: str) -> None:
    """A destination, pipeline or dataset of an impossible name is wrong usage too."""
    terminal.env["STRIPE_API_BASE"] = "http://127.0.0.1:9"
    terminal.env["STRIPE_SECRET_KEY"] = "pk_test_stopsItBeforeARequest"
    ran = terminal.run("sync", option, value)
    assert ran.code == 2
    assert "publishable" not in ran.line


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("RELIST_EVERY", "nan", "relist_every must be 0 hours or more"),
        ("RELIST_EVERY", "abc", "field `relist_every` cannot be coerced"),
        ("REQUESTS_PER_SECOND", "many", "field `requests_per_second` cannot be coerced"),
        ("RECONCILE", "custmers", "did you mean 'customers'"),
        ("RECONCILE", "products", "not selected: products"),
        ("RECONCILE", "", "no resource is selected"),
    ],
)
def test_settings_of_the_wrong_kind(
    terminal: Terminal, setting: str, value: str, said: str
) -> None:
    """A setting in the environment is judged as an option would be, in one line."""
    terminal.env["STRIPE_API_BASE"] = "http://127.0.0.1:9"
    terminal.env["STRIPE_SECRET_KEY"] = "sk_test_NobodyIsAsked0000"
    terminal.env[f"SOURCES__STRIPE_SOURCE__{setting}"] = value
    ran = terminal.run("sync", "-r", "customers")
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.line
