"""The control address, the counters behind it, and changes while it serves."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from stripe_source.simulator import Simulator, SimulatorConfig

from .conftest import Wire

PATH = "/v1/customers"


@pytest.fixture(scope="module")
def shared() -> Iterator[Simulator]:
    """A platform with two connected accounts."""
    with Simulator(SimulatorConfig(seed=4, customers=12, years=0.5, connected=2)) as made:
        yield made


@pytest.fixture
def own(shared: Simulator) -> Simulator:
    """The same, with nothing counted and no faults."""
    for served in shared.served.values():
        served.stats.reset()
    shared.faults.clear()
    return shared


@pytest.mark.rule("8.1d")
def test_statistics(own: Simulator, own_wire: Wire) -> None:
    """Requests by endpoint and status, rows, and a log without the key."""
    one = own.account.objects("/v1/invoices")[0]["id"]
    own_wire.get("/v1/invoices?limit=7")
    own_wire.get(f"/v1/invoices/{one}")
    own_wire.get("/v1/invoices/in_none")
    told = own_wire.control("GET", "stats").json()
    assert told["by_path"] == {"/v1/invoices": 1, "/v1/invoices/{id}": 2}
    assert told["by_status"] == {"200": 2, "404": 1}
    assert (told["requests"], told["rows"], told["peak_concurrency"]) == (3, 7, 1)
    logged = told["log"][0]
    assert (logged["method"], logged["path"], logged["query"]) == ("GET", "/v1/invoices", "limit=7")
    assert own.api_key not in json.dumps(told)
    assert own_wire.control("DELETE", "stats").json()["requests"] == 0


def test_writes_count_by_their_endpoint(own: Simulator, own_wire: Wire) -> None:
    """A write counts under its path with the ids left out."""
    one = own_wire.ids(f"{PATH}?limit=1")[0]
    own_wire.control("DELETE", "stats")
    own_wire.post(f"{PATH}/{one}", {"name": "A"})
    assert own.stats.by_path == {"/v1/customers/{id}": 1}


def test_faults(own: Simulator, own_wire: Wire) -> None:
    """Faults are added, read with their counts, set anew and cleared."""
    fault = {"path": PATH, "kind": "503"}
    assert own_wire.control("POST", "faults", fault).status == 200
    assert [own_wire.get(PATH).status for _ in range(2)] == [503, 200]
    told = own_wire.control("GET", "faults").json()
    assert [(f["kind"], f["seen"], f["met"]) for f in told] == [("503", 2, 1)]
    own_wire.control("POST", "faults", [{"kind": "500"}, {"kind": "reset"}])
    assert [f["kind"] for f in own.faults] == ["503", "500", "reset"]
    again = own_wire.control("PUT", "faults", told).json()
    assert [(f["kind"], f["seen"]) for f in again] == [("503", 0)]
    assert own_wire.control("DELETE", "faults").json() == []
    assert own_wire.get(PATH).status == 200


@pytest.mark.rule("8.1e")
def test_time_and_dump(own: Simulator, own_wire: Wire) -> None:
    """All accounts' time goes on together, and a dump has every object of one."""
    before = {id_: account.clock.now for id_, account in own.accounts.items()}
    now = own_wire.control("POST", "advance", {"seconds": 60}).json()["now"]
    assert now == own.account.clock.now
    assert {a.clock.now - before[id_] for id_, a in own.accounts.items()} == {60}
    dumped = own_wire.control("GET", "dump").json()
    assert dumped[PATH] == own.account.objects(PATH)
    other = list(own.accounts)[1]
    dumped = own_wire.control("GET", f"dump?account={other}").json()
    assert dumped[PATH] == own.accounts[other].objects(PATH) != own.account.objects(PATH)


def test_mutate(own: Simulator, own_wire: Wire) -> None:
    """So many things happen in the account that is named, each with its events."""
    other = list(own.accounts)[2]
    events = {id_: len(a.objects("/v1/events")) for id_, a in own.accounts.items()}
    assert own_wire.control("POST", f"mutate?account={other}", {"count": 9}).json() == {"count": 9}
    grown = {id_: len(a.objects("/v1/events")) - events[id_] for id_, a in own.accounts.items()}
    assert grown[other] >= 9
    assert grown[own.account.id] == 0
    own_wire.control("POST", "mutate", {"count": 1})
    assert len(own.account.objects("/v1/events")) > events[own.account.id]


def test_one_change_at_a_time(own: Simulator) -> None:
    """Changes go on however few are asked for at a time: one without effect is not made again."""
    for _ in range(10):
        before = len(own.account.objects("/v1/events"))
        for _ in range(10):
            own.mutate(1)
        assert len(own.account.objects("/v1/events")) > before


@pytest.mark.rule("1.3a", "1.3c")
def test_keys(own_wire: Wire) -> None:
    """Keys are let in, restricted, revoked and expired over HTTP."""
    key = "rk_test_reader0abcd"
    assert own_wire.get(PATH, key=key).status == 401
    own_wire.control("POST", "keys", {"add": key, "permissions": ["rak_customer_read"]})
    assert [own_wire.get(p, key=key).status for p in (PATH, "/v1/invoices")] == [200, 403]
    told = own_wire.control("POST", "keys", {"expire": key}).json()
    assert told[-1] == {
        "key": key, "permissions": ["rak_customer_read"], "revoked": False, "expired": True
    }  # fmt: skip
    assert own_wire.get(PATH, key=key).json()["error"]["code"] == "api_key_expired"
    own_wire.control("POST", "keys", {"revoke": key})
    assert "Invalid API Key" in own_wire.get(PATH, key=key).json()["error"]["message"]
    own_wire.control("POST", "keys", {"add": "sk_test_second"})
    assert own_wire.get("/v1/invoices", key="sk_test_second").status == 200


def test_knobs(own_wire: Wire) -> None:
    """Knobs are turned while it serves; presets set the limits of Stripe's modes."""
    before = own_wire.control("GET", "config").json()
    changed = own_wire.control(
        "POST",
        "config",
        {
            "limits": "sandbox",
            "endpoint_rates": {PATH: 1},
            "latency_ms": [1, 2],
            "disabled": ["/v1/issuing/"],
            "events": {"duplicates": 0.5},
        },
    ).json()
    assert (changed["global_rate"], changed["search_rate"]) == (25.0, 20.0)
    assert changed["events"] == before["events"] | {"duplicates": 0.5}
    assert [own_wire.get(PATH).status for _ in range(2)] == [200, 429]
    assert "Issuing" in own_wire.get("/v1/issuing/cards").json()["error"]["message"]
    off = {name: before[name] for name in before if name not in UNCHANGEABLE}
    assert own_wire.control("POST", "config", off).json() == before
    assert [own_wire.get(PATH).status for _ in range(2)] == [200, 200]


UNCHANGEABLE = ("seed", "customers", "years", "ties", "fixtures", "connected", "now", "ticking",
                "livemode", "account_id", "request_log")  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body", "line"), [
    ("POST", "faults", {"kind": "5"}, "'kind' of a fault is '5', but must be one of"),
    ("POST", "faults", [{"kind": "500"}, 7], "a fault is an object with a kind, not 7"),
    ("POST", "advance", {"seconds": 10**12}, 'give {"seconds": n} with a whole number from 0 to'),
    ("POST", "mutate", {"count": 10**12}, 'give {"count": n} with a whole number from 0 to'),
    ("POST", "advance", {"seconds": "1"}, 'give {"seconds": n} with a whole number from 0'),
    ("POST", "advance", {"secs": 1}, 'give {"seconds": n}'), ("POST", "advance", 5, "give {"),
    ("POST", "advance", {"seconds": -5}, "give {"), ("POST", "mutate", {}, 'give {"count": n}'),
    ("GET", "stats?account=acct_x", None, "no such account: 'acct_x'; there are acct_"),
    ("POST", "keys", {"add": "abc"}, "'abc' is no key"),
    ("POST", "keys", {"revoke": "sk_none"}, "no such key: 'sk_none'"),
    ("POST", "keys", {"add": "rk_a", "permissions": "all"}, "permissions is a list"),
    ("POST", "keys", {"add": "rk_a", "perms": []}, "give one of add, revoke and expire"),
    ("POST", "keys", [], "give one of add, revoke and expire"),
    ("POST", "config", {"seed": 2}, "no such knob: 'seed'; there are "),
    ("POST", "config", {"global_rate": "fast"}, "global_rate must be a number, not 'fast'"),
    ("POST", "config", {"latency_ms": [3, 1]}, "latency_ms must be two numbers"),
    ("POST", "config", {"latency_ms": "slow"}, "latency_ms must be two numbers"),
    ("POST", "config", {"limits": "prod"}, "limits is one of live, sandbox, or null"),
    ("POST", "config", {"limits": []}, "limits is one of live, sandbox, or null"),
    ("POST", "config", {"disabled": "/v1"}, "disabled must be a list of texts"),
    ("POST", "config", {"events": {"lags": 1}}, "no such knob: 'lags'"),
    ("POST", "config", {"events": 1}, "the changes are an object"),
    ("POST", "config", {"gzip_level": 1.5}, "gzip_level must be a whole number"),
])  # fmt: skip
def test_bad_input(
    own: Simulator, own_wire: Wire, method: str, path: str, body: Any, line: str
) -> None:
    """What can't be meant is a 400 with one line, and changes nothing."""
    before = own_wire.control("GET", "config").data
    answer = own_wire.control(method, path, body)
    text = answer.data.decode()
    assert (answer.status, text.startswith(line), text.count("\n")) == (400, True, 1), text
    assert own_wire.control("GET", "config").data == before
    assert not own.faults


def test_bad_json(own: Simulator, own_wire: Wire) -> None:
    """A body that is no JSON is a 400 too, and an unknown address a 404."""
    answer = own_wire.pool.request("POST", f"{own.url}/_sim/faults", body=b"{")
    assert (answer.status, answer.data[:20]) == (400, b"the body is no JSON:")
    assert own_wire.control("GET", "nothing").status == 404
    assert own_wire.control("GET", "advance").status == 405


def test_live_changes() -> None:
    """The account changes by itself, so many times a second, until the rate is nought again."""
    with Simulator(SimulatorConfig(customers=4, years=0.2, live=50.0)) as sim:
        wire = Wire(sim)

        def events() -> int:
            return len(sim.account.objects("/v1/events"))

        before = events()
        deadline = time.monotonic() + 10
        while events() < before + 20 and time.monotonic() < deadline:
            assert wire.get(PATH).status == 200
            time.sleep(0.02)
        assert events() >= before + 20
        wire.control("POST", "config", {"live": 0})
        time.sleep(0.15)
        still = events()
        time.sleep(0.3)
        assert events() == still


def test_an_account_without_customers_stays_as_it_is() -> None:
    """Nobody is there to change it: said in one line, in Python and at the control address."""
    with Simulator(SimulatorConfig(customers=0, fixtures=0)) as empty:
        with pytest.raises(ValueError, match="without customers"):
            empty.mutate(1)
        answer = Wire(empty).control("POST", "mutate", {"count": 1})
        assert (answer.status, answer.data.count(b"\n")) == (400, 1)


def test_a_version_that_stripe_never_released_is_refused() -> None:
    """An account can't be of a version that nothing could be rendered in."""
    with pytest.raises(ValueError, match="no API version '2020-01-01'"):
        SimulatorConfig(api_version="2020-01-01")
