"""What every answer has, whatever was asked: the connection, headers, the body's form."""

from __future__ import annotations

import json
import re
from http.client import HTTPConnection

import pytest
import urllib3

from stripe_source.simulator import Simulator, SimulatorConfig

from .conftest import Wire

ANSWERS = (
    ("GET", "/v1/customers", 200),
    ("GET", "/v1/account", 200),
    ("GET", "/v1/customers/cus_none", 404),
    ("GET", "/v1/customers/search?query=name:'a'", 200),
    ("POST", "/v1/customers/cus_none", 404),
    ("GET", "/v1/nonsense", 404),
    ("GET", "/v1/customers?foo=1", 400),
)
"""Answers of every kind: method, path, status."""


@pytest.mark.rule("1.1a")
def test_one_connection_serves_many_requests(sim: Simulator) -> None:
    """Answers and errors of every kind leave the connection open for the next request."""
    connection = HTTPConnection(sim.host, sim.port, timeout=5)
    connection.connect()
    socket = connection.sock
    for method, path, status in ANSWERS * 2:
        headers = {"Authorization": f"Bearer {sim.api_key}"}
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        assert (answer.version, answer.status, bool(answer.read())) == (11, status, True)
        assert connection.sock is socket, path
    connection.close()


@pytest.mark.rule("1.1b", "1.1c")
@pytest.mark.parametrize(("method", "path", "status"), ANSWERS)
def test_json_with_two_spaces(wire: Wire, method: str, path: str, status: int) -> None:
    """Every answer is JSON, indented by two spaces, and says so."""
    answer = wire.get(path) if method == "GET" else wire.post(path)
    assert (answer.status, answer.headers["Content-Type"]) == (status, "application/json")
    text = answer.data.decode()
    assert text.rstrip("\n") == json.dumps(json.loads(text), indent=2, ensure_ascii=False)


@pytest.mark.rule("1.2a")
def test_every_answer_has_its_own_request_id(own: Simulator, own_wire: Wire) -> None:
    """req_ and 14 characters, never twice, on errors and refused keys as well."""
    own.faults.append({"path": "/v1/payouts", "kind": "503"})
    paths = [path for _, path, _ in ANSWERS] + ["/v1/payouts"]
    answers = [own_wire.get(path) for path in paths * 2]
    answers.append(own_wire.get("/v1/customers", key="sk_test_wrong"))
    answers.append(own_wire.post("/v1/customers", {"name": "A"}))
    ids = [answer.headers["Request-Id"] for answer in answers]
    assert all(re.fullmatch(r"req_\w{14}", each) for each in ids)
    assert len(set(ids)) == len(ids)


@pytest.mark.rule("1.2b", "1.2c", "1.2d")
def test_what_is_sent_is_echoed_on_errors_too(sim: Simulator, wire: Wire) -> None:
    """Version, account and idempotency key come back, whether the request was right or not."""
    sent = {"Stripe_Version": "2025-03-31.basil", "Stripe_Account": sim.account.id,
            "Idempotency_Key": "k"}  # fmt: skip
    for path in ("/v1/customers", "/v1/customers/cus_none"):
        headers = wire.get(path, **sent).headers
        assert {name: headers[name.replace("_", "-")] for name in sent} == sent
    bare = wire.get("/v1/customers").headers
    assert bare["Stripe-Version"] == sim.config.api_version
    assert not {"Stripe-Account", "Idempotency-Key"} & set(bare)


@pytest.mark.rule("1.2e")
def test_no_retry_helps_a_wrong_request(wire: Wire) -> None:
    """What the request itself got wrong is told not to be retried; a success says nothing."""
    for path in ("/v1/customers/cus_none", "/v1/customers?foo=1", "/v1/nonsense"):
        assert wire.get(path).headers["Stripe-Should-Retry"] == "false"
    assert wire.get("/v1/customers", key="sk_no").headers["Stripe-Should-Retry"] == "false"
    assert "Stripe-Should-Retry" not in wire.get("/v1/customers").headers


@pytest.mark.rule("1.3a", "3.1b")
def test_a_live_account_has_a_live_key() -> None:
    """In live mode the key is sk_live_, and every object says so."""
    with Simulator(SimulatorConfig(customers=2, years=0.1, fixtures=1, livemode=True)) as sim:
        assert sim.api_key.startswith("sk_live_")
        rows = Wire(sim).all("/v1/customers") + Wire(sim).all("/v1/events")
        assert {row["livemode"] for row in rows} == {True}


@pytest.mark.rule("1.4")
def test_bracket_styles_of_a_query(sim: Simulator, wire: Wire) -> None:
    """[] and [0], escaped and not, mean the same in a list's filters and in expand."""
    one, two = (p["id"] for p in sim.account.objects("/v1/products")[:2])
    for style in ("ids[]={}&ids[]={}", "ids[0]={}&ids[1]={}", "ids%5B0%5D={}&ids%5B1%5D={}"):
        assert wire.ids("/v1/products?" + style.format(one, two)) == [one, two]
    for style in ("expand[]", "expand[0]", "expand%5B%5D", "expand%5B7%5D"):
        row = wire.get(f"/v1/charges?limit=1&{style}=data.customer").json()["data"][0]
        assert isinstance(row["customer"], dict)


@pytest.mark.rule("1.5a", "1.5b")
@pytest.mark.parametrize(("query", "code", "param"), [
    ("foo=1", "parameter_unknown", "foo"), ("foo[bar]=1", "parameter_unknown", "foo[bar]"),
    ("created[after]=1", "parameter_unknown", "created[after]"),
    ("limit=many", "parameter_invalid_integer", "limit"),
    ("created=today", "parameter_invalid_integer", "created"),
    ("created[gte]=1.5", "parameter_invalid_integer", "created[gte]"),
])  # fmt: skip
def test_parameters_of_a_list_that_are_refused(
    wire: Wire, query: str, code: str, param: str
) -> None:
    """An unknown name and a number that is none, each with its code and its full name."""
    answer = wire.get(f"/v1/invoices?{query}")
    error = answer.json()["error"]
    assert (answer.status, error["code"], error["param"]) == (400, code, param)


@pytest.mark.rule("1.5c")
def test_unknown_urls_of_every_method(own_wire: Wire) -> None:
    """A path or a method that there is not is named in the error."""
    url = own_wire.sim.url
    for method, path in (("GET", "/v1/x"), ("POST", "/v1/x/1"), ("DELETE", "/v1/charges/ch_1")):
        headers = {"Authorization": f"Bearer {own_wire.sim.api_key}"}
        answer = own_wire.pool.request(method, url + path, headers=headers)
        text = f"Unrecognized request URL ({method}: {path})."
        assert (answer.status, answer.json()["error"]["message"][: len(text)]) == (404, text)


@pytest.mark.rule("1.5b")
@pytest.mark.parametrize("body", [b"name=\xff", b"metadata" + b"[a]" * 5000 + b"=1"])
def test_a_body_that_no_parser_takes(own_wire: Wire, body: bytes) -> None:
    """What is not UTF-8, or nested without end, is a 400 of Stripe's form, also with a key."""
    own = {"Authorization": f"Bearer {own_wire.sim.api_key}"}
    for more in ({}, {"Idempotency-Key": "k"}):
        url = f"{own_wire.sim.url}/v1/customers"
        answer = own_wire.pool.request("POST", url, body=body, headers=own | more)
        assert (answer.status, answer.json()["error"]["type"]) == (400, "invalid_request_error")


@pytest.mark.rule("1.1a")
def test_half_a_request_is_not_carried_out(own: Simulator) -> None:
    """A client that goes away in mid-body has changed nothing."""
    before = len(own.account.objects("/v1/customers"))
    connection = HTTPConnection(own.host, own.port, timeout=5)
    connection.putrequest("POST", "/v1/customers")
    connection.putheader("Authorization", f"Bearer {own.api_key}")
    connection.putheader("Content-Length", "3000")
    connection.endheaders(b"name=half")
    connection.close()
    assert Wire(own).get("/v1/account").status == 200
    assert len(own.account.objects("/v1/customers")) == before


@pytest.mark.rule("6.3e")
def test_there_is_no_tls(sim: Simulator) -> None:
    """A client that speaks TLS fails in the handshake, and the server goes on."""
    pool = urllib3.PoolManager(retries=False, timeout=5)
    with pytest.raises(urllib3.exceptions.SSLError):
        pool.request("GET", sim.url.replace("http:", "https:") + "/v1/account")
    assert Wire(sim).get("/v1/account").status == 200
