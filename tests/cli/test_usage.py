"""Wrong usage is said in one line with exit code 2, before anything slow is imported."""

import json
import subprocess
import sys

import pytest

from tests.cli.conftest import Terminal

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
    "query without a file": (["query", "SELECT 1"], "there is no stripe.duckdb"),
    "demo without customers": (["demo", "--customers", "0"], "--customers must be"),
    "demo of a word": (["demo", "--customers", "many"], "'many' is not a valid integer"),
    "simulator without time": (["simulator", "--years", "0"], "positive"),
    "simulator at no port": (["simulator", "--port", "70000"], "port"),
}
SLOW = {"dlt", "duckdb", "pyarrow", "stripe", "urllib3", "uvicorn"}
IMPORTED = """
import json, os, sys
from stripe_source.cli.main import cli
for name, args in json.loads(sys.argv[1]).items():
    if os.fork():
        os.wait()
        continue
    try:
        cli(args, standalone_mode=False)
    except Exception:
        pass
    print(json.dumps([name, sorted(m for m in sys.modules if "." not in m)]), flush=True)
    os._exit(0)
"""  # a process for each call, so that none has what an earlier one imported


@pytest.mark.parametrize("name", BAD)
def test_bad_usage_is_one_error_and_exit_code_2(terminal: Terminal, name: str) -> None:
    """The last line says what is wrong; before it comes nothing but how to ask for help."""
    args, says = BAD[name]
    ran = terminal.run(*args)
    assert (ran.code, ran.out) == (2, "")
    *usage, line = ran.err.splitlines()
    assert line.startswith("Error: ")
    assert says in line
    assert all(hint.startswith(("Usage: ", "Try ")) or not hint for hint in usage)
    assert list(terminal.folder.parent.rglob("*.duckdb")) == []


@pytest.fixture(scope="module")
def imported() -> dict[str, set[str]]:
    """The modules that are there after each bad call, and after none."""
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED, json.dumps({n: a for n, (a, _) in BAD.items()})],
        capture_output=True,
        check=True,
        timeout=60,
    )
    return {name: set(modules) for name, modules in map(json.loads, done.stdout.splitlines())}


@pytest.mark.parametrize("name", BAD)
def test_bad_usage_does_not_wait_for_imports(imported: dict[str, set[str]], name: str) -> None:
    """What is wrong with a call is said before dlt, DuckDB, Arrow or the SDK are imported."""
    assert imported[name] & SLOW == set()
    assert "click" in imported[name]


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--destination", "nosuch"),
        ("--destination", "no.such.place"),
        ("--pipeline-name", "a/b"),
        ("--pipeline-name", "../b"),
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
