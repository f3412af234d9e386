"""Rate limits, caps on concurrency, latency, and the count of reads."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from stripe_source.simulator import Simulator, SimulatorConfig

from .conftest import Wire

PATH = "/v1/invoices"
SEARCH = "/v1/customers/search?query=name:'a'"


@pytest.fixture(scope="module")
def shared() -> Iterator[Simulator]:
    """One account for the module; each test turns the knobs that it needs."""
    with Simulator(SimulatorConfig(seed=4, customers=12, years=0.5)) as made:
        yield made


@pytest.fixture
def own(shared: Simulator) -> Iterator[Simulator]:
    """The account with every limit off and nothing counted."""
    before = dict(vars(shared.config))
    shared.stats.reset()
    yield shared
    vars(shared.config).update(before)
    shared.served[shared.account.id].limits.buckets.clear()


@pytest.mark.rule("6.1c", "6.1d")
@pytest.mark.parametrize(("setting", "reason"), [
    ({"global_rate": 5.0}, "global-rate"), ({"endpoint_rate": 5.0}, "endpoint-rate"),
    ({"endpoint_rates": {PATH: 5.0}}, "endpoint-rate"),
])  # fmt: skip
def test_rate_limits(own: Simulator, own_wire: Wire, setting: dict[str, Any], reason: str) -> None:
    """Over the rate comes a 429 with its reason and no Retry-After; soon it is fine."""
    for name, value in setting.items():
        setattr(own.config, name, value)
    answers = [own_wire.get(PATH) for _ in range(8)]
    refused = [a for a in answers if a.status == 429]
    assert refused
    assert {a.headers["Stripe-Rate-Limited-Reason"] for a in refused} == {reason}
    assert "Retry-After" not in refused[0].headers
    assert "Stripe-Should-Retry" not in refused[0].headers
    error = refused[0].json()["error"]
    assert (error["type"], error["code"]) == ("invalid_request_error", "rate_limit")
    assert own.stats.rate_limited == own.stats.by_reason[reason] == len(refused)
    time.sleep(0.25)
    assert own_wire.get(PATH).status == 200


@pytest.mark.rule("6.1a")
def test_endpoints_have_buckets_of_their_own(own: Simulator, own_wire: Wire) -> None:
    """One endpoint over its rate leaves the others alone; one object of a list is another one."""
    own.config.endpoint_rate = 1.0
    assert [own_wire.get(PATH).status for _ in range(2)] == [200, 429]
    assert own_wire.get("/v1/customers").status == 200
    assert own_wire.get(f"{PATH}/in_none").status == 404
    assert own_wire.get(f"{PATH}/in_other").status == 429


@pytest.mark.rule("5.1g", "6.1a")
def test_searches_share_a_limiter(own: Simulator, own_wire: Wire) -> None:
    """All searches together have a rate of their own, beside that of the endpoints."""
    own.config.search_rate = 2.0
    own.config.endpoint_rate = 1.0
    paths = [SEARCH, SEARCH.replace("customers", "products"), SEARCH]
    answers = [own_wire.get(path) for path in paths]
    assert [a.status == 429 for a in answers] == [False, False, True]
    assert answers[2].headers["Stripe-Rate-Limited-Reason"] == "endpoint-rate"
    assert own_wire.get("/v1/customers").status == 200


@pytest.mark.rule("6.1a")
def test_files_have_a_limiter(own: Simulator, own_wire: Wire) -> None:
    """Files have a rate of their own."""
    own.config.files_rate = 1.0
    assert [own_wire.get("/v1/files").status for _ in range(2)] == [200, 429]


@pytest.mark.rule("6.1d")
def test_retry_after_by_a_knob(own: Simulator, own_wire: Wire) -> None:
    """Stripe sends no Retry-After; a knob has it sent."""
    own.config.global_rate, own.config.retry_after = 1.0, 3
    assert [own_wire.get(PATH).headers.get("Retry-After") for _ in range(2)] == [None, "3"]


@pytest.mark.rule("5.1g", "6.1a")
@pytest.mark.parametrize(("mode", "rate"), [("live", 100.0), ("sandbox", 25.0)])
def test_stripes_own_limits(mode: str, rate: float) -> None:
    """The presets are what Stripe documents: 100 or 25 in all, 25 an endpoint, search 20."""
    config = SimulatorConfig(limits=mode)
    assert (config.global_rate, config.endpoint_rate) == (rate, 25.0)
    assert (config.search_rate, config.files_rate) == (20.0, 20.0)
    assert SimulatorConfig(limits=mode, search_rate=1.0).search_rate == 1.0
    with pytest.raises(ValueError, match="limits is one of live, sandbox, not 'prod'"):
        SimulatorConfig(limits="prod")


@pytest.mark.rule("6.1b", "6.1c", "8.1d")
@pytest.mark.parametrize(("knob", "reason"), [
    ("max_concurrency", "global-concurrency"), ("endpoint_concurrency", "endpoint-concurrency"),
])  # fmt: skip
def test_concurrency(own: Simulator, own_wire: Wire, knob: str, reason: str) -> None:
    """More requests at a time than the cap are refused at once, and the peak is counted."""
    own.config.latency_ms = (200.0, 200.0)
    setattr(own.config, knob, 2)
    with ThreadPoolExecutor(6) as threads:
        got = list(threads.map(lambda _: own_wire.get(PATH), range(6)))
    refused = [a for a in got if a.status == 429]
    assert len(refused) == 4
    assert {a.headers["Stripe-Rate-Limited-Reason"] for a in refused} == {reason}
    assert own.stats.peak_concurrency > 2


def test_concurrency_of_one_endpoint_leaves_others(own: Simulator, own_wire: Wire) -> None:
    """The cap of an endpoint counts its own requests alone."""
    own.config.latency_ms, own.config.endpoint_concurrency = (200.0, 200.0), 1
    with ThreadPoolExecutor(3) as threads:
        paths = [PATH, "/v1/customers", "/v1/products"]
        assert {a.status for a in threads.map(own_wire.get, paths)} == {200}


@pytest.mark.rule("6.1c")
def test_writes_to_one_object(own: Simulator, own_wire: Wire) -> None:
    """Writes to one object have a limit by knob, with its own reason; reads and others have not."""
    own.config.resource_rate = 1.0
    one, other = own_wire.ids("/v1/customers?limit=2")
    answers = [own_wire.post(f"/v1/customers/{one}", {"name": "A"}) for _ in range(2)]
    assert [a.status for a in answers] == [200, 429]
    assert answers[1].headers["Stripe-Rate-Limited-Reason"] == "resource-specific"
    assert own_wire.post(f"/v1/customers/{other}", {"name": "A"}).status == 200
    assert own_wire.get(f"/v1/customers/{one}").status == 200


@pytest.mark.rule("1.6")
def test_latency_like_stripes(own: Simulator, own_wire: Wire) -> None:
    """Lists take 100-400 ms, single objects less, and expanding takes longer."""
    own.config.latency_ms = "stripe"

    def took(path: str) -> float:
        before = time.monotonic()
        assert own_wire.get(path).status == 200
        return time.monotonic() - before

    identifier = own.account.objects(PATH)[0]["id"]
    plain = [took(f"{PATH}?limit=1") for _ in range(6)]
    single = [took(f"{PATH}/{identifier}") for _ in range(6)]
    expands = "&expand[]=data.customer" * 3
    expanded = [took(f"{PATH}?limit=1{expands}") for _ in range(4)]
    assert min(plain) >= 0.1
    assert max(plain) < 0.5
    assert sum(single) < sum(plain)
    assert min(expanded) >= 0.25
    with pytest.raises(ValueError, match="a range or 'stripe', not 'slow'"):
        SimulatorConfig(latency_ms="slow")


@pytest.mark.rule("6.2")
def test_reads_beside_the_allocation(own: Simulator, own_wire: Wire) -> None:
    """GETs of 30 virtual days are told beside 500 for each charge, 10,000 at least."""
    for _ in range(3):
        own_wire.get(PATH)
    own_wire.post("/v1/customers", {"name": "no read"})
    told = own_wire.control("GET", "stats").json()["read_allocation"]
    since = own.account.clock.now - 30 * 86400
    charges = [c for c in own.account.objects("/v1/charges") if c["created"] >= since]
    assert told["used"] == 3
    assert told["transactions"] == len(charges)
    assert told["allowed"] == max(10_000, 500 * len(charges))
    own.advance(31 * 86400)
    assert own_wire.control("GET", "stats").json()["read_allocation"]["used"] == 0
