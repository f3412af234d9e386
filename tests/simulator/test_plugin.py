"""The pytest fixtures as other people's tests use them."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

PLUGIN = "stripe_source.simulator.pytest_plugin"
THEIRS = """
import stripe
import urllib3

KEPT = {}


def client(sim):
    return stripe.StripeClient(sim.api_key, base_addresses={"api": sim.url})


def test_fresh(stripe_simulator):
    made = client(stripe_simulator).v1.customers.create({"name": "Mine"})
    assert stripe_simulator.account.find("customer", made.id)["name"] == "Mine"
    KEPT["first"] = stripe_simulator


def test_fresh_again(stripe_simulator):
    names = {c.name for c in client(stripe_simulator).v1.customers.list().auto_paging_iter()}
    assert names
    assert "Mine" not in names
    try:
        urllib3.request("GET", KEPT["first"].url, retries=False)
    except urllib3.exceptions.HTTPError:
        return
    raise AssertionError("the first simulator still runs")


def test_many(make_stripe_simulator, stripe_simulator):
    big = make_stripe_simulator(customers=30, seed=5, limits="live")
    assert big.config.global_rate == 100
    assert len(big.account.objects("/v1/customers")) > 25
    assert big.url != stripe_simulator.url
    big.faults.append({"kind": "503"})
    get = {"Authorization": f"Bearer {big.api_key}"}
    assert urllib3.request("GET", f"{big.url}/v1/customers", headers=get).status == 503
"""


def pytest_in(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs pytest in a folder of somebody else, who takes every warning for an error."""
    command = [sys.executable, "-W", "error", "-m", "pytest", "-q", "--strict-markers"]
    return subprocess.run(
        [*command, "--strict-config", *arguments],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_installed() -> None:
    """pytest finds the plugin by the package's entry point."""
    found = {each.value for each in entry_points(group="pytest11")}
    assert PLUGIN in found


def test_fixtures(tmp_path: Path) -> None:
    """Each test gets a fresh account and as many others as it asks for; all of them end."""
    (tmp_path / "test_theirs.py").write_text(THEIRS)
    ran = pytest_in(tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "3 passed" in ran.stdout


def test_it_costs_nothing_until_used(tmp_path: Path) -> None:
    """Tests that don't use it pay neither for the server's libraries nor for the connector's."""
    (tmp_path / "test_theirs.py").write_text(
        "import sys\n\n\ndef test_imports():\n"
        f"    assert {PLUGIN!r} in sys.modules\n"
        "    heavy = {'starlette', 'uvicorn', 'dlt', 'duckdb', 'pyarrow', 'stripe'}\n"
        "    assert not heavy & set(sys.modules)\n"
    )
    ran = pytest_in(tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    told = pytest_in(tmp_path, "--fixtures").stdout
    assert "stripe_simulator -- " in told
    assert "make_stripe_simulator -- " in told
