"""Search over HTTP with the SDK: what it finds in each resource, its pages, and its lag.

Rules: https://docs.stripe.com/search; the language itself is in ``test_search_language.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import stripe
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stripe_source.simulator import Simulator

from .conftest import Wire, sdk
from .test_search_language import escaped

LAG = 5


def ids(found: Any) -> list[str]:
    """The ids of one page."""
    return [each.id for each in found.data]


def expected(sim: Simulator, path: str, test: Callable[[Any], bool] = bool) -> list[str]:
    """What a search should find, newest first, worked out from the account; all without a test."""
    return [o["id"] for o in sim.account.objects(path) if o.get("test_clock") is None and test(o)]


CASES: list[tuple[str, str, Callable[[Any], bool]]] = [
    ("customers", 'email~"example" AND created>0', lambda o: "example" in (o["email"] or "")),
    ("customers", "phone:null -name:null", lambda o: not o["phone"] and o["name"]),
    ("charges", 'amount>5000 AND currency:"usd"', lambda o: o["amount"] > 5000 and usd(o)),
    ("charges", 'status:"failed"', lambda o: o["status"] == "failed"),
    ("charges", 'disputed:"true"', lambda o: o["disputed"]),
    ("charges", 'refunded:"true"', lambda o: o["refunded"]),
    ("charges", "refunded:null", lambda o: not o["paid"]),
    ("charges", "payment_method_details.card.last4:0469", lambda o: card(o).get("last4") == "0469"),
    ("invoices", 'total>1000 AND -status:"paid"', lambda o: o["total"] > 1000 and unpaid(o)),
    ("invoices", "-subscription:null", lambda o: bool(subscription(o))),
    ("payment_intents", '-currency:"usd"', lambda o: not usd(o)),
    ("payment_intents", 'status:"succeeded"', lambda o: o["status"] == "succeeded"),
    ("prices", 'active:"true" type:"recurring"', lambda o: o["active"] and o["recurring"]),
    ("prices", "-lookup_key:null", lambda o: bool(o["lookup_key"])),
    (
        "products",
        'active:"true" or name~"pro"',
        lambda o: o["active"] or "pro" in o["name"].lower(),
    ),
    ("subscriptions", 'status:"canceled"', lambda o: o["status"] == "canceled"),
    ("subscriptions", "canceled_at>0", lambda o: bool(o["canceled_at"])),
]


def usd(obj: Any) -> bool:
    """In US dollars."""
    return bool(obj["currency"] == "usd")


def unpaid(invoice: Any) -> bool:
    """Anything but paid."""
    return bool(invoice["status"] != "paid")


def card(charge: Any) -> Any:
    """The card of a charge."""
    return charge["payment_method_details"].get("card") or {}


def subscription(invoice: Any) -> Any:
    """The subscription of an invoice, or None."""
    details = (invoice["parent"] or {}).get("subscription_details") or {}
    return details.get("subscription")


@pytest.mark.rule("5.1a", "5.1i")
@pytest.mark.parametrize(("name", "query", "test"), CASES)
def test_each_resource(
    sim: Simulator, client: stripe.StripeClient, name: str, query: str, test: Any
) -> None:
    """A search of each resource finds exactly what the account holds, newest first."""
    service = getattr(client.v1, name)
    sim.account.advance(LAG)
    found = service.search({"query": query, "limit": 100})
    wanted = expected(sim, f"/v1/{name}", test)
    assert wanted, "a case that finds nothing proves nothing"
    assert ids(found) == wanted[:100]
    assert (found.object, found.url) == ("search_result", f"/v1/{name}/search")
    assert found.has_more == (len(wanted) > 100)


@pytest.mark.rule("5.1a", "5.1b")
def test_every_page(sim: Simulator, client: stripe.StripeClient) -> None:
    """Pages of 10 unless asked otherwise follow ``next_page`` without a gap; the last has none."""
    sim.account.advance(LAG)
    wanted = expected(sim, "/v1/customers")
    first = client.v1.customers.search({"query": "created>0"})
    assert (len(first.data), first.has_more) == (10, True)
    assert isinstance(first.next_page, str)
    walked = client.v1.customers.search({"query": "created>0", "limit": 7}).auto_paging_iter()
    assert [c.id for c in walked] == wanted
    last = client.v1.customers.search({"query": "created>0", "limit": len(wanted)})
    assert (last.has_more, last.next_page) == (False, None)


def test_pages_hold_while_the_account_changes(own: Simulator) -> None:
    """What is new or gone between two pages neither repeats nor hides anything else."""
    client = sdk(own)
    own.account.advance(LAG)
    wanted = expected(own, "/v1/customers")
    first = client.v1.customers.search({"query": "created>0", "limit": 3})
    client.v1.customers.create({"name": "New"})
    client.v1.customers.delete(wanted[2])
    own.account.advance(LAG)
    assert first.next_page
    rest = client.v1.customers.search({"query": "created>0", "limit": 100, "page": first.next_page})
    assert ids(rest) == wanted[3:]


@pytest.mark.rule("5.1b")
def test_total_count(sim: Simulator, client: stripe.StripeClient, wire: Wire) -> None:
    """``total_count`` comes only when expanded, and counts every page; ``data.`` expands too."""
    sim.account.advance(LAG)
    wanted = len(expected(sim, "/v1/invoices"))
    query = "/v1/invoices/search?query=created%3E0&limit=2"
    assert "total_count" not in wire.get(query).json()
    answer = wire.get(f"{query}&expand[]=total_count&expand[]=data.customer").json()
    assert (answer["total_count"], len(answer["data"])) == (wanted, 2)
    assert answer["data"][0]["customer"]["object"] == "customer"
    second = f"{query}&expand[]=total_count&page={answer['next_page']}"
    assert wire.get(second).json()["total_count"] == wanted
    empty = client.v1.invoices.search({"query": "total>99999999999", "expand": ["total_count"]})
    assert (empty.data, empty.has_more, empty["total_count"]) == ([], False, 0)


@pytest.mark.rule("3.3b", "5.1c")
def test_the_index_lags(own: Simulator) -> None:
    """Within the lag a search matches what was, and shows what is; a deleted object is gone."""
    client = sdk(own)

    def search(query: str) -> list[str]:
        return ids(client.v1.customers.search({"query": query}))

    made = client.v1.customers.create({"name": "Old Name"}).id
    assert search('name:"Old Name"') == []
    own.account.advance(LAG - 1)
    assert search('name:"Old Name"') == []
    own.account.advance(1)
    assert search('name:"Old Name"') == [made]
    client.v1.customers.update(made, {"name": "Mid Name"})
    own.account.advance(2)
    client.v1.customers.update(made, {"name": "New Name"})
    assert (search('name:"Mid Name"'), search('name:"New Name"')) == ([], [])
    found = client.v1.customers.search({"query": 'name:"Old Name"'}).data
    assert [c.name for c in found] == ["New Name"]
    own.account.advance(LAG - 2)
    assert (search('name:"Old Name"'), search('name:"Mid Name"')) == ([], [made])
    client.v1.customers.delete(made)
    assert search('name:"Mid Name"') == []


@pytest.mark.rule("5.1c")
def test_an_outage_of_an_hour(own: Simulator) -> None:
    """With a lag of an hour nothing new is found until the hour is over."""
    own.account.config.search_lag = 3600
    client = sdk(own)
    made = client.v1.customers.create({"name": "Late"}).id
    own.account.advance(3599)
    assert ids(client.v1.customers.search({"query": 'name:"Late"'})) == []
    own.account.advance(1)
    assert ids(client.v1.customers.search({"query": 'name:"Late"'})) == [made]


AWKWARD = ['a"b', "a'b", "a\\b", 'a\\"b', "a\\", '"', "\\\\", "ünï 💳", "a:b AND c", "null", "[x]"]


def test_an_awkward_value_finds_only_itself(own: Simulator) -> None:
    """Values with quotes, backslashes and operators, escaped, find their own object alone."""
    client = sdk(own)
    made = {v: client.v1.customers.create({"metadata": {"key": v}}).id for v in AWKWARD}
    own.account.advance(LAG)
    for value, identifier in made.items():
        query = f'metadata["key"]:"{escaped(value)}"'
        assert ids(client.v1.customers.search({"query": query})) == [identifier]
    names = client.v1.customers.search({"query": '-metadata["key"]:null', "limit": 100})
    assert set(ids(names)) == set(made.values())


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=4, unique_by=str.casefold))
def test_any_value_finds_itself(own: Simulator, values: list[str]) -> None:
    """Whatever a metadata value is made of, the escaped query over HTTP finds just its object."""
    for value in values:
        made = dict(own.account.objects("/v1/customers")[-1])
        made |= {"id": own.account.ids.new("cus"), "metadata": {"key": value}}
        made["created"] = own.account.clock.now
        own.account.insert("/v1/customers", made)
    own.account.advance(LAG)
    for value in values:
        query = f'metadata["key"]:"{escaped(value)}" created>={own.account.clock.now - LAG}'
        found = sdk(own).v1.customers.search({"query": query})
        assert [c.metadata["key"] for c in found.data] == [value]


@pytest.mark.rule("2.9")
def test_test_clocks_are_left_out(own: Simulator) -> None:
    """What a test clock made is not found, as it is not listed."""
    made = dict(own.account.objects("/v1/customers")[0])
    made |= {"id": "cus_clocked", "name": "Clocked", "test_clock": "clock_1"}
    own.account.insert("/v1/customers", made)
    own.account.advance(LAG)
    assert ids(sdk(own).v1.customers.search({"query": 'name:"Clocked"'})) == []
