"""The benchmarks work: every figure is there, whatever it is."""

import json
import math
import subprocess
import sys

from tests.benchmarks.account import Changed
from tests.benchmarks.growth import least_requests


def test_all_of_them_run_small() -> None:
    """One command measures a small account and prints all figures, as JSON."""
    command = [sys.executable, "-m", "tests.benchmarks", "--small", "--json"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    said = json.loads(ran.stdout)
    assert "cores" in said["machine"]
    figures = said["figures"]
    assert {each["benchmark"] for each in figures} == {
        "ceiling", "throughput", "incremental", "memory", "disk", "models",
    }  # fmt: skip
    assert all(math.isfinite(each["value"]) and each["value"] >= 0 for each in figures)
    assert all(each["value"] > 0 for each in figures if "429" not in each["what"])


def test_the_fewest_requests() -> None:
    """A page shows a hundred neighbours, an object by its id is one request as well."""
    assert least_requests(Changed(0, [])) == 0
    assert least_requests(Changed(1, [7])) == 2
    assert least_requests(Changed(100, list(range(100)))) == 2
    assert least_requests(Changed(101, list(range(101)))) == 4
    assert least_requests(Changed(3, [0, 99, 5_000])) == 3
