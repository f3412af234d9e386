"""Groups of an account's objects load side by side into one dataset."""

import os
import subprocess
import sys
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from stripe_source.catalog import CATALOG
from stripe_source.connect import selection
from stripe_source.simulator import Simulator
from stripe_source.tables.history import histories_of
from stripe_source.tables.layout import tables_of
from tests.pipelines.conftest import PIPELINES
from tests.simulator.conftest import sdk

TASK = """
import sys
from by_group import deploy_models, sync_group
name = sys.argv[1]
print(len(deploy_models().models) if name == "models" else sum(sync_group(name).rows.values()))
"""
PATHS = {
    "customers": "/v1/customers",
    "invoices": "/v1/invoices",
    "prices": "/v1/prices",
    "charges": "/v1/charges",
    "balance_transactions": "/v1/balance_transactions",
}


def by_group() -> ModuleType:
    """The module, as the orchestrators import it."""
    spec = spec_from_file_location("by_group", PIPELINES / "by_group.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_groups_have_all_that_the_models_read() -> None:
    """The groups are the resources ``models``, each once."""
    names = [name for group in by_group().GROUPS.values() for name in group]
    assert sorted(names) == sorted(row.name for row in selection("models"))


def test_what_is_no_group() -> None:
    """A typing error fails, and so does what another group loads."""
    module = by_group()
    with pytest.raises(ValueError, match="there is no group catalogue: account, billing, catalog"):
        module.sync_group("catalogue")
    with pytest.raises(ValueError, match="not of the group catalog: customers"):
        module.sync_group("catalog", only=["customers"])


def test_no_two_groups_load_into_one_table() -> None:
    """Tasks that run at the same time have no table in common, histories included."""
    module = by_group()
    owner: dict[str, str] = {}
    for group, names in (module.GROUPS | {module.FIRST: [module.FIRST]}).items():
        for name in names:
            row = CATALOG[name]
            for table in (*tables_of(row), *histories_of(row).values()):
                assert owner.setdefault(table.name, group) == group, table.name


@pytest.fixture
def at_once(account: Simulator, postgres: str, tmp_path: Path) -> Callable[..., list[str]]:
    """What tasks print that run at the same time, each in a process; all have to succeed."""
    environment = os.environ | {
        "STRIPE_SECRET_KEY": account.api_key,
        "STRIPE_API_BASE": account.url,
        "DESTINATION__POSTGRES__CREDENTIALS": postgres,
        "PYTHONPATH": str(PIPELINES),
    }

    def run_all(*tasks: str) -> list[str]:
        running = [
            subprocess.Popen(
                [sys.executable, "-c", TASK, task],
                cwd=tmp_path,
                env=environment,
                stdout=subprocess.PIPE,
                text=True,
            )
            for task in tasks
        ]
        said = [each.communicate()[0] for each in running]
        assert [each.returncode for each in running] == [0] * len(tasks)
        return said

    return run_all


def test_side_by_side(
    account: Simulator, at_once: Callable[..., list[str]], count: Callable[[str], int]
) -> None:
    """All groups at the same time, twice: the tables equal the account, the models are there."""
    for _ in range(2):
        at_once("account")
        at_once(*by_group().GROUPS)
        for table, path in PATHS.items():
            assert count(f"stripe.{table}") == len(account.account.objects(path)), table
        sdk(account).v1.customers.create({"name": "New"})
    views = "information_schema.views WHERE table_schema = 'stripe_models'"
    assert int(at_once("models")[0]) == count(views) > 50


def test_staged_rows_are_a_groups_own(
    account: Simulator,
    at_once: Callable[..., list[str]],
    execute: Callable[[str], None],
    count: Callable[[str], int],
) -> None:
    """A load empties what its group has staged, and leaves alone what another is about to load."""
    at_once("account")
    for number in range(2):  # by the second time dlt's schema of a group has the other's tables
        sdk(account).v1.products.create({"name": f"New {number}"})
        at_once("catalog")
        sdk(account).v1.customers.create({"name": f"New {number}"})
        at_once("billing")
    execute("INSERT INTO stripe_staging_catalog.products SELECT * FROM stripe.products")
    execute("INSERT INTO stripe_staging_billing.customers SELECT * FROM stripe.customers")
    sdk(account).v1.customers.create({"name": "Newest"})
    at_once("billing")
    assert count("stripe_staging_catalog.products") == len(account.account.objects("/v1/products"))
    assert count("stripe_staging_billing.customers") == 0
