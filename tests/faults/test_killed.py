"""A sync that is killed at any moment, and started again, ends as if nothing had happened.

``CRASH_EXAMPLES=100 pytest tests/faults/test_killed.py`` kills more often, and elsewhere each time.
"""

import os
import random
from collections.abc import Callable
from pathlib import Path

import dlt
import duckdb
import pytest

from stripe_source.catalog import CATALOG
from stripe_source.connect import client_for
from stripe_source.extract.progress import pending
from stripe_source.extract.reader import PARALLEL, ListReader
from stripe_source.settings import PAGE_SIZE
from stripe_source.simulator import Simulator
from tests.conftest import Warehouse
from tests.convergence.equality import assert_equal
from tests.faults.killing import PHASES, Moment, killed

EXAMPLES = int(os.environ.get("CRASH_EXAMPLES") or 0)
CHUNK = 800
# The chunk and what was read ahead: as much is ready, as much again waits for room, each of which
# may be a batch more; and then the pages that are under way, or not yet taken.
AT_MOST = 4 * CHUNK + 2 * PARALLEL * PAGE_SIZE
PAUSES = (0, 90_000, 1, 600)
NAMES = ("customers", "subscriptions", "invoices", "payment_intents", "payment_methods")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where dlt works for the pipeline ``stripe``."""
    return tmp_path / "dlt" / "pipelines" / "stripe"


def moments(seed: int, packages: tuple[int, int]) -> list[Moment]:
    """Random moments, as many of each phase; others at each run where more are asked for."""
    chance = random.Random(None if EXAMPLES else seed)  # noqa: S311 - any moments will do
    phases = (PHASES[n % len(PHASES)] for n in range(EXAMPLES // 2 or len(PHASES)))
    return [Moment.drawn(chance, phase, packages) for phase in phases]


def test_killed_in_the_backfill(
    account: Simulator, folder: Path, make_warehouse: Callable[[str], Warehouse]
) -> None:
    """A killed backfill goes on where it was committed; what is read twice has bounds."""
    for n in range(1_000 * max(EXAMPLES, 9)):
        row = {"created": 1_780_000_000 + n * 97, "name": f"n{n}"}
        account.account.insert("/v1/customers", row, event=False)
    committed = 0
    for moment in moments(seed=1, packages=(2, 4)):
        account.stats.reset()
        killed(account, folder, moment, CHUNK, "customers")
        read, before = account.stats.rows, committed
        committed = committed_customers(account)
        assert read <= committed - before + AT_MOST, moment
    warehouse = make_warehouse("stripe")
    warehouse.sync(account, "customers")
    assert_equal(warehouse, account, ["customers"], reconciled=True)


def committed_customers(simulator: Simulator) -> int:
    """How many customers the destination's state says have been read."""
    total = len(simulator.account.objects("/v1/customers"))
    elsewhere = Warehouse(Path.cwd())
    elsewhere.pipeline = dlt.pipeline(
        "stripe",
        pipelines_dir=str(Path.cwd() / "elsewhere"),
        destination=elsewhere.pipeline.destination,
        dataset_name="stripe",
    )
    elsewhere.pipeline.sync_destination()
    try:
        state = elsewhere.state("customers", simulator)
    except KeyError:
        return 0
    client = client_for(
        simulator.api_key,
        api_base=simulator.url,
        requests_per_second=5_000.0,
        endpoint_requests_per_second=5_000.0,
    )
    left = ListReader(client, CATALOG["customers"], pending(state, "created")).pages()
    return total - sum(read.page.rows for read in left)


def test_killed_while_the_account_changes(
    account: Simulator, folder: Path, make_warehouse: Callable[[str], Warehouse]
) -> None:
    """Whatever changed before, during and after killed syncs, every table equals the account."""
    kills = 0
    for number, moment in enumerate(moments(seed=2, packages=(1, 1))):
        kills += killed(account, folder, moment, 100, *NAMES)
        account.mutate(25)
        account.advance(PAUSES[number % len(PAUSES)])
    assert kills
    warehouse = make_warehouse("stripe")
    warehouse.sync(account, *NAMES)
    assert_equal(warehouse, account, NAMES, reconciled=False)
    warehouse.sync(account, *NAMES, reconcile=True)
    assert_equal(warehouse, account, NAMES, reconciled=True)


def test_killed_while_emptied_tables_are_filled(
    account: Simulator, folder: Path, make_warehouse: Callable[[str], Warehouse]
) -> None:
    """Tables that somebody has emptied are whole in the end, whenever a sync is killed."""
    warehouse, names = make_warehouse("stripe"), ("customers", "invoices")
    warehouse.sync(account, *names)
    with duckdb.connect(str(warehouse.file)) as connection:
        connection.execute("USE stripe.stripe")
        connection.execute("DELETE FROM customers")
        connection.execute("DROP TABLE invoice_line_items")
    assert sum(killed(account, folder, moment, 20, *names) for moment in moments(3, (1, 3)))
    make_warehouse("stripe").sync(account, *names)
    assert_equal(warehouse, account, names, reconciled=False)
