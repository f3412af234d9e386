"""Scripted faults: which requests meet them, and what the client then sees."""

from __future__ import annotations

import gzip
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import stripe
import urllib3

from stripe_source.simulator import Simulator, SimulatorConfig
from stripe_source.simulator.server.script import FaultError, read_script

from .conftest import Wire, sdk

PATH = "/v1/invoices"


@pytest.fixture(scope="module")
def shared() -> Iterator[Simulator]:
    """One account for the module; its scripts come and go."""
    with Simulator(SimulatorConfig(seed=4, customers=12, years=0.5)) as made:
        yield made


@pytest.fixture
def own(shared: Simulator) -> Simulator:
    """The account without any faults."""
    shared.faults.clear()
    return shared


def statuses(wire: Wire, count: int, path: str = PATH) -> list[int]:
    """The statuses of so many requests, one after the other."""
    return [wire.get(path).status for _ in range(count)]


@pytest.mark.rule("6.3a", "6.3b")
@pytest.mark.parametrize(("kind", "status"), [("500", 500), ("502_html", 502), ("503", 503),
                                              ("429", 429), ("429_lock_timeout", 429),
                                              ("401", 401), ("401_expired", 401), ("403", 403),
                                              ("409", 409), ("400_not_enabled", 400),
                                              ("redirect", 302)])  # fmt: skip
def test_nth_request_fails(own: Simulator, own_wire: Wire, kind: str, status: int) -> None:
    """Exactly the requests that the script names fail, on its path alone."""
    own.faults.append({"path": PATH, "nth": 2, "kind": kind, "times": 2})
    assert own_wire.get("/v1/customers").status == 200
    assert statuses(own_wire, 4) == [200, status, status, 200]
    assert (own.faults[0]["seen"], own.faults[0]["met"]) == (4, 2)


@pytest.mark.rule("6.3a")
@pytest.mark.parametrize(("which", "query", "hit"), [
    ({"path": "/v1/inv"}, "", True), ({"path": "/v1/inv", "exact": True}, "", False),
    ({"path": PATH, "exact": True}, "?limit=3", True), ({"method": "GET"}, "", True),
    ({"method": "POST"}, "", False), ({"query": "created[gte]"}, "?created%5Bgte%5D=1", True),
    ({"query": "created[gte]"}, "?created%5Blte%5D=1", False), ({"account": "acct_x"}, "", False),
    ({"key": "sk_test_other"}, "", False), ({"key": "sk_test_simulator0001"}, "", True),
])  # fmt: skip
def test_which_requests(
    own: Simulator, own_wire: Wire, which: dict[str, Any], query: str, hit: bool
) -> None:
    """A fault is for the requests that fit all that it says: path, method, query, key, account."""
    own.faults.append({"kind": "503"} | which)
    assert own_wire.get(PATH + query).status == (503 if hit else 200)


def test_every_so_many(own: Simulator, own_wire: Wire) -> None:
    """From the nth request on every so many-th fails, without an end or so many times."""
    own.faults.append({"path": PATH, "nth": 2, "every": 3, "kind": "503"})
    own.faults.append({"path": "/v1/customers", "every": 2, "times": 2, "kind": "503"})
    assert statuses(own_wire, 8) == [200, 503, 200, 200, 503, 200, 200, 503]
    assert statuses(own_wire, 6, "/v1/customers") == [503, 200, 503, 200, 200, 200]


@pytest.mark.rule("6.3a")
def test_probability_is_seeded() -> None:
    """A share of the requests fails, and the same ones in an account of the same seed."""
    got = []
    for _ in range(2):
        with Simulator(SimulatorConfig(seed=9, customers=0, fixtures=0)) as sim:
            sim.faults.append({"path": PATH, "probability": 0.5, "kind": "503"})
            got.append(statuses(Wire(sim), 40))
    assert 8 < got[0].count(503) < 32
    assert got[0] == got[1]


def test_after_a_while(own: Simulator, own_wire: Wire) -> None:
    """A fault can wait for some seconds before it counts."""
    own.faults.append({"path": PATH, "after": 0.3, "kind": "401", "times": None})
    assert own_wire.get(PATH).status == 200
    time.sleep(0.3)
    assert statuses(own_wire, 2) == [401, 401]


@pytest.mark.rule("6.1e")
def test_lock_timeout_asks_for_a_retry(own: Simulator, own_wire: Wire) -> None:
    """The lock variant of 429 has no reason header and says that a retry helps."""
    own.faults.append({"kind": "429_lock_timeout"})
    answer = own_wire.get(PATH)
    assert answer.headers["Stripe-Should-Retry"] == "true"
    assert "Stripe-Rate-Limited-Reason" not in answer.headers
    assert answer.json()["error"]["code"] == "lock_timeout"


@pytest.mark.rule("6.1c")
@pytest.mark.parametrize("reason", ["endpoint-concurrency", "resource-specific", None])
def test_429_with_any_reason(own: Simulator, own_wire: Wire, reason: str | None) -> None:
    """A 429 names the limit that the script says, or none, and may tell how long to wait."""
    own.faults.append({"kind": "429", "reason": reason, "retry_after": 2})
    answer = own_wire.get(PATH)
    assert answer.headers.get("Stripe-Rate-Limited-Reason") == reason
    assert answer.headers["Retry-After"] == "2"
    assert answer.json()["error"]["type"] == "invalid_request_error"
    assert answer.json()["error"]["code"] == "rate_limit"


@pytest.mark.rule("6.3i")
def test_key_rolled_in_the_middle(own: Simulator, own_wire: Wire) -> None:
    """The old key gets a 401 in Stripe's words while a new one goes on."""
    own.add_key("sk_test_newkey0002")
    own.faults.append({"kind": "401", "key": own.api_key, "nth": 3, "times": None})
    assert statuses(own_wire, 4) == [200, 200, 401, 401]
    message = own_wire.get(PATH).json()["error"]["message"]
    assert message == "Invalid API Key provided: sk_test_****0001"
    assert own_wire.get(PATH, key="sk_test_newkey0002").status == 200


@pytest.mark.rule("6.3h")
def test_forbidden_resource(own: Simulator) -> None:
    """A 403 for one resource names its permission, as for a restricted key."""
    own.faults.append({"path": "/v1/payment_methods", "kind": "403", "times": None})
    with pytest.raises(stripe.PermissionError, match="Having the 'rak_payment_method_read' perm"):
        sdk(own).v1.payment_methods.list()
    assert sdk(own).v1.customers.list().data


@pytest.mark.rule("6.3f")
def test_cursor_that_is_gone(own: Simulator, own_wire: Wire) -> None:
    """Only a request with a cursor meets it: 404 resource_missing in the cursor's name."""
    own.faults.append({"path": PATH, "kind": "404_cursor"})
    page = own_wire.get(f"{PATH}?limit=1").json()
    cursor = page["data"][0]["id"]
    answer = own_wire.get(f"{PATH}?limit=1&starting_after={cursor}")
    error = answer.json()["error"]
    assert (answer.status, error["code"]) == (404, "resource_missing")
    assert error["param"] == "starting_after"
    assert error["message"] == f"No such invoice: '{cursor}'"
    assert own_wire.get(f"{PATH}?limit=1&starting_after={cursor}").status == 200


@pytest.mark.rule("2.5b")
def test_cursor_deleted_on_the_way() -> None:
    """The object that a cursor names goes just before the next page; a walk breaks off there."""
    with Simulator(SimulatorConfig(seed=4, customers=12, years=0.5)) as sim:
        sim.faults.append({"path": "/v1/customers", "kind": "cursor_deleted"})
        client = sdk(sim)
        first = client.v1.customers.list({"limit": 3})
        with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
            first.next_page()
        assert client.v1.customers.retrieve(first.data[-1].id).deleted


def test_changes_on_the_way() -> None:
    """Other people's changes happen just before the answer, which already shows them."""
    with Simulator(SimulatorConfig(seed=4, customers=12, years=0.5)) as sim:
        sim.faults.append({"path": "/v1/events", "kind": "changes", "count": 5, "nth": 3})
        newest = [sdk(sim).v1.events.list().data[0].id for _ in range(3)]
        assert newest[0] == newest[1] != newest[2]


@pytest.mark.rule("6.3g")
def test_any_text(own: Simulator, own_wire: Wire) -> None:
    """An error can carry any of the texts by which clients know a feature that is off."""
    text = "Your account is not set up to use Issuing. Please visit ..."
    own.faults.append({"kind": "400_not_enabled", "message": text})
    answer = own_wire.get(PATH)
    assert (answer.status, answer.json()["error"]["message"]) == (400, text)
    assert answer.headers["Stripe-Should-Retry"] == "false"


@pytest.mark.rule("6.3b")
def test_html_from_a_proxy(own: Simulator, own_wire: Wire) -> None:
    """A 502 is a page of HTML from before Stripe: none of Stripe's headers are on it."""
    own.faults.append({"kind": "502_html"})
    answer = own_wire.get(PATH)
    assert answer.headers["Content-Type"] == "text/html"
    for name in ("Request-Id", "Stripe-Version", "Stripe-Should-Retry"):
        assert name not in answer.headers


@pytest.mark.rule("1.2e", "6.3b", "6.3f")
@pytest.mark.parametrize(("kind", "advice"), [("503", "true"), ("500", "true"), ("409", "true"),
                                              ("401", "false"), ("429", None)])  # fmt: skip
def test_advice_to_retry(own: Simulator, own_wire: Wire, kind: str, advice: str | None) -> None:
    """Stripe-Should-Retry is true of what may pass, false of what won't, absent beside limits."""
    own.faults.append({"kind": kind})
    assert own_wire.get(PATH).headers.get("Stripe-Should-Retry") == advice


def raw(sim: Simulator, path: str = PATH) -> bytes:
    """All that comes over a connection until it ends in peace; raises where it is reset."""
    with socket.create_connection((sim.host, sim.port), timeout=5) as connection:
        head = f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        connection.sendall(f"{head}Authorization: Bearer {sim.api_key}\r\n\r\n".encode())
        got = b""
        while piece := connection.recv(65536):
            got += piece
        return got


@pytest.mark.rule("6.3c")
def test_reset(own: Simulator, own_wire: Wire) -> None:
    """A reset gives no byte of an answer; the next request is fine."""
    own.faults.append({"kind": "reset"})
    with pytest.raises(ConnectionResetError):
        raw(own)
    own.faults[:] = [{"kind": "reset"}]
    with pytest.raises(urllib3.exceptions.ProtocolError):
        own_wire.get(PATH)
    assert own_wire.get(PATH).status == 200


@pytest.mark.rule("6.3c")
def test_reset_in_the_body(own: Simulator, own_wire: Wire) -> None:
    """The status and half a body come, and then a reset."""
    own.faults.append({"kind": "reset_body", "times": 2})
    with pytest.raises(ConnectionResetError):
        raw(own)
    with pytest.raises(urllib3.exceptions.ProtocolError):
        own_wire.get(PATH)
    assert own_wire.get(PATH).status == 200


@pytest.mark.rule("6.3c")
def test_truncate_sends_less_than_promised(own: Simulator, own_wire: Wire) -> None:
    """Content-Length is longer than what comes before the connection closes in peace."""
    own.faults.append({"kind": "truncate", "times": 2})
    assert raw(own).startswith(b"HTTP/1.1 200 OK")
    with pytest.raises(urllib3.exceptions.ProtocolError, match="IncompleteRead"):
        own_wire.get(PATH)
    assert own_wire.get(PATH).status == 200


@pytest.mark.rule("6.3c")
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_truncate_quietly(own: Simulator, own_wire: Wire, encoding: str) -> None:
    """HTTP finds nothing wrong with a body of half a JSON text, compressed or not."""
    own.faults.append({"kind": "truncate_quietly"})
    answer = own_wire.get(PATH, Accept_Encoding=encoding)
    assert answer.status == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()
    assert answer.data.startswith(b'{\n  "object": "list"')


def test_garbage_is_a_200_without_json(own: Simulator, own_wire: Wire) -> None:
    """A page that is no JSON in spite of its status."""
    own.faults.append({"kind": "garbage"})
    answer = own_wire.get(PATH)
    assert answer.status == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()


@pytest.mark.rule("6.3d")
def test_stall(own: Simulator, own_wire: Wire) -> None:
    """A stalled answer comes in the end, whole, while others are not held up."""
    own.faults.append({"kind": "stall", "seconds": 0.3})
    before = time.monotonic()
    assert own_wire.get(PATH).status == 200
    assert time.monotonic() - before > 0.29
    own.faults[:] = [{"kind": "stall"}]
    with pytest.raises(urllib3.exceptions.ReadTimeoutError):
        own_wire.pool.request("GET", own.url + PATH, timeout=0.3)


def test_drip(own: Simulator, own_wire: Wire) -> None:
    """A dripping answer begins at once and ends late, whole and right."""
    own.faults.append({"kind": "drip", "seconds": 0.4})
    before = time.monotonic()
    answer = own_wire.pool.request(
        "GET", own.url + PATH, preload_content=False, decode_content=False,
        headers={"Authorization": f"Bearer {own.api_key}", "Accept-Encoding": "gzip"},
    )  # fmt: skip
    assert time.monotonic() - before < 0.2
    body = gzip.decompress(answer.read())
    assert time.monotonic() - before > 0.35
    assert body == own_wire.get(PATH).data


def test_the_first_that_is_due(own: Simulator, own_wire: Wire) -> None:
    """Of two faults for a request the first in the list strikes, then the other."""
    own.faults.extend([{"path": PATH, "kind": "503"}, {"path": "/v1", "kind": "401"}])
    assert statuses(own_wire, 3) == [503, 401, 200]


@pytest.mark.parametrize(("fault", "line"), [
    ({"kind": "5000"}, "'kind' of a fault is '5000', but must be one of 500, 503, "),
    ({"kind": "500", "pth": "/v1"}, "unknown key 'pth' in a fault; known are kind, path, "),
    ({"path": "/v1"}, "a fault without a kind"), ("500", "a fault is an object with a kind"),
    ({"kind": "500", "nth": 0}, "'nth' of a fault is 0, but must be a whole number from 1"),
    ({"kind": "500", "times": "2"}, "'times' of a fault is '2', but must be a whole number"),
    ({"kind": "500", "path": "v1"}, "'path' of a fault is 'v1', but must be a path that begins"),
    ({"kind": "500", "probability": 2}, "'probability' of a fault is 2, but must be a number fr"),
    ({"kind": ["500"]}, "'kind' of a fault is ['500'], but must be one of"),
    ({"kind": "429", "reason": "speed"}, "'reason' of a fault is 'speed', but must be null or"),
    ({"kind": "drip", "executed": False}, "a request that meets 'drip' is executed"),
    ({"kind": "changes", "count": 0}, "'count' of a fault is 0, but must be a whole number from"),
])  # fmt: skip
def test_slips_are_refused(own: Simulator, fault: Any, line: str) -> None:
    """What can't be meant is refused in one line when it is added, and nothing is added."""
    for add in (own.faults.append, lambda f: own.faults.__setitem__(slice(None), [f])):
        with pytest.raises(FaultError) as caught:
            add(fault)
        assert str(caught.value).startswith(line)
        assert "\n" not in str(caught.value)
    assert not own.faults


def test_script_in_a_file(tmp_path: Path) -> None:
    """A file holds one fault or a list; what is wrong with it is told with its name."""
    file = tmp_path / "faults.json"
    file.write_text('[{"kind": "500"}, {"kind": "reset", "nth": 3}]')
    assert [fault["kind"] for fault in read_script(file)] == ["500", "reset"]
    file.write_text('{"kind": "500"}')
    assert len(read_script(file)) == 1
    for text, line in (("{", "no JSON"), ('{"kind": 1}', "'kind' of a fault is 1")):
        file.write_text(text)
        with pytest.raises(FaultError, match=f"faults.json: {line}"):
            read_script(file)
    with pytest.raises(FaultError, match=r"none\.json: No such file"):
        read_script(tmp_path / "none.json")
