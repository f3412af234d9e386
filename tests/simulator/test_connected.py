"""Connect: a platform with accounts of others, each by itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import stripe

from stripe_source.simulator import Simulator, SimulatorConfig

from .conftest import Wire, sdk

PATH = "/v1/customers"
CONFIG = SimulatorConfig(seed=6, customers=40, years=0.5, connected=2)


@pytest.fixture(scope="module")
def sim() -> Iterator[Simulator]:
    """A platform with two connected accounts."""
    with Simulator(CONFIG) as made:
        yield made


@pytest.fixture(scope="module")
def others(sim: Simulator) -> list[str]:
    """The ids of the connected ones."""
    return [each for each in sim.accounts if each != sim.account.id]


def test_accounts_are_the_same_each_time(sim: Simulator, others: list[str]) -> None:
    """The connected accounts and what is in them follow from the seed; they are smaller."""
    twin = Simulator(CONFIG)
    assert list(twin.accounts) == list(sim.accounts)
    for each in others:
        assert twin.accounts[each].objects(PATH) == sim.accounts[each].objects(PATH)
        assert 0 < len(sim.accounts[each].objects(PATH)) < len(sim.account.objects(PATH))


@pytest.mark.rule("7.1a", "7.1d")
@pytest.mark.parametrize("header", ["Stripe_Account", "Stripe_Context"])
def test_data_is_apart(sim: Simulator, wire: Wire, others: list[str], header: str) -> None:
    """The header chooses the account, and no account shows anything of another."""
    seen = [set(wire.ids(f"{PATH}?limit=100"))]
    for each in others:
        answer = wire.get(f"{PATH}?limit=100", **{header: each})
        assert answer.headers["Stripe-Account"] == each
        seen.append({row["id"] for row in answer.json()["data"]})
        assert seen[-1] == {row["id"] for row in sim.accounts[each].objects(PATH)}
    assert len(set.union(*seen)) == sum(map(len, seen))
    foreign = next(iter(seen[1]))
    assert wire.get(f"{PATH}/{foreign}").status == 404
    assert wire.get(f"{PATH}/{foreign}", **{header: others[0]}).status == 200


@pytest.mark.rule("4.1f", "7.1a")
def test_by_the_sdk(sim: Simulator, others: list[str]) -> None:
    """The SDK's own option does it; a write lands in the account that is named, with its event."""
    client = sdk(sim)
    made = client.v1.customers.create({"name": "There"}, {"stripe_account": others[0]})
    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        client.v1.customers.retrieve(made.id)
    events = client.v1.events.list({"limit": 1}, {"stripe_account": others[0]})
    assert events.data[0].data.object["id"] == made.id
    assert events.data[0].account == others[0]


@pytest.mark.rule("7.1b")
@pytest.mark.parametrize("header", ["Stripe_Account", "Stripe_Context"])
def test_unknown_account(wire: Wire, header: str) -> None:
    """An account that the key cannot see is a 403 account_invalid."""
    answer = wire.get(PATH, **{header: "acct_other"})
    assert (answer.status, answer.json()["error"]["code"]) == (403, "account_invalid")


@pytest.mark.rule("7.1c")
def test_platform_lists_its_accounts(sim: Simulator, wire: Wire, others: list[str]) -> None:
    """/v1/accounts of the platform has the connected ones, each one that can be asked."""
    listed = {row["id"] for row in wire.all("/v1/accounts")}
    assert listed - {sim.account.id} == set(others)
    for each in others:
        assert wire.get("/v1/account", Stripe_Account=each).json()["id"] == each


@pytest.mark.rule("7.1e", "8.1d")
def test_limits_and_counters_are_apart(sim: Simulator, wire: Wire, others: list[str]) -> None:
    """One account over its rate leaves the others alone, and each has its own counters."""
    for served in sim.served.values():
        served.stats.reset()
    sim.config.global_rate = 1.0
    got = [wire.get(PATH, Stripe_Account=others[0]).status for _ in range(2)]
    assert got == [200, 429]
    assert wire.get(PATH, Stripe_Account=others[1]).status == 200
    assert wire.get(PATH).status == 200
    sim.config.global_rate = None
    counted = [served.stats.requests for served in sim.served.values()]
    assert counted == [1, 2, 1]
    told = wire.control("GET", f"stats?account={others[0]}").json()
    assert (told["requests"], told["rate_limited"]) == (2, 1)
