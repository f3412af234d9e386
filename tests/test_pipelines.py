"""The scripts under ``pipelines/`` run as they stand."""

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import stripe

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


def test_crm_customers(account: Simulator, tmp_path: Path) -> None:
    """A CRM's export becomes customers, each row recorded; the next day only what changed is."""
    environment = os.environ | {
        "STRIPE_SECRET_KEY": account.api_key,
        "STRIPE_API_BASE": account.url,
        "DLT_DATA_DIR": str(tmp_path / "dlt"),
    }
    command = [sys.executable, str(SCRIPTS / "crm_customers.py")]
    said = []
    for city in ("London", "Bonn"):
        rows = (
            "metadata.crm_id,email,address.city",
            f"1,a@example.com,{city}",
            "2,b@example.com,Kiel",
        )
        (tmp_path / "crm.csv").write_text("\n".join(rows), "utf-8")
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        said.append(done.stdout)
        assert done.stderr == ""
    assert said[0].startswith("2 rows: 2 created (batch ")
    assert said[1].startswith("2 rows: 1 unchanged, 1 updated (batch ")
    with duckdb.connect(str(tmp_path / "stripe_source.duckdb"), read_only=True) as connection:
        query = "SELECT outcome, count(*) FROM stripe._stripe_actions GROUP BY 1 ORDER BY 1"
        found = connection.execute(query).fetchall()
    assert found == [("created", 2), ("unchanged", 1), ("updated", 1)]


def test_sync_and_play(account: Simulator, tmp_path: Path) -> None:
    """The first run takes note, the next one delivers what has changed since."""
    environment = os.environ | {
        "STRIPE_SECRET_KEY": account.api_key,
        "STRIPE_API_BASE": account.url,
        "DLT_DATA_DIR": str(tmp_path / "dlt"),
    }
    (tmp_path / "plays").mkdir()
    (tmp_path / "plays" / "named.py").write_text(
        "from stripe_source.plays import play\n\n"
        "@play(model='customers', on='changed', columns=['name'])\n"
        "def named(change):\n    print('it is', change.row['name'])\n"
    )
    said = []
    client = stripe.StripeClient(account.api_key, base_addresses={"api": account.url})
    for name in ("Ada", "Bob"):
        command = [sys.executable, str(SCRIPTS / "sync_and_play.py")]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        said.append(done.stdout.splitlines())
        customer = client.v1.customers.list({"limit": 1}).data[0]
        client.v1.customers.update(customer.id, {"name": name})
    assert said == [["named: 0 delivered, 0 left"], ["it is Ada", "named: 1 delivered, 0 left"]]


def test_sync_then_dbt(account: Simulator, tmp_path: Path) -> None:
    """It leaves dbt's views in ./stripe_source.duckdb, of all models, and their tests passed."""
    environment = os.environ | {
        "STRIPE_SECRET_KEY": account.api_key,
        "STRIPE_API_BASE": account.url,
        "DLT_DATA_DIR": str(tmp_path / "dlt"),
        "HOME": str(tmp_path),
    }
    command = [sys.executable, str(SCRIPTS / "sync_then_dbt.py")]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARN=0 ERROR=0 SKIP=0" in done.stdout
    with duckdb.connect(str(tmp_path / "stripe_source.duckdb"), read_only=True) as connection:
        found = connection.execute("SELECT count(*) FROM stripe_dbt.customers").fetchall()
    assert found == [(len(account.account.objects("/v1/customers")),)]
