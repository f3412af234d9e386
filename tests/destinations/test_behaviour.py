"""What holds in every destination: its rows are those of the account, whatever happens."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import dlt
import pytest

from stripe_source.api.account import read_account
from stripe_source.api.client import Client
from stripe_source.catalog import CATALOG
from stripe_source.connect import connection_to
from stripe_source.held import Held
from stripe_source.report import Report
from stripe_source.simulator import Simulator, SimulatorConfig
from stripe_source.source import stripe_source
from stripe_source.status import restored
from stripe_source.tables.batch import Batch
from stripe_source.tables.hints import hints_at, hints_for
from stripe_source.tables.layout import Table, tables_of
from stripe_source.tables.loads import with_load
from stripe_source.tables.policy import policy_of
from stripe_source.tables.tombstones import with_markers
from stripe_source.verify import Verification, Wanted, verify
from tests.conftest import FAST
from tests.convergence.equality import assert_equal
from tests.destinations.conftest import Place
from tests.simulator.conftest import sdk
from tests.tables.pages import page

# SQLAlchemy has something to say of dlt's statements.
pytestmark = pytest.mark.filterwarnings("ignore:implicitly coercing SELECT object")

LOADED = ("customers", "products", "subscriptions")


def test_the_rows_are_the_accounts(place: Place, account: Simulator) -> None:
    """Synced, synced again, and compared by a reconciliation, which finds no difference.

    Nor does a verification, of a sample and of all.
    """
    names = (*LOADED, "invoices", "prices")
    place.sync(account, *names)
    assert_equal(place, account, names, reconciled=True, blanks=place.blanks)
    again = place.sync(account, *names, reconcile=True)
    assert set(again.drift) >= set(names)
    assert not any(any(vars(drift).values()) for drift in again.drift.values()), again.drift
    assert_equal(place, account, names, reconciled=True, blanks=place.blanks)
    for sample in (2, None):
        found = verified(place, account, sample)
        assert found.differences == 0
        assert {table.name for table in found.tables} >= set(names)


def verified(place: Place, account: Simulator, sample: int | None) -> Verification:
    """What is found where the tables are compared with the account."""
    client = Client(connection_to(account.api_key, api_base=account.url, **FAST))
    target, name = place.pipeline.destination, place.pipeline.pipeline_name
    with restored(target, place.pipeline.dataset_name, name) as (pipeline, source):
        members = [(client, read_account(client))]
        return verify(pipeline, source, members, Wanted(sample=sample), Report())


def test_what_changes_and_goes(place: Place, account: Simulator) -> None:
    """A changed object, a new one, a deleted one, and a child that its parent lost."""
    api = sdk(account).v1
    unused = api.products.create({"name": "Unused"})
    busy = max(account.account.objects("/v1/subscriptions"), key=lambda s: len(s["items"]["data"]))
    items = busy["items"]["data"]
    assert len(items) > 1
    place.sync(account, *LOADED)
    customer = account.account.objects("/v1/customers")[0]["id"]
    api.customers.update(customer, {"name": "Ada"})
    new = api.customers.create({"name": "Grace"})
    api.products.delete(unused.id)
    api.subscription_items.delete(items[0]["id"], {"proration_behavior": "none"})
    place.sync(account, *LOADED)
    assert_equal(place, account, LOADED, reconciled=False, blanks=place.blanks)
    names = {row["id"]: row["name"] for row in place.table("customers")}
    assert (names[customer], names[new.id]) == ("Ada", "Grace")
    policy = policy_of(place.pipeline.destination.capabilities(), place.table_format)
    assert place.versions("customers", customer) == (1 if policy.merges else 2)
    (gone,) = [row for row in place.table("products") if row["is_deleted"]]
    assert (gone["id"], gone["name"]) == (unused.id, "Unused")
    kept = {row["id"] for row in place.table("subscription_items")}
    assert items[0]["id"] not in kept
    assert {item["id"] for item in items[1:]} <= kept


def test_a_fresh_machine_goes_on(place: Place, account: Simulator) -> None:
    """State comes from the destination: nothing is loaded twice, and what changed is seen."""
    place.sync(account, *LOADED)
    place.pipeline = place.machine("another")
    customer = account.account.objects("/v1/customers")[0]["id"]
    sdk(account).v1.customers.update(customer, {"name": "Ada"})
    result = place.sync(account, *LOADED)
    assert result.rows["customers"] == 1
    assert not result.relisted
    assert_equal(place, account, LOADED, reconciled=False, blanks=place.blanks)


def test_a_history_has_each_version_once(place: Place, account: Simulator) -> None:
    """A version is there once, however often it is read, and is told by its event."""
    place.sync(account, "customers")
    before = {row["version_id"] for row in place.table("customers_history")}
    customer = account.account.objects("/v1/customers")[0]["id"]
    for name in ("Ada", "Grace"):
        sdk(account).v1.customers.update(customer, {"name": name})
    for _ in range(2):
        place.sync(account, "customers", reconcile=True)
        rows = place.table("customers_history")
        assert len({(row["version_id"], row["id"]) for row in rows}) == len(rows)
    added = [row for row in rows if row["version_id"] not in before]
    assert sorted(row["name"] for row in added if row["source"] == "event") == ["Ada", "Grace"]


def test_a_package_that_is_loaded_twice(place: Place, account: Simulator) -> None:
    """Killed between commit and mark, the same package comes again, and doubles nothing."""
    place.sync(account, "customers", "subscriptions")
    customer = account.account.objects("/v1/customers")[0]["id"]
    sdk(account).v1.customers.update(customer, {"name": "Ada"})
    source = stripe_source(["customers", "subscriptions"], reconcile=True, **place.source(account))
    place.pipeline.extract(source)
    place.pipeline.normalize()
    working, copy = Path(place.pipeline.working_dir), place.folder / "copy"
    shutil.copytree(working, copy)
    for file in copy.rglob("new_jobs/_dlt_pipeline_state.*"):
        file.unlink()  # dlt's own row has a unique key in Postgres: the same one again would fail
    place.pipeline.load()
    counts = {name: len(place.table(name)) for name in ("customers", "customers_history")}
    shutil.rmtree(working)
    shutil.copytree(copy, working)
    place.pipeline = place.machine("one")
    place.pipeline.load()
    assert {name: len(place.table(name)) for name in counts} == counts
    assert_equal(
        place, account, ("customers", "subscriptions"), reconciled=True, blanks=place.blanks
    )


NEW = {"id": "sub_1", "items": {"object": "list", "data": [{"id": "si_2"}]}}
EMPTY = {"id": "sub_1", "items": {"object": "list", "data": []}}
OLD = {"id": "sub_1", "items": {"object": "list", "data": [{"id": "si_1"}, {"id": "si_2"}]}}


def load(place: Place, table: Table, *versions: tuple[dict[str, object], float]) -> None:
    """Load versions of a subscription in one package, as read at these times."""
    resource = CATALOG["subscriptions"]
    pages, stamps = [page(version) for version, _ in versions], [at for _, at in versions]
    batch = Batch(resource, ["acct_1"] * len(pages), pages, stamps)
    rows = batch.table(table)
    if table.parent_id:
        rows = with_markers(table, batch.table(tables_of(resource)[0]), rows)
    held = Held(place.pipeline, "acct_1")
    policy = held.policy(place.table_format)
    names = held.names(table, beside_parent=True) if policy.by_sql else None
    added = hints_at(table, policy, names)
    made = dlt.resource(_rows(rows, added), name=table.name, **hints_for(table, place.table_format))
    place.pipeline.run(made)


@pytest.fixture
def account() -> Iterator[Simulator]:
    """A smaller account than that of other tests, for there are many destinations."""
    with Simulator(SimulatorConfig(seed=3, customers=4, years=1, fixtures=1)) as simulator:
        yield simulator


def _rows(rows: object, added: dict[str, object]) -> object:
    yield dlt.mark.with_hints(with_load(rows), dlt.mark.make_hints(**added))  # type: ignore[arg-type]


OWN, ITEMS = (
    next(t for t in tables_of(CATALOG["subscriptions"]) if t.name == name)
    for name in ("subscriptions", "subscription_items")
)


def test_no_row_gives_way_to_an_older_one(place: Place) -> None:
    """Neither to one in the same package nor to one that is loaded late; nor do its children."""
    for versions in ([(NEW, 2_000.0), (OLD, 1_000.0)], [(OLD, 1_000.0)], [(NEW, 2_000.0)]):
        load(place, OWN, *versions)
        load(place, ITEMS, *versions)
        (row,) = place.table("subscriptions")
        assert row["_updated_at"].timestamp() == 2_000.0
        assert [row["id"] for row in place.table("subscription_items")] == ["si_2"]


def test_a_list_that_is_empty_stays_so(place: Place) -> None:
    """Its children don't come back with an older version of their parent that is loaded late."""
    for version, at, left in ((OLD, 1_000.0, 2), (EMPTY, 2_000.0, 0), (OLD, 1_000.0, 0)):
        load(place, OWN, (version, at))
        load(place, ITEMS, (version, at))
        assert len(place.table("subscription_items")) == left
    load(place, OWN, (NEW, 3_000.0))
    load(place, ITEMS, (NEW, 3_000.0))
    assert [row["id"] for row in place.table("subscription_items")] == ["si_2"]
