"""Products, prices and plans, written through the SDK."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import stripe

from stripe_source.simulator import Simulator, SimulatorConfig

from .writing import Writer, refused

MONTHLY = {"interval": "month"}
TIERS = [
    {"up_to": 10, "unit_amount": 100},
    {"up_to": "inf", "unit_amount_decimal": "0.5", "flat_amount": 7},
]


@pytest.fixture
def at() -> Iterator[Writer]:
    """An account without a business."""
    with Simulator(SimulatorConfig(seed=6, customers=0, fixtures=0)) as sim:
        yield Writer(sim)


def test_a_product_with_its_default_price(at: Writer) -> None:
    """The price, and the plan of a recurring one, come with the product, each with its event."""
    made = at.v1.products.create({
        "name": "Pro", "id": "pro", "metadata": {"a": "1"}, "images": ["https://x.y/z.png"],
        "default_price_data": {"currency": "USD", "unit_amount": 900, "recurring": {
            "interval": "month"}},
    })  # fmt: skip
    (price,) = at.v1.prices.list({"product": "pro"}).data
    assert (made.default_price, price.currency) == (price.id, "usd")
    assert price.recurring is not None
    assert (price.type, price.recurring.interval_count) == ("recurring", 1)
    assert at.v1.plans.retrieve(price.id).amount == 900
    assert at.told() == ["product.created", "price.created", "plan.created", "product.updated"]
    assert refused(at.v1.products.create, {"name": "x", "id": "pro"}).code == (
        "resource_already_exists"
    )


def test_an_update_moves_updated(at: Writer) -> None:
    """``updated`` moves with a change, and with nothing else."""
    made = at.v1.products.create({"name": "x", "description": "y", "images": ["https://x.y/z.png"]})
    at.sim.account.advance(60)
    assert at.v1.products.update(made.id, {"name": "x"}).updated == made.updated
    now = at.v1.products.update(made.id, {"description": "", "images": "", "active": False})
    assert (now.updated, now.description, now.images) == (made.updated + 60, None, [])
    assert at.told() == ["product.created", "product.updated"]


@pytest.mark.rule("3.4a", "3.4c")
def test_a_product_with_any_price_stays(at: Writer) -> None:
    """Even an inactive price keeps it; without prices it goes, and a GET is a 404."""
    made = at.v1.products.create({"name": "x"})
    price = at.v1.prices.create({"product": made.id, "currency": "usd", "unit_amount": 1})
    at.v1.prices.update(price.id, {"active": False})
    error = refused(at.v1.products.delete, made.id)
    assert str(error.user_message) == (
        "This product cannot be deleted because it has one or more user-created prices."
    )
    other = at.v1.products.create({"name": "y"})
    assert at.v1.products.delete(other.id).deleted
    assert refused(at.v1.products.retrieve, other.id).http_status == 404
    assert refused(at.v1.products.update, other.id, {"name": "z"}).http_status == 404
    assert at.told()[-1] == "product.deleted"


def test_tiers(at: Writer) -> None:
    """Tiers come only when expanded, the last without an end, amounts in both forms."""
    product = at.v1.products.create({"name": "x"})
    made = at.v1.prices.create({
        "product": product.id, "currency": "usd", "billing_scheme": "tiered", "tiers": TIERS,
        "tiers_mode": "graduated", "recurring": {"interval": "month", "usage_type": "metered"},
        "expand": ["tiers", "currency_options"],
    })  # type: ignore[typeddict-item]  # fmt: skip
    assert made.tiers is not None
    shown = [(t.up_to, t.unit_amount, str(t.unit_amount_decimal), t.flat_amount,
              str(t.flat_amount_decimal)) for t in made.tiers]  # fmt: skip
    assert shown == [(10, 100, "100", None, "None"), (None, None, "0.5", 7, "7")]
    assert (made.unit_amount, made.unit_amount_decimal) == (None, None)
    assert "tiers" not in at.v1.prices.retrieve(made.id).to_dict()


def test_a_decimal_amount(at: Writer) -> None:
    """A fraction of a minor unit has no whole amount; a whole decimal has both."""
    product = at.v1.products.create({"name": "x"})
    for text, whole in (("0.25", None), ("25", 25)):
        made = at.v1.prices.create(
            {"product": product.id, "currency": "usd", "unit_amount_decimal": text}  # type: ignore[typeddict-item]
        )
        assert (made.unit_amount, str(made.unit_amount_decimal)) == (whole, text)


def test_currency_options(at: Writer) -> None:
    """Its own currency is always among them; named ones are replaced, the empty text drops all."""
    made = at.v1.prices.create({
        "product_data": {"name": "x"}, "currency": "usd", "unit_amount": 5,
        "currency_options": {"eur": {"unit_amount": 4}}, "expand": ["currency_options"],
    })  # fmt: skip
    shown = made.to_dict()["currency_options"]
    assert {code: each["unit_amount"] for code, each in shown.items()} == {"usd": 5, "eur": 4}
    options = {"gbp": {"unit_amount": 3}}
    now = at.v1.prices.update(
        made.id, {"currency_options": options, "expand": ["currency_options"]}
    )  # type: ignore[typeddict-item]
    assert set(now.to_dict()["currency_options"]) == {"usd", "eur", "gbp"}
    now = at.v1.prices.update(made.id, {"currency_options": "", "expand": ["currency_options"]})
    assert set(now.to_dict()["currency_options"]) == {"usd"}
    assert at.told() == ["product.created", "price.created", "price.updated", "price.updated"]


@pytest.mark.parametrize(("given", "message", "param"), [
    ({"unit_amount": 1}, "You must specify either `product` or `product_data`", "product"),
    ({"product": "PRODUCT"}, "Prices require an `unit_amount`", "unit_amount"),
    ({"product": "PRODUCT", "product_data": {"name": "y"}, "unit_amount": 1},
     "You may only specify one of these parameters: product, product_data.", "product"),
    ({"product": "prod_x", "unit_amount": 1}, "No such product: 'prod_x'", "product"),
    ({"product": "PRODUCT", "unit_amount": -1}, "Invalid non-negative integer", "unit_amount"),
    ({"product": "PRODUCT", "unit_amount": 1, "currency": "zzz"}, "Invalid currency: zzz.",
     "currency"),
    ({"product": "PRODUCT", "unit_amount": 1, "unit_amount_decimal": "1"},
     "You may only specify one of these parameters: unit_amount, unit_amount_decimal",
     "unit_amount"),
    ({"product": "PRODUCT", "billing_scheme": "tiered", "tiers": TIERS}, "`tiers_mode` must be set",
     "tiers_mode"),
    ({"product": "PRODUCT", "tiers": TIERS, "tiers_mode": "volume"}, "`tiers` can only be set",
     "tiers"),
    ({"product": "PRODUCT", "billing_scheme": "tiered", "tiers": TIERS[:1], "tiers_mode": "volume"},
     "the last one must be `inf`", "tiers"),
    ({"product": "PRODUCT", "unit_amount": 1,
      "recurring": {"interval": "year", "interval_count": 4}},
     "must be between 1 and 3", "recurring[interval_count]"),
])  # fmt: skip
def test_a_price_that_is_refused(
    at: Writer, given: dict[str, Any], message: str, param: str
) -> None:
    """Each with its parameter; no price, product or event is left."""
    product = at.v1.products.create({"name": "x"})
    at.told()
    full = {"currency": "usd"} | given
    if "product" in full:
        full["product"] = full["product"].replace("PRODUCT", product.id)
    error = refused(at.v1.prices.create, full)
    assert message in str(error.user_message)
    assert (error.http_status, error.param) == (400, param)
    assert (len(at.v1.products.list().data), at.v1.prices.list().data) == (1, [])
    assert at.told() == []


def test_a_lookup_key_is_one_prices(at: Writer) -> None:
    """It is refused to a second price, and taken from the first only with transfer_lookup_key."""
    product = at.v1.products.create({"name": "x"})
    terms: Any = {"product": product.id, "currency": "usd", "unit_amount": 1, "lookup_key": "k"}
    first = at.v1.prices.create(terms)
    assert refused(at.v1.prices.create, terms).user_message == (
        f"A price (`{first.id}`) already uses that lookup key."
    )
    at.told()
    second = at.v1.prices.create(terms | {"transfer_lookup_key": True})
    assert at.v1.prices.retrieve(first.id).lookup_key is None
    assert [p.id for p in at.v1.prices.list({"lookup_keys": ["k"]}).data] == [second.id]
    assert at.told() == ["price.updated", "price.created"]
    back = at.v1.prices.update(first.id, {"lookup_key": "k", "transfer_lookup_key": True})
    assert (back.lookup_key, at.v1.prices.retrieve(second.id).lookup_key) == ("k", None)


@pytest.mark.rule("3.4d")
def test_a_price_is_updated_and_never_deleted(at: Writer) -> None:
    """Its plan follows; amounts are unknown to an update; DELETE is no URL."""
    made = at.v1.prices.create(
        {"product_data": {"name": "x"}, "currency": "usd", "unit_amount": 1, "recurring": MONTHLY}  # type: ignore[typeddict-item]
    )
    at.told()
    at.v1.prices.update(made.id, {"active": False, "nickname": "n", "metadata": {"a": "1"}})
    plan = at.v1.plans.retrieve(made.id)
    assert (plan.active, plan.nickname, plan.metadata.to_dict()) == (False, "n", {"a": "1"})  # type: ignore[union-attr]
    assert at.told() == ["price.updated", "plan.updated"]
    assert refused(at.v1.prices.update, made.id, {"unit_amount": 2}).code == "parameter_unknown"
    client = stripe.StripeClient(at.sim.api_key, base_addresses={"api": at.sim.url})
    assert refused(client.raw_request, "delete", f"/v1/prices/{made.id}").http_status == 404


def test_a_default_price_cannot_be_archived(at: Writer) -> None:
    """The product has to let go of it first; it takes only an active price of its own."""
    product = at.v1.products.create(
        {"name": "x", "default_price_data": {"currency": "usd", "unit_amount": 1}}
    )
    price = str(product.default_price)
    error = refused(at.v1.prices.update, price, {"active": False})
    assert "default price of its product" in str(error.user_message)
    other = at.v1.products.create({"name": "y"})
    assert refused(at.v1.products.update, other.id, {"default_price": price}).http_status == 400
    assert at.v1.prices.update(price, {"tax_behavior": "inclusive"}).tax_behavior == "inclusive"
    assert (
        refused(at.v1.prices.update, price, {"tax_behavior": "exclusive"}).param == "tax_behavior"
    )


@pytest.mark.rule("3.4b")
def test_a_plan_is_a_price(at: Writer) -> None:
    """They have one id; the plan's update shows in the price; deleting takes both."""
    made = at.v1.plans.create({
        "id": "gold", "currency": "usd", "interval": "month", "amount": 700, "nickname": "G",
        "product": {"name": "Gold"}, "transform_usage": {"divide_by": 5, "round": "up"},
        "trial_period_days": 3,
    })  # fmt: skip
    price = at.v1.prices.retrieve("gold")
    assert (price.unit_amount, price.product) == (made.amount, made.product)
    assert price.recurring is not None
    assert price.recurring.trial_period_days == 3
    assert price.transform_quantity is not None
    assert price.transform_quantity.divide_by == 5
    assert at.told() == ["product.created", "price.created", "plan.created"]
    at.v1.plans.update("gold", {"active": False, "trial_period_days": 5})
    recurring = at.v1.prices.retrieve("gold").recurring
    assert recurring is not None
    assert recurring.trial_period_days == 5
    at.told()
    assert at.v1.plans.delete("gold").deleted
    assert at.told() == ["plan.deleted", "price.deleted"]
    assert refused(at.v1.plans.retrieve, "gold").http_status == 404
    assert refused(at.v1.prices.retrieve, "gold").http_status == 404
    assert at.v1.products.delete(str(made.product)).deleted


def test_plans_that_are_refused(at: Writer) -> None:
    """An id that is taken, and no product."""
    terms: Any = {"id": "a", "currency": "usd", "interval": "month", "amount": 1}
    assert refused(at.v1.plans.create, terms).code == "parameter_missing"
    at.v1.plans.create(terms | {"product": {"name": "x"}})
    error = refused(at.v1.plans.create, terms | {"product": {"name": "x"}})
    assert re.match("Plan already exists", str(error.user_message))
    assert len(at.v1.products.list().data) == 1


def test_subscriptions_outlive_their_plan(own: Simulator) -> None:
    """They show the deleted plan and price whole, and go on renewing at it."""
    at = Writer(own)
    sub = at.v1.subscriptions.list({"status": "active"}).data[0]
    price = sub["items"].data[0].price.id
    at.v1.plans.delete(price)
    shown = at.v1.subscriptions.retrieve(sub.id)["items"].data[0]
    assert (shown.price.id, shown.plan.currency) == (price, sub.currency)
    own.account.advance(32 * 86400)
    again = at.v1.subscriptions.retrieve(sub.id)["items"].data[0]
    assert again.current_period_end > shown.current_period_end
