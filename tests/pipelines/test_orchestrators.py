"""Orchestrators run the examples as they stand, each in an environment of its own.

``ORCHESTRATORS=1 pytest tests/pipelines`` installs and runs them, which takes minutes.
"""

import json
import os
import re
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import stripe

from stripe_source.simulator import Simulator, SimulatorConfig
from tests.pipelines.conftest import PIPELINES, run

pytestmark = pytest.mark.orchestrator

# What Dagster's daemon does: evaluate the schedule, and start what it asks for.
TICK = """
import datetime, json, sys
import dagster as dg
from dagster_assets import definitions
now = datetime.datetime.now(datetime.UTC)
repository = definitions.get_repository_def()
with dg.DagsterInstance.get() as instance:
    given = {"instance": instance, "repository_def": repository, "scheduled_execution_time": now}
    with dg.build_schedule_context(**given) as context:
        asked = repository.get_schedule_def("hourly").evaluate_tick(context).run_requests
json.dump([request.tags["dagster/partition"] for request in asked], sys.stdout)
"""
TABLES = {
    "customers": "/v1/customers",
    "invoices": "/v1/invoices",
    "products": "/v1/products",
    "charges": "/v1/charges",
    "balance_transactions": "/v1/balance_transactions",
}


def settings(simulator: Simulator, postgres: str, folder: Path, **more: str) -> dict[str, str]:
    """The environment of a worker."""
    return {
        **os.environ,
        "STRIPE_SECRET_KEY": simulator.api_key,
        "STRIPE_API_BASE": simulator.url,
        "DESTINATION__POSTGRES__CREDENTIALS": postgres,
        "HOME": str(folder),
        **more,
    }


def test_airflow(
    account: Simulator,
    postgres: str,
    count: Callable[[str], int],
    installed: Callable[..., Path],
    tmp_path: Path,
) -> None:
    """A run of a data interval loads what was created in it; an hourly one loads all."""
    airflow = installed("apache-airflow>=3.2,<4") / "airflow"
    environment = settings(
        account,
        postgres,
        tmp_path,
        AIRFLOW_HOME=str(tmp_path / "airflow"),
        AIRFLOW__CORE__DAGS_FOLDER=str(PIPELINES),
        AIRFLOW__CORE__LOAD_EXAMPLES="False",
    )
    run([airflow, "db", "migrate"], environment, folder=tmp_path)
    customers = account.account.objects("/v1/customers")
    hour = max(customer["created"] for customer in customers) // 3600 * 3600
    end = datetime.fromtimestamp(hour + 3600, UTC).isoformat()  # of the interval before it
    test = [airflow, "dags", "test", "stripe", end]
    run([*test, "--conf", '{"window": true}'], environment, folder=tmp_path)
    within = [each for each in customers if hour <= each["created"] < hour + 3600]
    assert count("stripe.customers") == len(within) < len(customers)
    said = run([airflow, "dags", "test", "stripe"], environment, folder=tmp_path)
    assert "state=success" in said
    for table, path in TABLES.items():
        assert count(f"stripe.{table}") == len(account.account.objects(path)), table
    assert count("stripe_models.mrr_monthly") > 0


def test_dagster(
    postgres: str,
    count: Callable[[str], int],
    installed: Callable[..., Path],
    tmp_path: Path,
) -> None:
    """The schedule finds the accounts; two are loaded at the same time, each into its dataset.

    Every group of both is a step in a process of its own.
    """
    bin_folder = installed("dagster>=1.13,<2", "dagster-dlt>=0.29,<1")
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "dagster.yaml").write_text("telemetry:\n  enabled: false\n")
    config = SimulatorConfig(seed=6, customers=60, years=1, connected=2)
    with Simulator(config) as platform:
        environment = settings(
            platform,
            postgres,
            tmp_path,
            DAGSTER_HOME=str(tmp_path / "home"),
            PYTHONPATH=str(PIPELINES),
        )
        tick = [bin_folder / "python", "-c", TICK]
        said = subprocess.run(tick, env=environment, capture_output=True, text=True, check=False)
        assert said.returncode == 0, said.stderr
        assert set(json.loads(said.stdout)) == set(platform.accounts)
        job = [bin_folder / "dagster", "job", "execute", "-f", PIPELINES / "dagster_assets.py"]
        connected = [each for each in platform.accounts if each != platform.account.id]
        running = [
            subprocess.Popen(
                [*job, "-j", "account", "--tags", json.dumps({"dagster/partition": each})],
                cwd=tmp_path,
                env=environment,
                stderr=subprocess.PIPE,
                text=True,
            )
            for each in connected
        ]
        logs = [each.communicate()[1] for each in running]
        assert [each.returncode for each in running] == [0, 0], logs[0][-4_000:]
        steps = [re.findall(r" - (\d+) - (\w+) - STEP_START", log) for log in logs]
        assert [len(each) for each in steps] == [6, 6]
        assert len({process for each in steps for process, _ in each}) == 12
        for each in connected:
            for table, path in TABLES.items():
                rows = len(platform.accounts[each].objects(path))
                assert count(f"stripe_{each.lower()}.{table}") == rows, table
            assert count(f"stripe_{each.lower()}_models.mrr_monthly") > 0


def test_prefect(
    account: Simulator,
    postgres: str,
    count: Callable[[str], int],
    installed: Callable[..., Path],
    tmp_path: Path,
) -> None:
    """The flow loads all, and a second run what is new since."""
    python = installed("prefect>=3.6,<4") / "python"
    environment = settings(
        account,
        postgres,
        tmp_path,
        PREFECT_HOME=str(tmp_path / "prefect"),
        PREFECT_SERVER_ANALYTICS_ENABLED="false",
        PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS="180",
    )
    client = stripe.StripeClient(account.api_key, base_addresses={"api": account.url})
    for _ in range(2):
        said = run([python, PIPELINES / "prefect_flow.py"], environment, folder=tmp_path)
        assert "53 models" in said
        for table, path in TABLES.items():
            assert count(f"stripe.{table}") == len(account.account.objects(path)), table
        client.v1.customers.create({"name": "New"})


def test_github_actions_schema(installed: Callable[..., Path], tmp_path: Path) -> None:
    """The workflow is one, by the schema that GitHub's editors use; a misspelt key is none."""
    check = installed("check-jsonschema>=0.30") / "check-jsonschema"
    command = [check, "--builtin-schema", "vendor.github-workflows"]
    workflow = PIPELINES / "github" / "sync.yml"
    run([*command, workflow], dict(os.environ), folder=tmp_path)
    wrong = tmp_path / "sync.yml"
    wrong.write_text(workflow.read_text("utf-8").replace("timeout-minutes", "timeout-minute"))
    run([*command, wrong], dict(os.environ), folder=tmp_path, code=1)
