"""Expansion and nested lists."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from stripe_source.simulator import Simulator

from .conftest import Wire


def longest(sim: Simulator) -> dict[str, Any]:
    """The invoice of 250 lines."""
    return max(sim.account.objects("/v1/invoices"), key=lambda i: len(i["lines"]["data"]))


@pytest.mark.rule("2.12a", "2.12b")
def test_nested_lists_are_cut_at_ten(sim: Simulator, wire: Wire) -> None:
    """An invoice shows ten of its 250 lines; its url has them all, in the same order."""
    invoice = longest(sim)
    shown = wire.get(f"/v1/invoices/{invoice['id']}").json()["lines"]
    assert (len(shown["data"]), shown["has_more"]) == (10, True)
    lines = wire.all(shown["url"])
    assert len(lines) == 250
    assert [r["id"] for r in lines[:10]] == [r["id"] for r in shown["data"]]
    assert [r["id"] for r in lines] == [r["id"] for r in invoice["lines"]["data"]]


@pytest.mark.rule("2.12a", "2.12b")
def test_subscription_with_twenty_items(sim: Simulator, wire: Wire) -> None:
    """Items are cut at ten too; the url with its own query gives all twenty."""
    sub = max(sim.account.objects("/v1/subscriptions"), key=lambda s: len(s["items"]["data"]))
    shown = wire.get(f"/v1/subscriptions/{sub['id']}").json()["items"]
    assert (len(shown["data"]), shown["has_more"]) == (10, True)
    assert len(wire.all(shown["url"], limit=3)) == 20


@pytest.mark.rule("2.12a")
def test_sdk_pages_through_nested_lists(sim: Simulator, client: stripe.StripeClient) -> None:
    """The SDK's auto-paging follows the nested list's url by itself."""
    invoice = client.v1.invoices.retrieve(longest(sim)["id"])
    assert len(list(invoice.lines.auto_paging_iter())) == 250


@pytest.mark.rule("2.11a")
def test_ids_unless_expanded(sim: Simulator, wire: Wire) -> None:
    """A reference is an id, and the full current object when expanded."""
    plain = wire.get("/v1/charges?limit=1").json()["data"][0]
    assert isinstance(plain["customer"], str)
    full = wire.get("/v1/charges?limit=1&expand[]=data.customer&expand[]=data.payment_intent")
    row = full.json()["data"][0]
    assert row["customer"]["id"] == plain["customer"]
    assert row["payment_intent"]["latest_charge"] == row["id"]
    name = f"renamed {sim.config.seed}"
    sim.account.update("/v1/customers", plain["customer"], {"name": name}, event=None)
    again = wire.get("/v1/charges?limit=1&expand[]=data.customer&expand[]=data.payment_intent")
    assert again.json()["data"][0]["customer"]["name"] == name


@pytest.mark.rule("2.11a")
def test_discounts_at_every_level(wire: Wire) -> None:
    """Discounts are ids in subscriptions, invoices and lines until the path names them."""
    paths = "expand[0]=data.discounts&expand[1]=data.lines.data.discounts"
    for row in wire.all(f"/v1/invoices?{paths}"):
        for each in [row, *row["lines"]["data"]]:
            assert all(d["object"] == "discount" for d in each["discounts"])
    bare = wire.all("/v1/invoices")
    ids = [d for row in bare for each in [row, *row["lines"]["data"]] for d in each["discounts"]]
    assert ids
    assert all(isinstance(d, str) for d in ids)
    subs = wire.all("/v1/subscriptions?expand[]=data.discounts.source.coupon")
    coupons = [d["source"]["coupon"] for s in subs for d in s["discounts"]]
    assert coupons
    assert all(c["object"] == "coupon" and "applies_to" not in c for c in coupons)


@pytest.mark.rule("2.11d")
def test_includables_come_only_when_expanded(sim: Simulator, wire: Wire) -> None:
    """Tiers, payments, refunds, tax ids and the like are absent until asked for."""
    for path, fields in {"/v1/prices": ["tiers", "currency_options"], "/v1/plans": ["tiers"],
                         "/v1/customers": ["sources", "subscriptions", "tax_ids"],
                         "/v1/invoices": ["payments"], "/v1/charges": ["refunds"],
                         "/v1/coupons": ["applies_to", "currency_options"]}.items():  # fmt: skip
        row = wire.get(f"{path}?limit=1").json()["data"][0]
        assert not set(fields) & set(row), path
        query = "&".join(f"expand[]=data.{f}" for f in fields)
        row = wire.get(f"{path}?limit=1&{query}").json()["data"][0]
        assert set(fields) <= set(row), path
    tiered = next(p for p in sim.account.objects("/v1/prices") if p["tiers"])
    price = wire.get(f"/v1/prices/{tiered['id']}?expand[]=tiers").json()
    assert [t["up_to"] for t in price["tiers"]] == [100, 1000, None]


@pytest.mark.rule("2.11d")
def test_embedded_prices_hide_their_tiers(sim: Simulator, wire: Wire) -> None:
    """An item's price shows no tiers unless the path to them is expanded."""
    sub = next(s for s in sim.account.objects("/v1/subscriptions")
               if any(i["price"]["tiers"] for i in s["items"]["data"][:10]))  # fmt: skip
    plain = wire.get(f"/v1/subscriptions/{sub['id']}").json()
    assert all("tiers" not in i["price"] for i in plain["items"]["data"])
    full = wire.get(f"/v1/subscriptions/{sub['id']}?expand[]=items.data.price.tiers").json()
    assert any(i["price"]["tiers"] for i in full["items"]["data"])


@pytest.mark.rule("2.11b", "2.11c")
def test_wrong_paths(wire: Wire) -> None:
    """Unknown paths, plain fields, and more than four levels are refused."""
    for path in ("data.nonsense", "data.amount_due", "customer", "data.lines.data.nonsense"):
        answer = wire.get(f"/v1/invoices?expand[]={path}")
        assert answer.status == 400
        assert "This property cannot be expanded (" in answer.json()["error"]["message"]
    deep = wire.get("/v1/subscriptions?expand[]=data.items.data.price.product").json()["error"]
    assert deep["message"].startswith("You cannot expand more than 4 levels of a property.")
    assert (
        wire.get("/v1/charges?expand[]=data.payment_intent.customer.default_source").status == 200
    )


@pytest.mark.rule("8.1a")
def test_a_price_change_shows_in_its_subscriptions(own: Simulator, own_wire: Wire) -> None:
    """Bytes that were kept are made anew when something embedded in them changes."""
    own_wire.all("/v1/subscriptions")
    price = own.account.objects("/v1/subscriptions")[0]["items"]["data"][0]["price"]["id"]
    own.account.update("/v1/prices", price, {"nickname": "new name"})
    subs = own_wire.all("/v1/subscriptions?status=all")
    found = {i["price"]["nickname"] for s in subs for i in s["items"]["data"]
             if i["price"]["id"] == price}  # fmt: skip
    assert found == {"new name"}


def test_every_nested_list_is_served(sim: Simulator, wire: Wire) -> None:
    """Each nested endpoint gives its parent's rows, and 404 for a parent that is not there."""
    parents = {"/v1/tax/calculations", "/v1/tax/transactions", "/v1/sources"}
    for resource in sim.account.registry.resources.values():
        base, _, leaf = resource.path.partition("/{")
        if not resource.nested or base in parents:
            continue
        leaf = leaf.rpartition("/")[2]
        needed = [n[:-1] for n in resource.params if n.endswith("!")]
        query = "&".join(f"{n}={'9' * 10 if n == 'end_time' else 1}" for n in needed)
        answers = [wire.get(f"{base}/{obj['id']}/{leaf}?{query}")
                   for obj in sim.account.objects(base)[:200]]  # fmt: skip
        assert {a.status for a in answers} == {200}, resource.path
        if leaf not in ("amount_details_line_items", "computed_upfront_line_items", "owners"):
            assert any(a.json()["data"] for a in answers), resource.path
        assert wire.get(f"{base}/none/{leaf}?{query}").status == 404
