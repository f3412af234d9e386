"""How dbt is told where the warehouse is, without a secret."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dlt
import pytest
import yaml

from stripe_source.dbt.profiles import known_output, profiles_file
from stripe_source.destination import duckdb

SECRET = "s3cret"


def output(destination: Any, adapter: str) -> tuple[str, dict[str, Any]]:
    """The file and its one target, for a destination."""
    pipeline = dlt.pipeline("shop", destination=destination, dataset_name="stripe")
    text = profiles_file(known_output(pipeline.destination_client().config, adapter, "stripe_dbt"))
    return text, yaml.safe_load(text)["stripe_source"]["outputs"]["dev"]


@pytest.mark.parametrize(
    ("address", "found"),
    [
        (
            f"postgresql://me:{SECRET}@db.example.com:6543/shop?sslmode=require",
            {"host": "db.example.com", "port": 6543, "sslmode": "require"},
        ),
        (
            f"postgresql://me:{SECRET}@localhost/shop?host=/run/db",
            {"host": "/run/db", "port": 5432},
        ),
    ],
)
def test_postgres(address: str, found: dict[str, Any]) -> None:
    """Host, port, user and database are the pipeline's, the password the environment's."""
    text, made = output(dlt.destinations.postgres(address), "postgres")
    known = {"type": "postgres", "user": "me", "dbname": "shop", "schema": "stripe_dbt"}
    assert made == known | found | {
        "password": "{{ env_var('PGPASSWORD', '') }}",
        "threads": 4,
    }
    assert SECRET not in text


def test_duckdb(tmp_path: Path) -> None:
    """The file is named in full, wherever dbt runs."""
    _, made = output(duckdb("shop.duckdb"), "duckdb")
    assert made["path"] == str(tmp_path / "shop.duckdb")
