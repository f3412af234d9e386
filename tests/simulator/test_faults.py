"""Scripted faults, limits, statistics and the control address."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import urllib3

from stripe_source.simulator import Simulator

from .conftest import Wire


@pytest.mark.parametrize(("kind", "status"), [("500", 500), ("502_html", 502), ("503", 503),
                                              ("429_lock_timeout", 429), ("401", 401),
                                              ("redirect", 302)])  # fmt: skip
def test_nth_request_fails(own: Simulator, own_wire: Wire, kind: str, status: int) -> None:
    """Exactly the requests that the script names fail, on its path alone."""
    own.faults.append({"path": "/v1/invoices", "nth": 2, "kind": kind, "times": 2})
    assert own_wire.get("/v1/customers").status == 200
    got = [own_wire.get("/v1/invoices").status for _ in range(4)]
    assert got == [200, status, status, 200]


def test_lock_timeout_asks_for_a_retry(own: Simulator, own_wire: Wire) -> None:
    """The lock variant of 429 has no reason header and says that a retry helps."""
    own.faults.append({"kind": "429_lock_timeout"})
    answer = own_wire.get("/v1/invoices")
    assert answer.headers["Stripe-Should-Retry"] == "true"
    assert "Stripe-Rate-Limited-Reason" not in answer.headers
    assert answer.json()["error"]["code"] == "lock_timeout"


def test_reset_closes_the_connection(own: Simulator, own_wire: Wire) -> None:
    """A reset gives no answer at all; the next request is fine."""
    own.faults.append({"kind": "reset"})
    with pytest.raises(urllib3.exceptions.ProtocolError):
        own_wire.get("/v1/invoices")
    assert own_wire.get("/v1/invoices").status == 200


def test_truncate_sends_less_than_promised(own: Simulator, own_wire: Wire) -> None:
    """Content-Length is longer than what comes before the connection closes."""
    own.faults.append({"kind": "truncate"})
    with pytest.raises(urllib3.exceptions.ProtocolError, match="IncompleteRead"):
        own_wire.get("/v1/invoices")
    assert own_wire.get("/v1/invoices").status == 200


def test_garbage_is_a_200_without_json(own: Simulator, own_wire: Wire) -> None:
    """A page that is no JSON in spite of its status."""
    own.faults.append({"kind": "garbage"})
    answer = own_wire.get("/v1/invoices")
    assert answer.status == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_stall(own: Simulator, own_wire: Wire) -> None:
    """A stalled answer comes in the end."""
    own.faults.append({"kind": "stall", "seconds": 0.3})
    before = time.monotonic()
    assert own_wire.get("/v1/invoices").status == 200
    assert time.monotonic() - before > 0.29


@pytest.mark.parametrize(("setting", "reason"), [
    ({"global_rate": 5.0}, "global-rate"), ({"endpoint_rate": 5.0}, "endpoint-rate"),
    ({"endpoint_rates": {"/v1/invoices": 5.0}}, "endpoint-rate"),
])  # fmt: skip
def test_rate_limits(own: Simulator, own_wire: Wire, setting: dict[str, Any], reason: str) -> None:
    """Over the rate comes a 429 with its reason and no Retry-After; after a while it is fine."""
    for name, value in setting.items():
        setattr(own.config, name, value)
    answers = [own_wire.get("/v1/invoices") for _ in range(8)]
    refused = [a for a in answers if a.status == 429]
    assert refused
    assert {a.headers["Stripe-Rate-Limited-Reason"] for a in refused} == {reason}
    assert "Retry-After" not in refused[0].headers
    assert refused[0].json()["error"]["code"] == "rate_limit"
    assert own.stats.rate_limited == len(refused)
    time.sleep(0.25)
    assert own_wire.get("/v1/invoices").status == 200


def test_concurrency(own: Simulator, own_wire: Wire) -> None:
    """More requests at a time than the cap are refused, and the peak is counted."""
    own.config.latency_ms = (80.0, 80.0)
    own.config.max_concurrency = 2
    with ThreadPoolExecutor(6) as threads:
        got = list(threads.map(lambda _: own_wire.get("/v1/invoices").status, range(6)))
    assert 429 in got
    assert own.stats.peak_concurrency > 2


def test_statistics(own: Simulator, own_wire: Wire) -> None:
    """Requests by endpoint, rows, and a log without the key."""
    own_wire.get("/v1/invoices?limit=7")
    own_wire.get(f"/v1/invoices/{own.account.objects('/v1/invoices')[0]['id']}")
    assert own.stats.by_path == {"/v1/invoices": 1, "/v1/invoices/{id}": 1}
    assert own.stats.rows == 7
    logged = own.stats.log[0]
    assert (logged["method"], logged["path"], logged["query"]) == ("GET", "/v1/invoices", "limit=7")
    assert own.api_key not in json.dumps(list(own.stats.log))


def test_control_address(own: Simulator, own_wire: Wire) -> None:
    """Statistics, faults, time and a dump over HTTP."""

    def post(path: str, body: Any) -> Any:
        return own_wire.pool.request("POST", own.url + path, json=body).json()

    own_wire.get("/v1/customers")
    assert own_wire.get("/_sim/stats").json()["requests"] == 1
    post("/_sim/faults", {"path": "/v1/customers", "kind": "500"})
    assert own_wire.get("/v1/customers").status == 500
    now = own.account.clock.now
    assert post("/_sim/advance", {"seconds": 60})["now"] == now + 60
    dumped = own_wire.get("/_sim/dump").json()
    assert dumped["/v1/customers"] == own.account.objects("/v1/customers")
