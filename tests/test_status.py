"""The status is read from the destination alone: cursors, rows, what is pending, and the usage."""

import dlt
import duckdb
import pytest

from stripe_source.errors import UsageError
from stripe_source.simulator import Simulator
from stripe_source.status import ResourceStatus, Status, read_status, usage_of
from stripe_source.tables.compare import Drift
from tests.conftest import Warehouse


def status(warehouse: Warehouse) -> Status:
    """The status of what the warehouse's pipeline has loaded."""
    assert warehouse.pipeline.destination
    return read_status(warehouse.pipeline.destination, "stripe", warehouse.pipeline.pipeline_name)


def of(found: Status, name: str) -> ResourceStatus:
    """One resource of a status."""
    return next(resource for resource in found.resources if resource.name == name)


def test_rows_tombstones_and_cursors(account: Simulator, warehouse: Warehouse) -> None:
    """A resource has its rows, its tombstones and the times up to which it has been read."""
    warehouse.sync(account, "customers", "country_specs")
    account.advance(3_600)
    ids = [row["id"] for row in account.account.objects("/v1/customers")]
    account.account.delete("/v1/customers", ids[0])
    warehouse.sync(account, "customers", "country_specs")
    found = status(warehouse)
    now = account.account.clock.now
    assert (found.accounts, found.livemode) == ([account.account.id], False)
    customers = of(found, "customers")
    assert (customers.rows, customers.deleted) == (len(ids) - 1, 1)
    assert (customers.created, customers.updated, customers.lag(now + 60)) == (now, now, 60)
    assert customers.pending == []
    specs = of(found, "country_specs")
    assert (specs.updated, specs.current, specs.lag(now)) == (None, now, 0)
    assert specs.relisted
    assert (specs.relisted.why, specs.relisted.drift) == ("routine", {})


def test_a_backfill_that_was_interrupted(account: Simulator, warehouse: Warehouse) -> None:
    """What a run has left to read is pending, and no longer so once it has been read."""
    for n in range(1_000):
        old = {"created": 1_780_000_000 + n * 100, "name": f"n{n}"}
        account.account.insert("/v1/customers", old, event=False)
    many = len(account.account.objects("/v1/customers"))
    warehouse.run(account, "customers", chunk_rows=100)
    interrupted = of(status(warehouse), "customers")
    assert interrupted.pending == ["backfill"]
    assert interrupted.rows is not None
    assert 0 < interrupted.rows < many
    warehouse.sync(account, "customers")
    whole = of(status(warehouse), "customers")
    assert (whole.pending, whole.rows) == ([], many)


def test_the_last_relist_and_its_drift(account: Simulator, warehouse: Warehouse) -> None:
    """What a reconcile found stays to be seen."""
    warehouse.sync(account, "coupons")
    with duckdb.connect(str(warehouse.file)) as connection:
        connection.execute("UPDATE stripe.stripe.coupons SET name = 'another'")
    warehouse.sync(account, "coupons", reconcile=True)
    number = len(warehouse.table("coupons"))
    last = of(status(warehouse), "coupons").relisted
    assert last
    assert (last.why, last.drift) == ("asked for", {"coupons": Drift(stale=number)})
    assert last.at == account.account.clock.now


def test_the_working_folder_does_not_matter(account: Simulator, warehouse: Warehouse) -> None:
    """Without dlt's folder the status is the same, and reading it brings none back."""
    warehouse.sync(account, "coupons")
    before = status(warehouse)
    warehouse.pipeline.drop()
    files = sorted(p.name for p in warehouse.file.parent.rglob("*"))
    assert status(warehouse) == before
    assert sorted(p.name for p in warehouse.file.parent.rglob("*")) == files


def test_others_may_read_at_the_same_time(account: Simulator, warehouse: Warehouse) -> None:
    """A connection that only reads the file does not keep the status from being read."""
    warehouse.sync(account, "coupons")
    with duckdb.connect(str(warehouse.file), read_only=True):
        assert of(status(warehouse), "coupons").rows


def test_nothing_there(account: Simulator, warehouse: Warehouse) -> None:
    """A missing file is not made; another dataset or pipeline name has no status."""
    with pytest.raises(UsageError, match=r"there is no stripe\.duckdb here"):
        status(warehouse)
    assert not warehouse.file.exists()
    warehouse.sync(account, "coupons")
    target = warehouse.pipeline.destination
    assert target
    for dataset, name in (("nope", "stripe"), ("stripe", "other")):
        with pytest.raises(UsageError, match=f"dataset '{dataset}' has nothing of a .* '{name}'"):
            read_status(target, dataset, name)


def test_a_destination_without_sql(account: Simulator) -> None:
    """Where nothing can be restored, one line says that there is nothing."""
    pipeline = dlt.pipeline("away", destination="dummy", dataset_name="stripe")
    assert pipeline.destination
    with pytest.raises(UsageError, match="has nothing of a pipeline 'away'"):
        read_status(pipeline.destination, "stripe", "away")
    assert account.stats.requests == 0


def test_every_sync_counts_its_requests(account: Simulator, warehouse: Warehouse) -> None:
    """Each sync is an entry with all it asked; a month is of those that listed nothing whole."""
    counts = []
    for reconcile in (False, False, False, True):
        account.stats.reset()
        runs = warehouse.sync(account, "invoices", reconcile=reconcile).runs
        counts.append(account.stats.requests)
        account.advance(3_600)
    assert len(runs) == 2
    kept = warehouse.pipeline.state["sources"]["stripe_source"]["syncs"]
    assert [count for _, count, _ in kept] == counts
    assert [whole for _, _, whole in kept] == [True, False, False, True]
    usage = status(warehouse).usage
    assert usage
    assert usage.interval == 3_600
    assert usage.requests_a_sync == sum(counts[1:3]) / 2
    assert usage.requests_a_month == sum(counts[1:3]) * 360


def test_ten_syncs_are_kept(account: Simulator, warehouse: Warehouse) -> None:
    """The oldest entries go, so that the state does not grow; a plain dlt run is an entry too."""
    for _ in range(12):
        warehouse.run(account, "coupons")
        account.advance(60)
    kept = warehouse.pipeline.state["sources"]["stripe_source"]["syncs"]
    now = account.account.clock.now
    assert [began for began, *_ in kept] == [now - 60 * n for n in range(10, 0, -1)]


def test_a_pace_needs_two_syncs() -> None:
    """One sync, or two in one second, or in which all was listed, say nothing of a month."""
    assert usage_of([]) is None
    assert usage_of([[100, 5, True]]) is None
    assert usage_of([[100, 5, True], [100, 3, False]]) is None
    assert usage_of([[100, 5, True], [200, 3, True]]) is None
