"""Requests get through faults, keep to the limits, and take the key nowhere else."""

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from stripe_source.api import client as client_module
from stripe_source.api import retries
from stripe_source.api.address import checked_base
from stripe_source.api.client import endpoint_of
from stripe_source.api.limiter import Limits
from stripe_source.api.pages import read_page
from stripe_source.catalog import CATALOG
from stripe_source.errors import (
    AccessError,
    AccountInvalid,
    NotEnabled,
    NotFound,
    PermissionDenied,
    StripeSourceError,
    StripeUnavailable,
    UsageError,
)
from stripe_source.settings import API_VERSION
from stripe_source.simulator import Simulator
from tests.api.conftest import KEY, UNLIMITED, Connect, Scripted

FAULTS = ["500", "502_html", "503", "reset", "truncate", "garbage", "429_lock_timeout"]
LIST = {"object": "list", "data": [], "has_more": False}


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_is_asked_away(sim: Simulator, connect: Connect, kind: str) -> None:
    """Two bad answers in a row are followed by the good one, whole."""
    client = connect(sim)
    sim.faults[:] = [{"path": "/v1/customers", "kind": kind, "times": 2}]
    page, _ = client.get("/v1/customers", [("limit", "100")], read_page)
    assert page.rows == len(sim.account.objects("/v1/customers")) > 0
    assert (client.traffic.requests, client.traffic.retried) == (3, 2)
    assert client.traffic.limited == 0


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_without_end_is_given_up(
    sim: Simulator,
    connect: Connect,
    kind: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """After all attempts comes one line that names the path, without the key."""
    monkeypatch.setattr(retries, "ATTEMPTS", 3)
    caplog.set_level(logging.DEBUG)
    client = connect(sim)
    sim.faults[:] = [{"path": "/v1/customers", "kind": kind, "times": 50}]
    with pytest.raises(StripeUnavailable, match="GET /v1/customers failed after all") as failure:
        client.get_json("/v1/customers")
    sim.faults.clear()
    assert client.traffic.requests == 3
    assert "\n" not in str(failure.value)
    assert sim.api_key not in f"{failure.value!r}{caplog.text}"
    assert failure.value.exit_code == 1


def test_a_stalled_answer_is_asked_for_again(sim: Simulator, connect: Connect) -> None:
    """A server that sends nothing for longer than the timeout does not hold up a sync."""
    client = connect(sim, timeout=0.1)
    sim.faults[:] = [{"path": "/v1/coupons", "kind": "stall", "seconds": 3}]
    started = time.monotonic()
    assert client.get_json("/v1/coupons")["object"] == "list"
    assert 0.1 <= time.monotonic() - started < 2
    assert client.traffic.retried == 1


def test_what_is_never_answered(
    sim: Simulator, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    """It is given up sooner than other faults, for it takes a minute each time, and said before."""
    client = connect(sim, timeout=0.1)
    sim.faults[:] = [{"path": "/v1/coupons", "kind": "stall", "seconds": 5, "times": 9}]
    with pytest.raises(StripeUnavailable, match="ReadTimeoutError"):
        client.get_json("/v1/coupons")
    assert client.traffic.requests == 3
    assert "no answer to GET /v1/coupons for 0.1 s: asking again" in caplog.text


def test_a_port_where_nobody_listens(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refused connection is a fault like others, and its message names the address."""
    monkeypatch.setattr(retries, "ATTEMPTS", 2)
    client = connect(Scripted("http://127.0.0.1:9"))
    with pytest.raises(StripeUnavailable, match=r"http://127\.0\.0\.1:9"):
        client.get_json("/v1/account")


@pytest.mark.parametrize(
    ("settings", "burst"),
    [
        ({"global_rate": 4.0}, 10),
        ({"endpoint_rate": 4.0}, 10),
        ({"max_concurrency": 2, "latency_ms": (15.0, 15.0)}, 10),
    ],
)
def test_limits_slow_requests_down_and_lose_none(
    connect: Connect, own: Simulator, settings: dict[str, object], burst: int
) -> None:
    """Requests over any of the limits get their 429s, are sent again, and all end well."""
    for name, value in settings.items():
        setattr(own.config, name, value)
    client = connect(own)
    with ThreadPoolExecutor(burst) as threads:
        found = list(threads.map(client.get_json, ["/v1/coupons"] * burst))
    assert [page["object"] for page in found] == ["list"] * burst
    assert own.stats.rate_limited == client.traffic.limited > 0
    assert client.traffic.requests == burst + client.traffic.limited


@pytest.mark.parametrize(
    "reason",
    ["global-rate", "global-concurrency", "endpoint-rate", "endpoint-concurrency",
     "resource-specific"],
)  # fmt: skip
def test_a_429_is_part_of_normal_work(script: Scripted, connect: Connect, reason: str) -> None:
    """More 429s in a row than attempts for a fault do not end a sync, whatever their reason."""
    for _ in range(retries.ATTEMPTS + 2):
        error = {"error": {"code": "rate_limit", "message": "Request rate limit exceeded."}}
        script.says(429, error, Stripe_Rate_Limited_Reason=reason)
    script.says(200, LIST)
    client = connect(script)
    assert client.get_json("/v1/coupons") == LIST
    assert client.traffic.limited == retries.ATTEMPTS + 2


def test_a_429_is_not_asked_for_ever(
    script: Scripted, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing else comes, requests end after as many 429s as are allowed."""
    monkeypatch.setattr(retries, "LIMITED_ATTEMPTS", 5)
    script.says(429, {"error": {"code": "rate_limit", "message": "Too many requests."}})
    client = connect(script)
    with pytest.raises(StripeUnavailable, match="HTTP 429: Too many requests"):
        client.get_json("/v1/coupons")
    assert len(script.requests) == 5


def test_retry_after_is_waited_for(script: Scripted, connect: Connect) -> None:
    """Where an answer says how long to wait, that long is waited."""
    script.says(503, {"error": {"message": "busy"}}, Retry_After="0.3")
    script.says(200, LIST)
    started = time.monotonic()
    connect(script).get_json("/v1/coupons")
    assert time.monotonic() - started >= 0.3


@pytest.mark.parametrize("header", ["soon", "", "-5", "nan", "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_a_retry_after_that_is_no_number(script: Scripted, connect: Connect, header: str) -> None:
    """A header that can't be read as seconds costs no wait and no error."""
    script.says(503, {"error": {"message": "busy"}}, Retry_After=header)
    script.says(200, LIST)
    assert connect(script).get_json("/v1/coupons") == LIST


@pytest.mark.parametrize("status", [408, 409, 500, 502, 503, 504])
def test_statuses_that_are_asked_again(script: Scripted, connect: Connect, status: int) -> None:
    """Timeouts, conflicts and server errors pass, with or without a body of Stripe's."""
    script.says(status, {"error": {"message": "try again"}})
    script.says(status, b"<html>")
    script.says(200, LIST)
    assert connect(script).get_json("/v1/coupons") == LIST


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (400, {"message": "Received unknown parameter: x"}, StripeSourceError),
        (401, {"message": "Invalid API Key provided"}, AccessError),
        (402, {"message": "Payment required"}, StripeSourceError),
        (403, {"message": "does not have the required permissions"}, PermissionDenied),
        (403, {"message": "no access", "code": "account_invalid"}, AccountInvalid),
        (404, {"message": "No such coupon: 'x'", "code": "resource_missing"}, NotFound),
        (400, {"message": "No such event", "code": "resource_missing"}, NotFound),
        (400, {"message": "Your account is not set up to use Issuing."}, NotEnabled),
        (404, {"message": "Unrecognized request URL (GET: /v1/x)."}, NotEnabled),
        (403, {"message": "This endpoint is only available in testmode."}, NotEnabled),
    ],
)
def test_a_refusal_is_not_asked_again(
    script: Scripted,
    connect: Connect,
    status: int,
    error: dict[str, str],
    kind: type[StripeSourceError],
) -> None:
    """What asking again won't change is raised at once, as the kind that tells what to do."""
    script.says(status, {"error": error})
    with pytest.raises(StripeSourceError, match=error["message"][:12]) as failure:
        connect(script).get_json("/v1/coupons")
    assert type(failure.value) is kind
    assert len(script.requests) == 1


@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_refusal_that_is_not_stripes_is_a_fault(
    script: Scripted, connect: Connect, status: int
) -> None:
    """A proxy's 4xx page says nothing about Stripe: it is asked again."""
    script.says(status, b"<html>blocked</html>")
    script.says(200, LIST)
    assert connect(script).get_json("/v1/coupons") == LIST


@pytest.mark.parametrize("status", [400, 401, 403, 404, 500])
def test_a_message_that_quotes_the_key_is_masked(
    script: Scripted,
    connect: Connect,
    status: int,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Whatever an answer says, neither error nor log shows the key."""
    monkeypatch.setattr(retries, "ATTEMPTS", 2)
    caplog.set_level(logging.DEBUG)
    script.says(status, {"error": {"message": f"no good: '{KEY}'\nsecond line"}})
    with pytest.raises(StripeSourceError, match=r"'sk_test_\*\*\*\*Test' second line") as failure:
        connect(script).get_json("/v1/coupons")
    assert KEY not in f"{failure.value!r}{caplog.text}"


def test_a_key_revoked_on_the_way(own: Simulator, connect: Connect) -> None:
    """A key that worked and is then revoked is an access error, at once and without the key."""
    client = connect(own)
    assert client.get_json("/v1/coupons")["object"] == "list"
    own.revoke_key(own.api_key)
    with pytest.raises(AccessError, match="Invalid API Key provided") as failure:
        client.get_json("/v1/coupons")
    assert own.api_key not in str(failure.value)
    assert client.traffic.requests == 2
    assert failure.value.exit_code == 4


def test_an_expired_key(own: Simulator, connect: Connect) -> None:
    """An expired key is an access error that says so."""
    own.expire_key(own.api_key)
    with pytest.raises(AccessError, match="Expired API Key"):
        connect(own).get_json("/v1/coupons")


def test_a_key_that_stripe_does_not_know(sim: Simulator, connect: Connect) -> None:
    """A well-formed key of nobody's is an access error."""
    with pytest.raises(AccessError, match="Stripe refuses the key"):
        connect(sim, KEY).get_json("/v1/account")


def test_a_missing_permission_is_named(sim: Simulator, connect: Connect) -> None:
    """A restricted key reads what it may, and for the rest the message names what it lacks."""
    sim.add_key("rk_test_customersonly1", {"rak_customer_read"})
    client = connect(sim, "rk_test_customersonly1")
    assert client.get_json("/v1/customers")["data"]
    with pytest.raises(PermissionDenied, match="rak_invoice_read") as denied:
        client.get_json("/v1/invoices")
    assert "rk_test_customersonly1" not in str(denied.value)


@pytest.mark.parametrize("path", ["/v1/issuing/cards", "/v1/treasury/financial_accounts"])
def test_a_feature_that_is_not_enabled(own: Simulator, connect: Connect, path: str) -> None:
    """The answer for a feature that the account lacks is told from a missing permission."""
    own.disabled.add(path.rpartition("/")[0] + "/")
    with pytest.raises(NotEnabled):
        connect(own).get_json(path)


def test_an_unknown_connected_account(sim: Simulator, connect: Connect) -> None:
    """A connected account that the key has no access to is an access error that names it."""
    with pytest.raises(AccessError, match="acct_1Nobody") as failure:
        connect(sim, stripe_account="acct_1Nobody").get_json("/v1/account")
    assert not isinstance(failure.value, PermissionDenied)


def test_an_object_that_is_not_there(sim: Simulator, connect: Connect) -> None:
    """An id that Stripe doesn't know is told from every other refusal."""
    with pytest.raises(NotFound, match="in_1Missing"):
        connect(sim).get_json("/v1/invoices/in_1Missing")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(
    script: Scripted, elsewhere: Scripted, connect: Connect, status: int
) -> None:
    """The other address never gets a request, and so never the key; nor is it asked again."""
    elsewhere.says(200, LIST)
    script.says(status, b"", Location=f"{elsewhere.url}/v1/coupons")
    with pytest.raises(UsageError, match=f"redirects \\(HTTP {status}\\)"):
        connect(script).get_json("/v1/coupons")
    assert (len(script.requests), elsewhere.connections) == (1, 0)


def test_a_redirect_of_the_simulator(sim: Simulator, connect: Connect) -> None:
    """A redirect on the same host is not followed either."""
    sim.faults[:] = [{"path": "/v1/coupons", "kind": "redirect"}]
    sim.stats.reset()
    with pytest.raises(UsageError, match="redirects"):
        connect(sim).get_json("/v1/coupons")
    assert [entry["path"] for entry in sim.stats.log] == ["/v1/coupons"]


def test_the_headers_of_a_request(sim: Simulator, connect: Connect) -> None:
    """Every request names the version; the connected account is named where there is one."""
    sim.stats.reset()
    connect(sim).get_json("/v1/coupons")
    connect(sim, stripe_account=sim.account.id).get_json("/v1/coupons")
    plain, connected = (entry["headers"] for entry in sim.stats.log)
    assert plain["stripe-version"] == connected["stripe-version"] == API_VERSION
    assert "stripe-account" not in plain
    assert connected["stripe-account"] == sim.account.id
    assert plain["user-agent"].startswith("stripe-source/")


def test_the_key_travels_in_the_authorization_header_alone(
    script: Scripted, connect: Connect
) -> None:
    """The key is a Bearer token and in no other header."""
    script.says(200, LIST)
    connect(script, stripe_account="acct_1Other").get_json("/v1/coupons", [("limit", "3")])
    sent = script.requests[0]
    assert [name for name, value in sent.items() if KEY in value] == ["Authorization"]
    assert sent["Authorization"] == f"Bearer {KEY}"


def test_a_query_is_encoded(sim: Simulator, connect: Connect) -> None:
    """Brackets, blanks and signs in parameters arrive as they were meant."""
    sim.stats.reset()
    query = [("created[gte]", "5"), ("expand[]", "data.tax_ids"), ("email", "a+b c@x.y&z")]
    connect(sim).get_json("/v1/customers", query)
    assert sim.stats.log[0]["query"] == (
        "created%5Bgte%5D=5&expand%5B%5D=data.tax_ids&email=a%2Bb+c%40x.y%26z"
    )


@pytest.mark.parametrize("level", [0, 6])
def test_answers_come_compressed_or_plain(own: Simulator, connect: Connect, level: int) -> None:
    """Compression is asked for; the body is the same text whether or not it came so."""
    own.config.gzip_level = level
    page, _ = connect(own).get("/v1/customers", [("limit", "100")], read_page)
    assert own.stats.log[-1]["headers"]["accept-encoding"] == "gzip"
    assert page.rows == len(own.account.objects("/v1/customers"))
    assert page.body.startswith(b'{\n  "object": "list"')


def test_connections_are_used_again(script: Scripted, connect: Connect) -> None:
    """Twenty requests in a row go over one connection, errors among them."""
    for n in range(20):
        script.says(500 if n % 5 == 0 else 200, LIST)
    script.says(200, LIST)
    client = connect(script)
    for _ in range(16):
        client.get_json("/v1/coupons")
    assert (len(script.requests), script.connections) == (20, 1)


def test_waiting_is_counted_for_all_threads_together(script: Scripted, connect: Connect) -> None:
    """Eight requests that book turns 200 ms apart wait 0 + 200 + ... + 1400 ms between them."""
    script.says(200, LIST)
    client = connect(script, limits=Limits(5_000.0, endpoint=5.0))
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(client.get_json, ["/v1/coupons"] * 8))
    assert client.traffic.waited == pytest.approx(sum(range(8)) / 5, abs=1.0)


def test_the_stamp_is_taken_before_the_request(own: Simulator, connect: Connect) -> None:
    """An answer counts from when it was asked for: what changes meanwhile is newer."""
    client = connect(own)
    client.get_json("/v1/coupons")
    own.config.latency_ms = (80.0, 80.0)
    before = client.clock.stamp()
    _, sent_at = client.get("/v1/coupons", [], read_page)
    assert before <= sent_at < client.clock.stamp() - 0.07


@pytest.mark.parametrize(
    ("path", "endpoint"),
    [
        ("/v1/invoices", "/invoices"),
        ("/v1/invoices/in_1MtHbELkdIwHu7ixl4OzzPMv", "/invoices/{id}"),
        ("/v1/invoices/in_1MtHbELkdIwHu7ixl4OzzPMv/lines", "/invoices/{id}/lines"),
        ("/v1/customers/cus_9s6XKzkNRiz8i3/tax_ids/txi_1", "/customers/{id}/tax_ids/{id}"),
        ("/v1/coupons/SUMMER-25%", "/coupons/{id}"),
        ("/v1/tax/registrations", "/tax/registrations"),
    ],
)
def test_endpoint_of(path: str, endpoint: str) -> None:
    """Ids are left out, so that all objects of a kind share one limit."""
    assert endpoint_of(path) == endpoint


@pytest.mark.parametrize("path", [row.path for row in CATALOG.values()])
def test_a_list_is_its_own_endpoint(path: str) -> None:
    """No part of a list's path is taken for an id."""
    assert endpoint_of(path) == path.removeprefix("/v1")


@pytest.mark.parametrize(
    ("given", "base"),
    [
        ("https://api.stripe.com", "https://api.stripe.com"),
        ("https://api.stripe.com/", "https://api.stripe.com"),
        (" https://proxy.example/stripe// ", "https://proxy.example/stripe"),
        ("http://localhost:12111", "http://localhost:12111"),
        ("http://127.0.0.1:12111/", "http://127.0.0.1:12111"),
        ("http://[::1]:12111", "http://[::1]:12111"),
    ],
)
def test_an_address_to_send_the_key_to(given: str, base: str) -> None:
    """An https address, or http on this machine; trailing slashes and blanks don't count."""
    assert checked_base(given) == base


@pytest.mark.parametrize(
    "given",
    [
        "",
        "api.stripe.com",
        "localhost:12111",
        "ftp://api.stripe.com",
        "file:///etc/passwd",
        "https://",
        "http://api.stripe.com",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "http://localhost@example.com",
        "http://0.0.0.0:80",
        "https://user:hunter2@api.stripe.com",
        "https://user@api.stripe.com",
        "https://:hunter2@api.stripe.com",
        "ftp://user:hunter2@api.stripe.com",
        "https://api.stripe.com?key=hunter2",
        "https://api.stripe.com#top",
        "https://api.stripe.com:https",
        "https://api.stripe.com:99999",
        "https://[::1",
        "https://api.stripe .com",
    ],
)
def test_an_address_that_gets_no_key(given: str) -> None:
    """Anything else is refused before a request, in one line without what may be a password."""
    with pytest.raises(UsageError, match="api_base") as refusal:
        checked_base(given)
    assert "hunter2" not in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_client_is_not_made_for_a_bad_address(connect: Connect) -> None:
    """The check stands in front of every client."""
    with pytest.raises(UsageError, match="https"):
        connect(Scripted("http://api.example.com"))


def test_a_path_of_the_address_stays(script: Scripted, connect: Connect) -> None:
    """An address with a path gets its requests below it."""
    script.says(200, LIST)
    script.url += "/stripe/"
    client = connect(script)
    client.get_json("/v1/coupons")
    assert urlsplit(client.api_base).path == "/stripe"


def test_close_gives_up_what_still_waits(script: Scripted, connect: Connect) -> None:
    """After close nothing more is sent."""
    script.says(200, LIST)
    client = connect(script, limits=Limits(UNLIMITED.account, endpoint=2.0))
    client.get_json("/v1/coupons")
    for _ in range(client_module.CONCURRENCY):
        client.threads.submit(time.sleep, 0.01)
    late = client.threads.submit(client.get_json, "/v1/coupons")
    client.close()
    assert late.cancelled() or isinstance(late.exception(timeout=5), StripeUnavailable)
