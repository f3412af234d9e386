"""Masks that change in a sync that is killed: nothing shows by then, nor is anything missing."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import duckdb
import pytest

from stripe_source.simulator import Simulator
from tests.conftest import Warehouse
from tests.convergence.equality import assert_equal
from tests.faults.killing import Moment, killed
from tests.test_masks import checked

NAMES = ("customers", "charges", "invoices")
EMAILS = (
    "SELECT count(email) FROM customers UNION ALL SELECT count(email) FROM customers_history "
    "UNION ALL SELECT count(billing_details__email) FROM charges"
)
NONE = [0, 0, 0]
Kill = Callable[..., None]
Make = Callable[[str], Warehouse]


@pytest.fixture
def kill(account: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kill:
    """Sync with columns left out, and be killed when some tables have been merged.

    Again, and later, until the rows that have an e-mail are as wanted: some, or none.
    """
    folder = tmp_path / "dlt" / "pipelines" / "stripe"

    def started(exclude: str, *, some: bool) -> None:
        name = "SOURCES__STRIPE_SOURCE__EXCLUDE_COLUMNS"
        monkeypatch.setenv(name, exclude)
        for number in range(20):
            moment = Moment("merge", 1, 0.02 * number)
            assert killed(account, folder, moment, 100_000, *NAMES)
            if any(emails(Warehouse(tmp_path))) == some:
                break
        else:
            pytest.fail("it was never killed in time")
        monkeypatch.delenv(name)

    return started


def emails(warehouse: Warehouse) -> list[int]:
    """How many rows have one, by table; nothing where there is no table."""
    with suppress(duckdb.CatalogException):
        return [count for (count,) in warehouse.rows(EMAILS)]
    return []


def test_a_sync_without_masks(account: Simulator, make_warehouse: Make, kill: Kill) -> None:
    """What it has loaded in plain is masked by the next sync that masks as the one before it."""
    make_warehouse("stripe").sync(account, *NAMES, exclude_columns="personal")
    kill("[]", some=True)
    warehouse = make_warehouse("stripe")
    warehouse.sync(account, *NAMES, exclude_columns="personal")
    assert emails(warehouse) == NONE
    assert checked(warehouse, account).differences == 0


def test_a_sync_with_masks(account: Simulator, make_warehouse: Make, kill: Kill) -> None:
    """What it has blanked is read again by a sync that masks nothing."""
    make_warehouse("stripe").sync(account, *NAMES)
    kill("personal", some=False)
    warehouse = make_warehouse("stripe")
    assert set(warehouse.sync(account, *NAMES).relisted) == set(NAMES)
    assert_equal(warehouse, account, NAMES, reconciled=True)
    assert not warehouse.sync(account, *NAMES).relisted


def test_the_first_sync(account: Simulator, make_warehouse: Make, kill: Kill) -> None:
    """What it has loaded, though nothing was committed, is masked by the one that does."""
    kill("[]", some=True)
    warehouse = make_warehouse("stripe")
    warehouse.sync(account, *NAMES, exclude_columns="personal")
    assert emails(warehouse) == NONE
    assert checked(warehouse, account).differences == 0
