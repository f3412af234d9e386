"""A project that was written for Fivetran's tables runs on the views, as the README says."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stripe_source.simulator import Simulator, SimulatorConfig
from tests.dbt.conftest import Project
from tests.models.fivetran.conftest import Column, declared

COMMAND = Path(sys.executable).with_name("stripe-source")
PROJECT = """\
name: theirs
version: 1.0.0
profile: theirs
flags: {send_anonymous_usage_stats: false}
models: {theirs: {+materialized: view}}
vars: {stripe_schema: stripe_fivetran, stripe__using_livemode: true}
"""
PROFILE = "theirs: {target: dev, outputs: {dev: {type: duckdb, path: ../stripe_source.duckdb}}}\n"
STAGING = """\
SELECT {columns}
FROM {{{{ source('stripe', '{table}') }}}}
{livemode}
"""
LIVEMODE = "{% if var('stripe__using_livemode') %}WHERE livemode{% endif %}"


def write(folder: Path) -> None:
    """A project that names each table and column, and leaves out test mode, as the package does."""
    tables: dict[str, list[Column]] = {}
    for column in declared():
        tables.setdefault(column.table, []).append(column)
    (folder / "models").mkdir(parents=True)
    (folder / "dbt_project.yml").write_text(PROJECT)
    (folder / "profiles.yml").write_text(PROFILE)
    named = ", ".join(f"{{name: {table}}}" for table in tables)
    place = "schema: \"{{ var('stripe_schema') }}\""
    (folder / "models" / "sources.yml").write_text(
        f"version: 2\nsources: [{{name: stripe, {place}, tables: [{named}]}}]\n"
    )
    for table, columns in tables.items():
        names = [each.column for each in columns]
        query = STAGING.format(
            columns=", ".join(f'"{name}"' for name in names),
            table=table,
            livemode=LIVEMODE if "livemode" in names else "",
        )
        (folder / "models" / f"stg_stripe__{table}.sql").write_text(query)


@pytest.fixture
def live() -> Iterator[Simulator]:
    """A small account in live mode."""
    config = SimulatorConfig(seed=9, customers=6, years=0.5, fixtures=1, livemode=True)
    with Simulator(config) as simulator:
        yield simulator


def test_a_project_for_fivetrans_tables(live: Simulator, tmp_path: Path) -> None:
    """``sync --fivetran`` in an empty folder, then dbt: all 26 tables with all their columns."""
    access = {"STRIPE_SECRET_KEY": live.api_key, "STRIPE_API_BASE": live.url}
    limits = {
        "SOURCES__STRIPE_SOURCE__REQUESTS_PER_SECOND": "5000",
        "SOURCES__STRIPE_SOURCE__ENDPOINT_REQUESTS_PER_SECOND": "5000",
    }
    subprocess.run(
        [COMMAND, "sync", "--fivetran", "--quiet"],
        cwd=tmp_path, env=os.environ | access | limits, check=True, timeout=300,
    )  # fmt: skip
    folder = tmp_path / "theirs"
    write(folder)
    project = Project(folder)
    ran = project.dbt("build")
    assert ran.code == 0, ran.out
    assert len(project.statuses("model", "run_results.json")) == 26
    ran = project.dbt(
        "show", "--inline", "SELECT count(*) AS n FROM {{ ref('stg_stripe__charge') }}"
    )
    assert f"{len(live.account.objects('/v1/charges'))} |" in ran.out
