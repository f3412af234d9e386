"""A batch that is killed at random moments, by a Stripe that loses answers, does each row once.

CI plays one batch of each kind; ``CRASH_EXAMPLES=100`` five, with other moments each time.
"""

import csv
import os
import random
import subprocess
import time
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from stripe_source.simulator import Simulator, SimulatorConfig
from tests.cli.conftest import ENDPOINT_RATE, RATE, SCRIPT

ROWS = 1000
EXAMPLES = int(os.environ.get("CRASH_EXAMPLES") or 0)
FAULTS = [
    {"path": "/v1/customers", "method": "POST", "kind": kind, "probability": 0.02, "executed": done}
    for kind, done in (("reset", True), ("503", True), ("truncate", True), ("429", False))
]
COMMANDS = {
    "upsert": ["upsert", "customers", "--match", "metadata.crm_id"],
    "insert": ["insert", "customer"],
}


@pytest.mark.parametrize("example", range(max(EXAMPLES // 20, 1)))
@pytest.mark.parametrize("kind", list(COMMANDS))
def test_each_customer_exactly_once(tmp_path: Path, kind: str, example: int) -> None:
    """1,000 rows, killed with no warning until one run comes to its end: 1,000 customers.

    Each row is recorded, with the id of its customer, and search knows of none of them.
    """
    chance = random.Random(None if EXAMPLES else example)  # noqa: S311 - any moments will do
    _write_crm(tmp_path / "crm.csv")
    config = SimulatorConfig(seed=5, customers=2, years=0.2, fixtures=1, search_lag=86_400)
    with Simulator(config) as simulator:
        simulator.faults.extend(FAULTS)
        command = [SCRIPT, *COMMANDS[kind], "--from-file", "crm.csv"]
        kills = 0
        while not _ended(command, simulator, tmp_path, chance.uniform(0.8, 3.5)):
            kills += 1
        made = simulator.account.objects("/v1/customers")
        ids = {c["metadata"].get("crm_id"): c["id"] for c in made if "crm_id" in c["metadata"]}
        times = Counter(c["metadata"].get("crm_id") for c in made)
    assert kills >= 2
    assert [crm_id for crm_id in map(str, range(5000, 5000 + ROWS)) if times[crm_id] != 1] == []
    recorded = _recorded(tmp_path / "stripe_source.duckdb")
    assert recorded == {number: ids[str(4999 + number)] for number in range(1, ROWS + 1)}


def _write_crm(file: Path) -> None:
    with file.open("w", newline="") as text:
        table = csv.writer(text)
        table.writerow(["metadata.crm_id", "email", "name", "address.city"])
        for number in range(5000, 5000 + ROWS):
            table.writerow([number, f"crm{number}@example.com", f"N {number}", "Bonn"])


def _ended(command: list[object], simulator: Simulator, folder: Path, seconds: float) -> bool:
    """Whether the command came to its end before it was killed, which then was a good one."""
    environment = os.environ | {
        "STRIPE_SECRET_KEY": simulator.api_key,
        "STRIPE_API_BASE": simulator.url,
        RATE: "5000",
        ENDPOINT_RATE: "5000",
    }
    with subprocess.Popen(
        list(map(str, command)),
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        deadline = time.monotonic() + seconds
        while process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        ended = process.poll()
        process.kill()
        _, err = process.communicate()
    assert ended in (None, 0), err
    return ended == 0


def _recorded(file: Path) -> dict[int, str]:
    """The customer of each row by the last run: what was killed after its end is run once more."""
    with duckdb.connect(str(file), read_only=True) as connection:
        query = (
            "SELECT row_number, object_id, outcome FROM stripe._stripe_actions"
            " WHERE batch_id = (SELECT max(batch_id) FROM stripe._stripe_actions)"
        )
        rows = connection.execute(query).fetchall()
    assert len(rows) == ROWS
    assert {outcome for _, _, outcome in rows} <= {"created", "unchanged", "updated"}
    return {number: identifier for number, identifier, _ in rows}
