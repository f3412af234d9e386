"""The source is a dlt source like others: configured, selected and run in dlt's ways."""

import json
import subprocess
import sys
from pathlib import Path

import dlt
import pytest
from dlt.common.pipeline import TRefreshMode

from stripe_source.catalog import CATALOG, DEFAULT
from stripe_source.errors import AccessError, UsageError
from stripe_source.simulator import Simulator
from stripe_source.source import stripe_source
from tests.conftest import Warehouse


@pytest.fixture
def connected(business: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Key and address in the environment."""
    monkeypatch.setenv("STRIPE_SECRET_KEY", business.api_key)
    monkeypatch.setenv("STRIPE_API_BASE", business.url)


@pytest.mark.usefixtures("connected")
def test_the_default_selection() -> None:
    """Without arguments, the default resources with the tables that belong to them."""
    names = set(stripe_source().selected_resources)
    assert set(DEFAULT) <= names
    assert {"invoice_line_items", "subscription_items", "price_tiers"} <= names
    assert {"customers_discounts", "subscriptions_discounts", "invoices_discounts"} <= names


@pytest.mark.usefixtures("connected")
@pytest.mark.parametrize("text", ['["coupons", "products"]', "coupons,products"])
def test_arguments_from_the_environment(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An argument can be set in dlt's environment variables, a list as JSON or with commas."""
    monkeypatch.setenv("SOURCES__STRIPE_SOURCE__RESOURCES", text)
    assert set(stripe_source().selected_resources) == {"coupons", "products"}
    monkeypatch.setenv("SOURCES__STRIPE_SOURCE__RESOURCES", "all")
    assert set(CATALOG) <= set(stripe_source().selected_resources)
    monkeypatch.setenv("SOURCES__STRIPE_SOURCE__START_DATE", "never")
    with pytest.raises(UsageError, match="start_date is no date"):
        stripe_source()


def test_arguments_from_toml_files(business: Simulator, tmp_path: Path) -> None:
    """Key, address and selection come from .dlt/secrets.toml and .dlt/config.toml."""
    folder = tmp_path / ".dlt"
    folder.mkdir()
    section = "[sources.stripe_source]\n"
    (folder / "secrets.toml").write_text(f'{section}stripe_secret_key = "{business.api_key}"\n')
    config = f'{section}api_base = "{business.url}"\nresources = ["coupons"]\n'
    (folder / "config.toml").write_text(config)
    script = "from stripe_source import stripe_source; print(*stripe_source().selected_resources)"
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["coupons"]


def test_the_other_key_variable(business: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """STRIPE_API_KEY serves where STRIPE_SECRET_KEY is not set; without both there is no key."""
    with pytest.raises(AccessError, match="no Stripe key"):
        stripe_source("coupons")
    monkeypatch.setenv("STRIPE_API_KEY", business.api_key)
    assert stripe_source("coupons", api_base=business.url).selected_resources


@pytest.mark.usefixtures("connected")
def test_selected_resources_run_on_a_plain_destination(business: Simulator, tmp_path: Path) -> None:
    """``with_resources`` picks single tables, and dlt's own DuckDB destination takes them."""
    pipeline = dlt.pipeline(
        "shop", destination=dlt.destinations.duckdb(str(tmp_path / "x.duckdb")), dataset_name="raw"
    )
    source = stripe_source(["invoices", "coupons"]).with_resources("invoice_line_items")
    pipeline.run(source)
    counts = pipeline.last_trace.last_normalize_info.row_counts
    lines = sum(
        len(invoice["lines"]["data"]) for invoice in business.account.objects("/v1/invoices")
    )
    assert counts["invoice_line_items"] == lines
    assert "invoices" not in counts
    assert len(pipeline.dataset()["invoice_line_items"].fetchall()) == lines


@pytest.mark.usefixtures("connected")
def test_the_key_is_in_no_state_and_no_trace(business: Simulator) -> None:
    """What dlt keeps of a run does not hold the key."""
    pipeline = dlt.pipeline("keyless", destination="duckdb", dataset_name="raw")
    pipeline.run(stripe_source("coupons"))
    assert business.api_key not in json.dumps(pipeline.state, default=str)
    assert business.api_key not in json.dumps(pipeline.last_trace.asdict(), default=str)
    for file in Path(pipeline.working_dir).rglob("*"):
        if file.is_file():
            assert business.api_key.encode() not in file.read_bytes(), file


@pytest.mark.parametrize("refresh", ["drop_sources", "drop_resources", "drop_data"])
def test_dlt_s_own_refresh(
    refresh: TRefreshMode, business: Simulator, warehouse: Warehouse
) -> None:
    """What dlt drops before it loads is read anew, though it is still there while it is read.

    A table that others fill, too, has all of it after their next run.
    """
    names = ["customers", "invoices", "subscriptions"]
    every = [*names, "customers_history", "invoice_line_items", "discounts"]
    before = _counts(warehouse, business, names, every)
    chosen = names if refresh == "drop_sources" else ["customers"]
    warehouse.pipeline.refresh = refresh
    assert _counts(warehouse, business, chosen, every[:4]) == before[:4]
    warehouse.pipeline.refresh = None
    assert _counts(warehouse, business, names, every) == before


def _counts(
    warehouse: Warehouse, simulator: Simulator, names: list[str], tables: list[str]
) -> tuple[int, ...]:
    """The rows of these tables after a run of these resources."""
    warehouse.run(simulator, *names)
    counts = ", ".join(f"(SELECT count(*) FROM {table})" for table in tables)
    return warehouse.rows(f"SELECT {counts}")[0]
