"""The scripts under ``pipelines/`` run as they stand."""

import os
import subprocess
import sys
from pathlib import Path

import duckdb

from stripe_source.simulator import Simulator

SCRIPTS = Path(__file__).parent.parent / "pipelines"


def test_stripe_pipeline(account: Simulator, tmp_path: Path) -> None:
    """In an empty folder, with the key in the environment, it writes ./stripe_source.duckdb."""
    environment = os.environ | {
        "STRIPE_SECRET_KEY": account.api_key,
        "STRIPE_API_BASE": account.url,
        "DLT_DATA_DIR": str(tmp_path / "dlt"),
    }
    command = [sys.executable, str(SCRIPTS / "stripe_pipeline.py")]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "rows in" in done.stdout
    with duckdb.connect(str(tmp_path / "stripe_source.duckdb"), read_only=True) as connection:
        found = connection.execute("SELECT count(*) FROM stripe.customers").fetchall()
    assert found == [(len(account.account.objects("/v1/customers")),)]
