"""Many accounts in one dataset: each by itself, whatever becomes of the others."""

import threading
import time
from collections.abc import Callable, Generator, Iterator
from typing import Any

import pytest
from dlt.pipeline.exceptions import PipelineStepFailed

from stripe_source.api.client import Client
from stripe_source.connect import connection_to
from stripe_source.errors import AccessError, OtherAccount, UsageError
from stripe_source.reading.together import together
from stripe_source.report import AccountReport, Report
from stripe_source.simulator import Simulator, SimulatorConfig
from stripe_source.simulator.store.account import Account
from stripe_source.source import stripe_source
from stripe_source.tables.maker import Tables
from tests.conftest import FAST, Warehouse

NAMES = ("customers", "products", "subscriptions")
MANY = 5


@pytest.fixture
def platform() -> Iterator[Simulator]:
    """A platform with some accounts connected to it."""
    config = SimulatorConfig(seed=6, customers=30, years=0.5, fixtures=0, connected=MANY)
    with Simulator(config) as simulator:
        yield simulator


def others(platform: Simulator) -> list[Account]:
    """The connected accounts."""
    return [each for each in platform.accounts.values() if each is not platform.account]


def everything(platform: Simulator, name: str) -> set[tuple[str, str]]:
    """The ids of all objects, each with its account's."""
    path = f"/v1/{name}"
    return {(a.id, o["id"]) for a in platform.accounts.values() for o in a.objects(path)}


def held(warehouse: Warehouse, name: str) -> set[tuple[str, str]]:
    """The same in the tables."""
    rows = warehouse.rows(f"SELECT _account_id, id FROM {name} WHERE NOT is_deleted")
    assert len(rows) == len(set(rows))
    return set(rows)


def as_it_is(platform: Simulator, warehouse: Warehouse) -> bool:
    """Whether the tables have all objects of all accounts, and no other."""
    return all(held(warehouse, name) == everything(platform, name) for name in NAMES)


@pytest.mark.parametrize("how", [Warehouse.sync, Warehouse.run])
def test_all_accounts(platform: Simulator, warehouse: Warehouse, how: Callable[..., Any]) -> None:
    """The platform's and all connected ones; later what changed in each, and nothing else.

    A product of the same id is in each account by itself, and deleted in one stays in the others.
    """
    for account in platform.accounts.values():
        account.insert("/v1/products", {"id": "prod_shared", "name": account.id})
    how(warehouse, platform, *NAMES, accounts="all")
    assert as_it_is(platform, warehouse)
    names = warehouse.rows("SELECT _account_id, name FROM products WHERE id = 'prod_shared'")
    assert all(account == name for account, name in names)
    assert len(names) == MANY + 1
    platform.advance(60)
    one, other, *_ = others(platform)
    one.delete("/v1/products", "prod_shared")
    other.insert("/v1/customers", {"id": "cus_late", "name": "Late"})
    before = warehouse.rows("SELECT _account_id, id, _updated_at FROM customers")
    how(warehouse, platform, *NAMES, accounts="all")
    assert as_it_is(platform, warehouse)
    after = set(warehouse.rows("SELECT _account_id, id, _updated_at FROM customers"))
    assert {row[:2] for row in after - set(before)} == {(other.id, "cus_late")}
    gone = warehouse.rows("SELECT _account_id FROM products WHERE is_deleted")
    assert (one.id,) in gone


def test_versions_of_each(platform: Simulator, warehouse: Warehouse) -> None:
    """The history has what the events of each account tell."""
    warehouse.sync(platform, "customers", accounts="all")
    platform.advance(60)
    for account in platform.accounts.values():
        first = account.objects("/v1/customers")[0]["id"]
        account.update("/v1/customers", first, {"name": f"New in {account.id}"})
    warehouse.sync(platform, "customers", accounts="all")
    rows = warehouse.rows(
        "SELECT _account_id, name FROM customers_history WHERE name LIKE 'New in %'"
    )
    assert sorted(rows) == sorted((a, f"New in {a}") for a in platform.accounts)


def test_named_accounts(platform: Simulator, warehouse: Warehouse) -> None:
    """Of the accounts those that are named, however; another one comes in by its name."""
    one, other, third, *_ = (each.id for each in others(platform))
    warehouse.sync(platform, *NAMES, accounts=f"{one}, {other}")
    assert {account for account, _ in held(warehouse, "customers")} == {one, other}
    with pytest.raises(OtherAccount, match="name the accounts that it is to hold"):
        warehouse.sync(platform, *NAMES, stripe_account=third)
    result = warehouse.sync(platform, *NAMES, accounts=[third])
    assert result.accounts == [third]
    assert {account for account, _ in held(warehouse, "customers")} == {one, other, third}
    warehouse.sync(platform, *NAMES, stripe_account=third)


def test_several_keys(platform: Simulator, warehouse: Warehouse) -> None:
    """Each key's account goes into the dataset; one that is revoked is left out and said so."""
    one, other, third, *_ = (each.id for each in others(platform))
    platform.add_key("sk_test_ofone_000000000001", account=one)
    platform.add_key("sk_test_ofother_000000000002", account=other)
    platform.add_key("sk_test_revoked_000000000003", account=other).revoked = True
    keys = "sk_test_ofone_000000000001,sk_test_revoked_000000000003,sk_test_ofother_000000000002"
    result = warehouse.sync(platform, *NAMES, stripe_secret_key=keys)
    assert result.accounts == [one, other]
    assert result.outcomes == {"sk_test_****0003": "denied"}
    assert result.exit_code == 3
    assert {account for account, _ in held(warehouse, "customers")} == {one, other}
    platform.add_key("sk_live_other_0000000000004", account=third)
    with pytest.raises(UsageError, match="keys of one mode"):
        warehouse.sync(platform, stripe_secret_key=f"{keys},sk_live_other_0000000000004")
    with pytest.raises(AccessError):
        warehouse.sync(platform, stripe_secret_key=",".join(["sk_test_revoked_000000000003"] * 2))


def test_an_account_that_is_revoked(platform: Simulator, warehouse: Warehouse) -> None:
    """It does not stop the others, keeps its rows, and goes on from where it was."""
    names = list(platform.accounts)
    warehouse.sync(platform, *NAMES, accounts=names)
    platform.advance(60)
    gone = others(platform)[0]
    for account in platform.accounts.values():
        account.insert("/v1/customers", {"id": "cus_late", "name": "Late"})
    del platform.accounts[gone.id]
    result = warehouse.sync(platform, *NAMES, accounts=names)
    assert result.outcomes == {gone.id: "denied"}
    assert "does not have access" in result.skipped[gone.id]
    assert (result.exit_code, gone.id in result.accounts) == (3, False)
    late = {account for account, id_ in held(warehouse, "customers") if id_ == "cus_late"}
    assert late == set(platform.accounts)
    platform.accounts[gone.id] = gone
    assert warehouse.sync(platform, *NAMES, accounts=names).exit_code == 0
    assert as_it_is(platform, warehouse)


@pytest.mark.parametrize("how", [Warehouse.sync, Warehouse.run])
def test_an_account_that_is_revoked_on_the_way(
    platform: Simulator, warehouse: Warehouse, how: Callable[..., Any]
) -> None:
    """Listed among the platform's, and then refused: the others are read to the end."""
    gone = others(platform)[0].id
    del platform.accounts[gone]
    result = how(warehouse, platform, *NAMES, accounts="all")
    if result is not None:
        assert result.outcomes == {gone: "denied"}
    assert as_it_is(platform, warehouse)


def test_an_account_that_refuses_one_list(platform: Simulator, warehouse: Warehouse) -> None:
    """All of it is left out, in one line; what was under way of it then is no failure of its own.

    The others are read to the end.
    """
    gone = others(platform)[0].id
    slow = [{"path": f"/v1/{n}", "account": gone, "kind": "500", "times": 2} for n in NAMES[1:]]
    refused = {"path": "/v1/customers", "account": gone, "kind": "401", "times": 1_000}
    platform.faults[:] = [refused, *slow]
    result = warehouse.sync(platform, *NAMES, accounts="all")
    assert result.outcomes == {gone: "denied"}
    assert result.exit_code == 3
    assert {account for account, _ in held(warehouse, "products")} >= {
        account for account in platform.accounts if account != gone
    }


def test_accounts_that_are_not_asked_for(platform: Simulator, warehouse: Warehouse) -> None:
    """A sync of the key's own account says which others of the dataset it leaves as they are."""
    assert warehouse.sync(platform, *NAMES, accounts="all").accounts_left == []
    result = warehouse.sync(platform, *NAMES)
    assert set(result.accounts_left) == {each.id for each in others(platform)}
    assert result.accounts == [platform.account.id]


def test_what_ends_all_of_it_is_said() -> None:
    """Who reads another resource raises the cause, and not that the connection was closed."""
    report, begun = Report(), threading.Event()

    def fails() -> Generator[Tables, None, None]:
        begun.wait(10)
        raise UsageError("the cause")
        yield {}

    def goes_on() -> Generator[Tables, None, None]:
        begun.set()
        while True:
            yield {}

    other = together([goes_on], report)
    assert next(other) == {}
    with pytest.raises(UsageError, match="the cause"):
        list(together([fails], report))
    with pytest.raises(UsageError, match="the cause"):
        list(other)


def test_a_failure_is_of_one_account(platform: Simulator, warehouse: Warehouse) -> None:
    """What Stripe does not give of one account holds up no other, and comes with a later sync."""
    warehouse.sync(platform, *NAMES, accounts="all")
    platform.advance(60)
    for account in platform.accounts.values():
        first = account.objects("/v1/customers")[0]["id"]
        account.update("/v1/customers", first, {"name": "Edited"})
    bad = others(platform)[1]
    path = f"/v1/customers/{bad.objects('/v1/customers')[0]['id']}"
    platform.faults.append({"path": path, "account": bad.id, "kind": "403", "times": 1_000})
    result = warehouse.sync(platform, *NAMES, accounts="all")
    assert result.outcomes == {f"{bad.id}/customers": "failed"}
    assert result.exit_code == 1
    query = "SELECT _account_id FROM customers WHERE name = 'Edited'"
    assert {a for (a,) in warehouse.rows(query)} == set(platform.accounts) - {bad.id}
    platform.faults.clear()
    warehouse.sync(platform, *NAMES, accounts="all")
    assert {a for (a,) in warehouse.rows(query)} == set(platform.accounts)


def test_some_at_a_time(
    platform: Simulator, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With more accounts than a run takes, and lists that take several, all come to their end."""
    monkeypatch.setattr("stripe_source.report.report.LEAST_TURN", 2)
    monkeypatch.setattr("stripe_source.report.report.LONG", 0.0)
    result = warehouse.sync(platform, *NAMES, accounts="all", report=Report(_most=2), chunk_rows=10)
    assert len(result.runs) > MANY // 2
    assert as_it_is(platform, warehouse)


def test_whose_turn_it_is() -> None:
    """New accounts and those on the way share the places; who has had the fewest runs is first."""
    report = Report(followed=True, _most=4)
    names = [f"acct_{number}" for number in range(8)]
    for name, runs in zip(names, (3, 1, 2, 0, 0, 0, 1, 1), strict=True):
        report.accounts[name] = AccountReport(runs=runs, pending={"customers"})
    report.accounts["acct_7"].pending.clear()
    assert report.turn(names) == ["acct_1", "acct_6", "acct_3", "acct_4"]
    report.accounts["acct_3"].refuse("revoked")
    report.accounts["acct_4"].refuse("revoked")
    report.accounts["acct_5"].refuse("revoked")
    assert report.turn(names) == ["acct_1", "acct_6", "acct_2", "acct_0"]
    assert Report().turn(names) == names


def test_an_account_that_is_no_longer_there() -> None:
    """Nothing is due any more of one that was on the way and is not listed any longer."""
    report = Report(followed=True)
    report.accounts["acct_gone"] = AccountReport(runs=1, pending={"customers"})
    report.turn(["acct_1"])
    report.end_run()
    assert not report.is_due
    assert report.outcomes == {"acct_gone": "denied"}


def test_a_failure_ends_the_reading(platform: Simulator, warehouse: Warehouse) -> None:
    """What fails in a run is what is said, and nobody reads on behind it."""

    def fails(_: Any) -> Any:
        raise ZeroDivisionError("in a map")

    connection = {"stripe_secret_key": platform.api_key, "api_base": platform.url, **FAST}
    made = stripe_source(["customers", "products"], accounts="all", **connection)
    made.resources["customers"].add_map(fails)
    with pytest.raises(PipelineStepFailed, match="in a map"):
        warehouse.pipeline.run(made)
    until = time.monotonic() + 10
    while time.monotonic() < until and any("-accounts" in t.name for t in threading.enumerate()):
        time.sleep(0.1)
    assert [t.name for t in threading.enumerate() if "-accounts" in t.name] == []


def test_refresh_is_of_all_accounts(platform: Simulator, warehouse: Warehouse) -> None:
    """It would take the rows of accounts that are not read, so it is refused unless all are."""
    warehouse.sync(platform, "products", accounts="all")
    one = others(platform)[0].id
    with pytest.raises(UsageError, match=f"{MANY} of them can't be read here"):
        warehouse.sync(platform, "products", accounts=[one], refresh="products")
    assert held(warehouse, "products") == everything(platform, "products")
    warehouse.sync(platform, "products", accounts="all", refresh="products")
    assert held(warehouse, "products") == everything(platform, "products")


def test_they_are_read_at_once(platform: Simulator, warehouse: Warehouse) -> None:
    """Requests of several accounts are under way together, within one limit for all."""
    platform.config.latency_ms = (150, 150)
    warehouse.sync(platform, *NAMES, accounts="all")
    counts = [platform.served[name].stats for name in platform.accounts]
    assert sum(each.peak_concurrency for each in counts) > 2 * MANY


def test_one_limit_for_all(platform: Simulator) -> None:
    """Requests for connected accounts are within the limit of the key's."""
    connection = connection_to(
        platform.api_key,
        api_base=platform.url,
        requests_per_second=20,
        endpoint_requests_per_second=99,
    )
    client = Client(connection)
    clients = [client, *(client.acting_for(each.id) for each in others(platform))]
    began = time.monotonic()
    ids = [each.get_json("/v1/account")["id"] for each in clients]
    assert time.monotonic() - began >= MANY / 20
    assert ids == list(platform.accounts)
    client.close()


def test_accounts_that_can_not_be(platform: Simulator, warehouse: Warehouse) -> None:
    """What is no account's id, or none at all, is refused before a request is made."""
    for accounts, why in (
        ("all,acct_1", "'all' or named"),
        ("acct 1\r\nX: y", "no account's id"),
        ("sk_live_1234567890", "a key stands where"),
        ([], "accounts names none"),
    ):
        with pytest.raises(UsageError, match=why):
            warehouse.sync(platform, accounts=accounts)
    with pytest.raises(AccessError, match=r"none of the accounts can be read; acct_nope: "):
        warehouse.sync(platform, accounts=["acct_nope"])
    platform.stats.reset()
    with pytest.raises(UsageError, match="exclude each other"):
        warehouse.sync(platform, accounts="all", stripe_account="acct_1")
    assert platform.stats.requests == 0
