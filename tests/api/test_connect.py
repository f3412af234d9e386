"""Settings come from arguments, else the environment, else Stripe's own values."""

from collections.abc import Iterator
from typing import Any

import pytest

from stripe_source.api.client import Client
from stripe_source.api.limiter import Limits
from stripe_source.catalog import CATALOG, DEFAULT
from stripe_source.connect import client_for, selection
from stripe_source.errors import AccessError, UsageError

FIRST, SECOND, THIRD = "sk_test_51FirstKey", "sk_test_51SecondKey", "sk_live_51ThirdKey"


@pytest.fixture
def clients() -> Iterator[Any]:
    """client_for, with the clients closed afterwards."""
    made: list[Client] = []

    def make(*args: Any, **settings: Any) -> Client:
        made.append(client_for(*args, **settings))
        return made[-1]

    yield make
    for client in made:
        client.close()


def test_where_the_key_comes_from(clients: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """An argument goes before STRIPE_SECRET_KEY, and that before STRIPE_API_KEY."""
    with pytest.raises(AccessError, match="no Stripe key"):
        clients()
    monkeypatch.setenv("STRIPE_API_KEY", THIRD)
    assert clients().connection.key.secret == THIRD
    monkeypatch.setenv("STRIPE_SECRET_KEY", SECOND)
    assert clients().connection.key.secret == SECOND
    assert clients(FIRST).connection.key.secret == FIRST


def test_where_the_address_comes_from(clients: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """An argument goes before STRIPE_API_BASE, and that before Stripe's address."""
    assert clients(FIRST).api_base == "https://api.stripe.com"
    monkeypatch.setenv("STRIPE_API_BASE", "http://localhost:12111/")
    assert clients(FIRST).api_base == "http://localhost:12111"
    assert clients(FIRST, api_base="https://x.example").api_base == "https://x.example"
    monkeypatch.setenv("STRIPE_API_BASE", "http://api.stripe.com")
    with pytest.raises(UsageError, match="must be https"):
        clients(FIRST)


def test_limits_are_those_of_the_key_unless_given(clients: Any) -> None:
    """Each limit can be set by itself; without that it is Stripe's for the kind of key."""
    assert clients(FIRST).limiter.limits == Limits(25.0, 25.0, 20.0)
    assert clients(THIRD).limiter.limits == Limits(100.0, 25.0)
    assert clients(THIRD, requests_per_second=7.0).limiter.limits == Limits(7.0, 25.0)
    given = clients(FIRST, endpoint_requests_per_second=3.0).limiter.limits
    assert given == Limits(25.0, 3.0, 3.0)


@pytest.mark.parametrize("rate", [-1.0, 0.0, float("nan")])
def test_a_rate_must_be_positive(clients: Any, rate: float) -> None:
    """A rate of nothing or less is wrong usage, not a sync without limits."""
    with pytest.raises(UsageError, match="requests_per_second"):
        clients(FIRST, requests_per_second=rate)
    with pytest.raises(UsageError, match="endpoint_requests_per_second"):
        clients(FIRST, endpoint_requests_per_second=rate)


def test_a_selection_by_text_or_list() -> None:
    """Names with commas, lists of names, ``all`` in both forms and nothing all select."""
    assert [row.name for row in selection(" invoices , charges,")] == ["invoices", "charges"]
    assert [row.name for row in selection(["coupons"])] == ["coupons"]
    assert [row.name for row in selection(None)] == list(DEFAULT)
    assert len(selection("all")) == len(selection(["all"])) == len(CATALOG)
    with pytest.raises(UsageError, match="unknown resource"):
        selection("invoices,nonsense")
    with pytest.raises(UsageError, match="no resource"):
        selection(" , ")
