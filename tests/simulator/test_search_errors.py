"""What search refuses, to whom, and how it is counted: over HTTP.

Rules: https://docs.stripe.com/search; the language itself is in ``test_search_language.py``.
"""

from __future__ import annotations

from urllib.parse import quote

import pytest
import stripe

from stripe_source.simulator import Simulator

from .conftest import Wire


@pytest.mark.rule("5.1f")
@pytest.mark.parametrize(
    ("query", "param", "message"),
    [
        ("", "query", "Missing required param: query."),
        ("query=", "query", "You passed an empty string for 'query'."),
        ("query=asdf", None, "We were unable to parse your search query."),
        ("query=foo%3A%22a%22", None, "Field `foo` is an unsupported search field"),
        ("query=email%3E1", "query", "Field `email` does not support the operator `>`"),
        ("query=created%3E0&limit=0", "limit", "greater than or equal to 1"),
        ("query=created%3E0&limit=101", "limit", "between 1 and 100"),
        ("query=created%3E0&page=nonsense", "page", "Invalid page token: nonsense"),
        ("query=created%3E0&page=MQ", "page", "Invalid page token: MQ"),
        ("query=created%3E0&starting_after=cus_1", "starting_after", "unknown parameter"),
        ("query=created%3E0&expand[]=customer", None, "cannot be expanded (customer)"),
        ("query=created%3E0&expand[]=data.nonsense", None, "cannot be expanded (nonsense)"),
    ],
)
def test_each_error(wire: Wire, query: str, param: str | None, message: str) -> None:
    """What search does not take is a 400 of Stripe's kind that names the parameter."""
    answer = wire.get(f"/v1/customers/search?{query}")
    error = answer.json()["error"]
    assert (answer.status, error["type"]) == (400, "invalid_request_error")
    assert message in error["message"]
    assert error.get("param") == param


@pytest.mark.rule("5.1f")
def test_the_sdk_raises(client: stripe.StripeClient) -> None:
    """The SDK turns the error into its own, with the resource's own name in it."""
    with pytest.raises(stripe.InvalidRequestError, match="for resource `payment_intents`"):
        client.v1.payment_intents.search({"query": 'email:"a"'})


@pytest.mark.rule("5.1a")
def test_only_seven_resources(wire: Wire) -> None:
    """Elsewhere ``search`` is an id like any other."""
    assert wire.get("/v1/refunds/search?query=created%3E0").status != 200
    assert wire.get("/v1/coupons/search").status == 404


@pytest.mark.rule("5.1h")
def test_not_available_in_a_region(own: Simulator, own_wire: Wire) -> None:
    """For an account in India search is a 400, while the lists go on."""
    own.account.config.search_available = False
    answer = own_wire.get(f"/v1/customers/search?query={quote('created>0')}")
    assert answer.status == 400
    assert "search feature is temporarily unavailable" in answer.json()["error"]["message"]
    assert own_wire.get("/v1/customers").status == 200


def test_a_restricted_key_needs_the_resource(own: Simulator, own_wire: Wire) -> None:
    """Searching customers takes the permission to read customers."""
    own.add_key("rk_test_invoices1", {"rak_invoice_read"})
    query = f"query={quote('created>0')}"
    key = "rk_test_invoices1"
    assert own_wire.get(f"/v1/customers/search?{query}", key=key).status == 403
    assert own_wire.get(f"/v1/invoices/search?{query}", key=key).status == 200


def test_search_is_an_endpoint_of_its_own(own: Simulator, own_wire: Wire) -> None:
    """Statistics, limits and faults know a search by its own path, and what it searches."""
    own.faults.append({"path": "/v1/customers/search", "kind": "403"})
    answer = own_wire.get(f"/v1/customers/search?query={quote('created>0')}")
    assert own.stats.by_path["/v1/customers/search"] == 1
    assert "Having the 'rak_customer_read' permission" in answer.json()["error"]["message"]
