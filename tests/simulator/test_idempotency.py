"""Idempotency keys: what is kept, for how long, and what is not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import stripe
import urllib3

from stripe_source.simulator import Simulator, SimulatorConfig

from .conftest import Wire, sdk

PATH = "/v1/customers"


def customers(sim: Simulator) -> int:
    """How many there are."""
    return len(sim.account.objects(PATH))


@pytest.mark.rule("1.2c", "3.7a")
def test_a_key_repeats_the_first_answer(own: Simulator, own_wire: Wire) -> None:
    """Status and body are the first one's, marked as replayed; nothing is made twice."""
    before = customers(own)
    first = own_wire.post(PATH, {"name": "A", "email": "a@b.co"}, Idempotency_Key="k1")
    again = own_wire.post(PATH, {"email": "a@b.co", "name": "A"}, Idempotency_Key="k1")
    assert (again.status, again.data) == (first.status, first.data) == (200, first.data)
    assert customers(own) == before + 1
    assert first.headers["Idempotency-Key"] == again.headers["Idempotency-Key"] == "k1"
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Original-Request"] == first.headers["Request-Id"]
    assert again.headers["Request-Id"] != first.headers["Request-Id"]


@pytest.mark.rule("3.7a", "3.7b")
def test_by_the_sdk(own: Simulator) -> None:
    """The official SDK's own option does the same."""
    client = sdk(own)
    made = [client.v1.customers.create({"name": "A"}, {"idempotency_key": "k"}) for _ in range(2)]
    assert made[0].id == made[1].id
    with pytest.raises(stripe.IdempotencyError, match="Try using a key other than 'k' if you"):
        client.v1.customers.create({"name": "B"}, {"idempotency_key": "k"})


@pytest.mark.rule("3.7b")
def test_other_parameters(own_wire: Wire) -> None:
    """The key with other parameters, or elsewhere, is a 400 idempotency_error."""
    made = own_wire.post(PATH, {"name": "A"}, Idempotency_Key="k1").json()
    answer = own_wire.post(PATH, {"name": "B"}, Idempotency_Key="k1")
    error = answer.json()["error"]
    assert (answer.status, error["type"]) == (400, "idempotency_error")
    assert error["message"].startswith(
        "Keys for idempotent requests can only be used with the same parameters they were first "
        "used with."
    )
    there = own_wire.post(f"{PATH}/{made['id']}", {"name": "A"}, Idempotency_Key="k1")
    assert there.status == 400
    assert "for the same endpoint they were first used for" in there.json()["error"]["message"]


@pytest.mark.rule("3.7c")
def test_two_at_a_time(own: Simulator, own_wire: Wire) -> None:
    """While the first request runs the key is in use: 409, with the advice to retry."""
    own.config.latency_ms = (200.0, 200.0)
    before = customers(own)

    def create(_: int) -> urllib3.BaseHTTPResponse:
        return own_wire.post(PATH, {"name": "A"}, Idempotency_Key="k1")

    with ThreadPoolExecutor(2) as threads:
        first, second = sorted(threads.map(create, range(2)), key=lambda answer: answer.status)
    assert (first.status, second.status) == (200, 409)
    error = second.json()["error"]
    assert (error["type"], error["code"]) == ("idempotency_error", "idempotency_key_in_use")
    assert second.headers["Stripe-Should-Retry"] == "true"
    assert create(0).data == first.data
    assert customers(own) == before + 1


@pytest.mark.rule("3.7a")
def test_kept_for_a_day(own: Simulator, own_wire: Wire) -> None:
    """After 24 hours of virtual time the key is as new."""
    first = own_wire.post(PATH, {"name": "A"}, Idempotency_Key="k1").json()
    own.advance(24 * 3600 - 1)
    assert own_wire.post(PATH, {"name": "A"}, Idempotency_Key="k1").json() == first
    own.advance(1)
    assert own_wire.post(PATH, {"name": "A"}, Idempotency_Key="k1").json()["id"] != first["id"]


@pytest.mark.rule("3.7a")
@pytest.mark.parametrize("executed", [True, False])
def test_a_500_is_kept(own: Simulator, own_wire: Wire, executed: bool) -> None:
    """A 500 of the endpoint is repeated too, whether it had made the object or not."""
    before = customers(own)
    own.faults.append({"kind": "500", "executed": executed})
    first = own_wire.post(PATH, {"name": "A"}, Idempotency_Key="k1")
    again = own_wire.post(PATH, {"name": "A"}, Idempotency_Key="k1")
    assert (first.status, again.status) == (500, 500)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert first.headers["Stripe-Should-Retry"] == "false"
    assert customers(own) == before + executed


@pytest.mark.parametrize("kind", ["reset", "503", "502_html", "truncate"])
def test_an_answer_that_was_lost(own: Simulator, own_wire: Wire, kind: str) -> None:
    """Where the request ran and its answer was lost, the key gives the answer that was meant."""
    before = customers(own)
    own.faults.append({"kind": kind, "executed": True})
    try:
        assert own_wire.post(PATH, {"name": "A"}, Idempotency_Key="k1").status >= 500
    except urllib3.exceptions.ProtocolError:
        assert kind in ("reset", "truncate")
    again = own_wire.post(PATH, {"name": "A"}, Idempotency_Key="k1")
    assert (again.status, again.json()["name"]) == (200, "A")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert customers(own) == before + 1


@pytest.mark.rule("3.7d")
@pytest.mark.parametrize("kind", ["429", "429_lock_timeout", "401", "503", "409"])
def test_what_is_refused_is_not_kept(own: Simulator, own_wire: Wire, kind: str) -> None:
    """Nothing is kept of a request that never ran: a limit, a wrong key, a proxy."""
    own.faults.append({"kind": kind})
    assert own_wire.post(PATH, {"name": "A"}, Idempotency_Key="k1").status == int(kind[:3])
    again = own_wire.post(PATH, {"name": "B"}, Idempotency_Key="k1")
    assert (again.status, again.json()["name"]) == (200, "B")


@pytest.mark.rule("3.7d")
def test_wrong_parameters_are_not_kept(own_wire: Wire) -> None:
    """A request whose parameters are refused leaves its key unused."""
    for form in ({"nme": "A"}, {"balance": "much"}, {"name[a]": "b"}):
        assert own_wire.post(PATH, form, Idempotency_Key="k1").status == 400
    assert own_wire.post(PATH, {"name": "A"}, Idempotency_Key="k1").status == 200


def test_a_refusal_of_the_endpoint_is_kept(own_wire: Wire) -> None:
    """An error that the endpoint itself found is repeated like any result."""
    first = own_wire.post(f"{PATH}/cus_none", {"name": "A"}, Idempotency_Key="k1")
    again = own_wire.post(f"{PATH}/cus_none", {"name": "A"}, Idempotency_Key="k1")
    assert (first.status, again.data) == (404, first.data)
    assert again.headers["Idempotent-Replayed"] == "true"


def test_a_wrong_key_gets_no_replay(own_wire: Wire) -> None:
    """The kept answer is for those alone whom Stripe lets in."""
    own_wire.post(PATH, {"name": "A"}, Idempotency_Key="k1")
    stranger = own_wire.post(PATH, {"name": "A"}, key="sk_test_stranger", Idempotency_Key="k1")
    assert stranger.status == 401
    assert "Idempotent-Replayed" not in stranger.headers


@pytest.mark.rule("3.7e")
def test_get_and_delete_ignore_keys(own_wire: Wire) -> None:
    """A key on a GET has no effect: it is echoed, and the answer is as of now."""
    first = own_wire.get(f"{PATH}?limit=1", Idempotency_Key="k1")
    made = own_wire.post(PATH, {"name": "A"}).json()
    again = own_wire.get(f"{PATH}?limit=1", Idempotency_Key="k1")
    assert again.json()["data"][0]["id"] == made["id"] != first.json()["data"][0]["id"]
    assert again.headers["Idempotency-Key"] == "k1"
    assert "Idempotent-Replayed" not in again.headers


def test_keys_are_an_accounts_own() -> None:
    """The same key in two accounts is two keys."""
    with Simulator(SimulatorConfig(customers=2, years=0.1, connected=1)) as sim:
        wire, connected = Wire(sim), list(sim.accounts)[1]
        here = wire.post(PATH, {"name": "A"}, Idempotency_Key="k1")
        there = wire.post(PATH, {"name": "B"}, Idempotency_Key="k1", Stripe_Account=connected)
        assert (here.status, there.status) == (200, 200)
        assert there.json()["name"] == "B"


@pytest.mark.rule("4.1e")
def test_the_event_names_the_request(own_wire: Wire) -> None:
    """The event that a request leaves has its Request-Id and its key."""
    answer = own_wire.post(PATH, {"name": "A"}, Idempotency_Key="k1")
    event = own_wire.get("/v1/events?type=customer.created&limit=1").json()["data"][0]
    assert event["request"] == {"id": answer.headers["Request-Id"], "idempotency_key": "k1"}
