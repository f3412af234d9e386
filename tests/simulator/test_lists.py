"""Order, cursors, limits and filters of lists."""

from __future__ import annotations

import pytest
import stripe

from stripe_source.simulator import Simulator

from .conftest import Wire


@pytest.mark.rule("2.1a", "2.1b")
def test_newest_first_with_ties_by_insertion(sim: Simulator, wire: Wire) -> None:
    """Lists run from the newest to the oldest; equal seconds by insertion, newest first."""
    rows = wire.all("/v1/customers", limit=7)
    stored = sim.account.objects("/v1/customers")
    assert [r["id"] for r in rows] == [o["id"] for o in stored]
    assert [r["created"] for r in rows] == sorted((r["created"] for r in rows), reverse=True)
    tied = [r["created"] for r in rows]
    assert max(tied.count(t) for t in tied) >= 12


@pytest.mark.rule("2.2a", "2.2b")
def test_limit_is_10_by_default_and_1_to_100(wire: Wire) -> None:
    """No limit gives ten rows; 0, 101 and text are refused."""
    assert len(wire.ids("/v1/customers")) == 10
    for wrong in ("0", "101", "x"):
        answer = wire.get(f"/v1/customers?limit={wrong}")
        assert answer.status == 400
        assert answer.json()["error"]["param"] == "limit"


@pytest.mark.rule("2.3b")
def test_ending_before_is_the_page_just_newer(wire: Wire) -> None:
    """ending_before gives the rows immediately newer than the cursor, newest first."""
    ids = wire.ids("/v1/customers?limit=20")
    page = wire.get(f"/v1/customers?limit=5&ending_before={ids[10]}").json()
    assert [r["id"] for r in page["data"]] == ids[5:10]
    assert page["has_more"] is True


@pytest.mark.rule("2.3d")
def test_both_cursors_are_refused(wire: Wire) -> None:
    """Only one cursor at a time."""
    ids = wire.ids("/v1/customers?limit=2")
    query = f"starting_after={ids[0]}&ending_before={ids[1]}"
    assert wire.get(f"/v1/customers?{query}").status == 400


@pytest.mark.rule("2.3c")
def test_unknown_cursor_is_resource_missing(wire: Wire) -> None:
    """A cursor that is not there breaks the walk with resource_missing."""
    error = wire.get("/v1/customers?starting_after=cus_gone").json()["error"]
    assert (error["code"], error["param"]) == ("resource_missing", "starting_after")


@pytest.mark.rule("1.4", "2.4a", "2.4b")
@pytest.mark.parametrize("style", ["created[gte]={low}&created[lt]={high}",
                                   "created%5Bgte%5D={low}&created%5Blt%5D={high}"])  # fmt: skip
def test_created_range(sim: Simulator, wire: Wire, style: str) -> None:
    """gte includes and lt excludes, on whole seconds, and the walk stays inside."""
    times = sorted(o["created"] for o in sim.account.objects("/v1/invoices"))
    low, high = times[20], times[60]
    rows = wire.all("/v1/invoices?" + style.format(low=low, high=high), limit=9)
    assert len(rows) == sum(low <= t < high for t in times)
    exact = wire.all(f"/v1/invoices?created={low}")
    assert {r["created"] for r in exact} == {low}


@pytest.mark.rule("2.4b")
def test_gt_and_lte_are_the_other_ends(sim: Simulator, wire: Wire) -> None:
    """gt excludes and lte includes."""
    times = sorted(o["created"] for o in sim.account.objects("/v1/charges"))
    low, high = times[5], times[25]
    rows = wire.all(f"/v1/charges?created[gt]={low}&created[lte]={high}")
    assert len(rows) == sum(low < t <= high for t in times)


@pytest.mark.rule("1.5a")
def test_unknown_parameters_are_refused(wire: Wire) -> None:
    """created is unknown to the lists that have none, as is anything made up."""
    for path, param in (("/v1/payment_methods?created=1", "created"),
                        ("/v1/customers?foo=1", "foo"),
                        ("/v1/customers?created[foo]=1", "created[foo]")):  # fmt: skip
        error = wire.get(path).json()["error"]
        assert (error["code"], error["param"]) == ("parameter_unknown", param)


@pytest.mark.rule("2.7b")
def test_mandatory_parameters(sim: Simulator, wire: Wire) -> None:
    """A list of a parent's objects needs the parent, and gives only its rows."""
    for path, param, home in (
        ("/v1/setup_attempts", "setup_intent", "/v1/setup_intents"),
        ("/v1/radar/value_list_items", "value_list", "/v1/radar/value_lists"),
        ("/v1/subscription_items", "subscription", "/v1/subscriptions"),
        ("/v1/treasury/transactions", "financial_account", "/v1/treasury/financial_accounts"),
    ):
        error = wire.get(path).json()["error"]
        assert (error["code"], error["param"]) == ("parameter_missing", param)
        parent = sim.account.objects(home)[0]["id"]
        rows = wire.all(f"{path}?{param}={parent}")
        assert rows
        assert {r[param] for r in rows} == {parent}


@pytest.mark.rule("2.8a", "2.8b")
def test_subscription_statuses(sim: Simulator, wire: Wire) -> None:
    """Canceled ones are left out by default; all and ended are groups."""
    stored = [s["status"] for s in sim.account.objects("/v1/subscriptions")]
    assert len(set(stored)) == 8
    default = [s["status"] for s in wire.all("/v1/subscriptions")]
    assert len(default) == len(stored) - stored.count("canceled")
    assert len(wire.all("/v1/subscriptions?status=all")) == len(stored)
    ended = [s["status"] for s in wire.all("/v1/subscriptions?status=ended")]
    assert set(ended) == {"canceled", "incomplete_expired"}


@pytest.mark.parametrize(("path", "param", "field"), [
    ("/v1/invoices", "customer", "customer"), ("/v1/charges", "customer", "customer"),
    ("/v1/prices", "product", "product"), ("/v1/invoices", "status", "status"),
    ("/v1/customers", "email", "email"), ("/v1/balance_transactions", "type", "type"),
    ("/v1/refunds", "charge", "charge"), ("/v1/invoice_payments", "invoice", "invoice"),
])  # fmt: skip
def test_equality_filters(sim: Simulator, wire: Wire, path: str, param: str, field: str) -> None:
    """A filter gives exactly the objects whose field is the value."""
    stored = sim.account.objects(path)
    wanted = stored[len(stored) // 2][field]
    rows = wire.all(f"{path}?{param}={wanted}", limit=3)
    assert [r["id"] for r in rows] == [o["id"] for o in stored if o[field] == wanted]


def test_filters_that_look_deeper(sim: Simulator, wire: Wire) -> None:
    """Invoices by subscription, items by payout, prices by lookup key, products by ids."""
    sub = sim.account.objects("/v1/subscriptions")[-1]["id"]
    invoices = wire.all(f"/v1/invoices?subscription={sub}")
    assert {i["parent"]["subscription_details"]["subscription"] for i in invoices} == {sub}
    payout = sim.account.objects("/v1/payouts")[0]
    entries = wire.all(f"/v1/balance_transactions?payout={payout['id']}")
    assert sum(e["net"] for e in entries) == 0
    products = [p["id"] for p in sim.account.objects("/v1/products")[:2]]
    assert wire.ids(f"/v1/products?ids[0]={products[0]}&ids[]={products[1]}") == products
    owner = next(t for t in sim.account.objects("/v1/tax_ids") if t["customer"])["customer"]
    taxes = wire.all(f"/v1/tax_ids?owner[type]=customer&owner[customer]={owner}")
    assert {t["customer"] for t in taxes} == {owner}


@pytest.mark.rule("1.4", "4.2b")
def test_events_by_type(wire: Wire) -> None:
    """type takes a wildcard; types takes many in either bracket style, not both parameters."""
    wild = {e["type"] for e in wire.all("/v1/events?type=customer.*")}
    assert wild
    assert all(t.startswith("customer.") for t in wild)
    two = wire.all("/v1/events?types[]=invoice.paid&types[1]=charge.succeeded")
    assert {e["type"] for e in two} == {"invoice.paid", "charge.succeeded"}
    assert wire.get("/v1/events?type=a&types[]=b").status == 400


@pytest.mark.rule("4.2d", "4.2e")
def test_events_age_out(own: Simulator, own_wire: Wire) -> None:
    """After 30 days an event is gone from the list, and as a cursor it is an error."""
    last = own_wire.all("/v1/events")[-1]
    age = own.account.clock.now - last["created"]
    own.account.advance(30 * 86400 - age)
    assert last["id"] in {e["id"] for e in own_wire.all("/v1/events")}
    own.account.advance(1)
    assert last["id"] not in {e["id"] for e in own_wire.all("/v1/events")}
    error = own_wire.get(f"/v1/events?starting_after={last['id']}").json()["error"]
    assert "aged out of our retention policy" in error["message"]


@pytest.mark.rule("2.5a")
def test_insert_while_paging_repeats_nothing(own: Simulator, own_wire: Wire) -> None:
    """New objects appear at the head: a walk that is under way neither repeats nor misses."""
    before = [o["id"] for o in own.account.objects("/v1/invoices")]
    first = own_wire.ids("/v1/invoices?limit=5")
    new = dict(own.account.objects("/v1/invoices")[0], id="in_new", created=own.account.clock.now)
    own.account.insert("/v1/invoices", new)
    rest = own_wire.all(f"/v1/invoices?starting_after={first[-1]}")
    assert first + [r["id"] for r in rest if r["id"] not in first] == before


def test_retrieve_everything_listed(sim: Simulator, client: stripe.StripeClient) -> None:
    """What a list gives can be read by its id, and is the same."""
    for path, resource in sim.account.registry.resources.items():
        if resource.nested or any(n.endswith("!") for n in resource.params):
            continue
        row = client.raw_request("get", path).data
        listed = client.deserialize(row, api_mode="V1")["data"][0]
        one = client.raw_request("get", f"{path}/{listed['id']}").data
        assert client.deserialize(one, api_mode="V1")["id"] == listed["id"]


@pytest.mark.rule("1.5c")
def test_unknown_url_and_object(wire: Wire) -> None:
    """Both are a 404, with Stripe's texts."""
    answer = wire.get("/v1/nonsense")
    assert answer.status == 404
    assert answer.json()["error"]["message"].startswith("Unrecognized request URL (GET: /v1/nonsen")
    missing = wire.get("/v1/invoices/in_none")
    assert missing.json()["error"]["message"] == "No such invoice: 'in_none'"


@pytest.mark.rule("3.3a", "3.3b")
def test_deleted_customers_leave_a_stub(sim: Simulator, wire: Wire) -> None:
    """A deleted customer is gone from the list and read as a stub; its tax ids stay listed."""
    gone = next(iter(sim.account.collection("/v1/customers").deleted))
    assert gone not in {c["id"] for c in wire.all("/v1/customers")}
    expected = {"id": gone, "object": "customer", "deleted": True}
    assert wire.get(f"/v1/customers/{gone}").json() == expected


def test_a_list_of_ones_own(own: Simulator, own_wire: Wire) -> None:
    """An endpoint registered at run time is served like any other."""
    rows = [{"id": f"w_{n}", "object": "widget", "created": n} for n in range(15)]
    own.account.add_list("/v1/widgets", rows)
    assert [r["id"] for r in own_wire.all("/v1/widgets", 4)] == [f"w_{14 - n}" for n in range(15)]
    assert own_wire.ids("/v1/widgets?created[lt]=3") == ["w_2", "w_1", "w_0"]


def test_a_filter_follows_changes(own: Simulator, own_wire: Wire) -> None:
    """An object moves from its old value to its new one, and leaves with its deletion."""
    customer = own.account.objects("/v1/customers")[0]
    old = customer["email"]
    assert own_wire.ids(f"/v1/customers?email={old}") == [customer["id"]]
    own.account.update("/v1/customers", customer["id"], {"email": "new@x.y"})
    assert own_wire.ids(f"/v1/customers?email={old}") == []
    assert own_wire.ids("/v1/customers?email=new@x.y") == [customer["id"]]
    own.account.delete("/v1/customers", customer["id"])
    assert own_wire.ids("/v1/customers?email=new@x.y") == []
