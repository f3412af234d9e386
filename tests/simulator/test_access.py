"""Keys, accounts, features that are off, and the headers of every answer."""

from __future__ import annotations

import gzip
from base64 import b64encode

import pytest
import stripe

from stripe_source.simulator import Simulator

from .conftest import Wire, sdk


@pytest.mark.rule("1.3a")
def test_bearer_and_basic(sim: Simulator, wire: Wire) -> None:
    """Both ways of sending a key are let in."""
    basic = b64encode(f"{sim.api_key}:".encode()).decode()
    answer = wire.pool.request(
        "GET", f"{sim.url}/v1/account", headers={"Authorization": f"Basic {basic}"}
    )
    assert (answer.status, answer.json()["id"]) == (200, sim.account.id)
    assert wire.get("/v1/account").status == 200


@pytest.mark.rule("1.3b", "1.3c", "1.3d")
def test_keys_that_are_not_let_in(own: Simulator, own_wire: Wire) -> None:
    """No key, a wrong one, a revoked, an expired and a publishable one: 401, each in its words."""
    bare = own_wire.pool.request("GET", f"{own.url}/v1/customers")
    assert (bare.status, bare.json()["error"]["type"]) == (401, "invalid_request_error")
    wrong = own_wire.get("/v1/customers", key="sk_test_wrongwrong").json()["error"]
    assert wrong["message"] == "Invalid API Key provided: sk_test_****rong"
    public = own_wire.get("/v1/customers", key="pk_test_123456789").json()["error"]
    assert public["code"] == "secret_key_required"
    for text in ("sk_test_revoked01", "sk_test_expired01"):
        own.add_key(text)
        assert own_wire.get("/v1/customers", key=text).status == 200
    own.revoke_key("sk_test_revoked01")
    own.expire_key("sk_test_expired01")
    assert own_wire.get("/v1/customers", key="sk_test_revoked01").status == 401
    expired = own_wire.get("/v1/customers", key="sk_test_expired01")
    assert (expired.status, expired.json()["error"]["code"]) == (401, "api_key_expired")


@pytest.mark.rule("6.3h")
def test_restricted_key_names_the_permission(own: Simulator) -> None:
    """A restricted key reads what it may, and the 403 names what it lacks."""
    own.add_key("rk_test_reader0abcd", permissions={"rak_customer_read"})
    client = sdk(own, "rk_test_reader0abcd")
    assert client.v1.customers.list().data
    with pytest.raises(stripe.PermissionError) as caught:
        client.v1.payment_methods.list()
    assert str(caught.value).endswith(
        "The provided key 'rk_test_****abcd' does not have the required permissions for this "
        f"endpoint on account '{own.account.id}'. Having the 'rak_payment_method_read' permission "
        "would allow this request to continue."
    )


@pytest.mark.rule("6.3g")
def test_features_that_are_off(own: Simulator, own_wire: Wire) -> None:
    """A switched-off prefix answers with the text by which clients know it."""
    for prefix, text in (("/v1/issuing/", "not set up to use Issuing"),
                         ("/v1/treasury/", "Have you onboarded to Treasury?"),
                         ("/v1/sigma/", "not enabled for testmode")):  # fmt: skip
        own.disabled.add(prefix)
        path = next(p for p in own.account.registry.resources if p.startswith(prefix))
        answer = own_wire.get(path)
        assert answer.status == 400
        assert text in answer.json()["error"]["message"]


def test_unknown_connected_account(wire: Wire) -> None:
    """A Stripe-Account that the key cannot see is a 403 account_invalid."""
    answer = wire.get("/v1/customers", Stripe_Account="acct_other")
    assert (answer.status, answer.json()["error"]["code"]) == (403, "account_invalid")


@pytest.mark.rule("1.1b", "1.1c", "1.2b", "1.2d")
def test_headers(sim: Simulator, wire: Wire) -> None:
    """Request id, the version asked for, and the date of the virtual clock."""
    answer = wire.get("/v1/customers", Stripe_Version="2024-06-20", Stripe_Account=sim.account.id)
    assert answer.headers["Request-Id"].startswith("req_")
    assert answer.headers["Stripe-Version"] == "2024-06-20"
    assert answer.headers["Stripe-Account"] == sim.account.id
    assert answer.headers["Date"] == "Sat, 31 Oct 2026 12:00:00 GMT"
    assert answer.headers["Content-Type"] == "application/json"
    assert len(answer.headers.getlist("Date")) == 1
    assert answer.data.startswith(b'{\n  "object": "list",\n  "data": [\n    {\n      "id"')


@pytest.mark.rule("1.1d", "8.1c")
def test_gzip_when_asked(wire: Wire) -> None:
    """A compressed page holds the same bytes, and is smaller."""
    plain = wire.get("/v1/invoices?limit=50").data
    answer = wire.pool.request(
        "GET", f"{wire.sim.url}/v1/invoices?limit=50", decode_content=False,
        headers={"Authorization": f"Bearer {wire.sim.api_key}", "Accept-Encoding": "gzip"},
    )  # fmt: skip
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.data) < len(plain) / 4
    assert gzip.decompress(answer.data) == plain


def test_a_restricted_key_needs_a_permission_for_the_balance(own: Simulator) -> None:
    """The balance is an object like any other; only the account is open to every key."""
    own.add_key("rk_test_nothing0abcd", permissions=set())
    client = sdk(own, "rk_test_nothing0abcd")
    with pytest.raises(stripe.PermissionError, match="rak_balance_read"):
        client.v1.balance.retrieve()
    assert client.v1.accounts.retrieve_current().id == own.account.id
