"""Coupons, promotion codes and tax rates, written through the SDK."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from stripe_source.simulator import Simulator, SimulatorConfig

from .writing import Writer, refused

DAY = 86400


@pytest.fixture
def at() -> Iterator[Writer]:
    """An account without a business."""
    with Simulator(SimulatorConfig(seed=7, customers=0, fixtures=0)) as sim:
        yield Writer(sim)


@pytest.mark.rule("3.4b", "3.4c")
def test_a_coupon_lives(at: Writer) -> None:
    """Created, renamed and deleted, each with its event; a GET of it is then a 404."""
    made = at.v1.coupons.create({"id": "TEN", "percent_off": 33.3, "metadata": {"a": "1"}})
    assert (made.duration, made.valid, made.times_redeemed) == ("once", True, 0)
    assert at.v1.coupons.update("TEN", {"name": "Ten"}).name == "Ten"
    assert at.v1.coupons.delete("TEN").deleted
    assert at.told() == ["coupon.created", "coupon.updated", "coupon.deleted"]
    assert refused(at.v1.coupons.retrieve, "TEN").http_status == 404
    assert refused(at.v1.coupons.update, "TEN", {"name": "x"}).http_status == 404
    assert len(at.v1.coupons.create({"percent_off": 1}).id) == 8


def test_an_amount_in_several_currencies(at: Writer) -> None:
    """Its own currency is among them; what it applies to comes only when expanded."""
    product = at.v1.products.create({"name": "x"})
    made = at.v1.coupons.create({
        "amount_off": 500, "currency": "USD", "currency_options": {"eur": {"amount_off": 400}},
        "duration": "repeating", "duration_in_months": 3, "applies_to": {"products": [product.id]},
        "expand": ["applies_to", "currency_options"],
    })  # fmt: skip
    shown = made.to_dict()
    assert shown["currency"] == "usd"
    assert shown["currency_options"] == {"usd": {"amount_off": 500}, "eur": {"amount_off": 400}}
    assert shown["applies_to"] == {"products": [product.id]}
    assert "applies_to" not in at.v1.coupons.retrieve(made.id).to_dict()


@pytest.mark.parametrize(("given", "param"), [
    ({}, "percent_off"),
    ({"percent_off": 1, "amount_off": 1, "currency": "usd"}, "amount_off"),
    ({"percent_off": 0}, "percent_off"),
    ({"percent_off": 100.5}, "percent_off"),
    ({"amount_off": 0, "currency": "usd"}, "amount_off"),
    ({"amount_off": 1}, "currency"),
    ({"amount_off": 1, "currency": "zzz"}, "currency"),
    ({"percent_off": 1, "currency_options": {"eur": {"amount_off": 1}}}, "currency_options"),
    ({"percent_off": 1, "duration": "repeating"}, "duration_in_months"),
    ({"percent_off": 1, "duration": "once", "duration_in_months": 2}, "duration_in_months"),
    ({"percent_off": 1, "duration": "never"}, "duration"),
    ({"percent_off": 1, "redeem_by": 1}, "redeem_by"),
    ({"percent_off": 1, "max_redemptions": 0}, "max_redemptions"),
    ({"percent_off": 1, "applies_to": {"products": ["prod_x"]}}, "applies_to[products]"),
])  # fmt: skip
def test_a_coupon_that_is_refused(at: Writer, given: dict[str, Any], param: str) -> None:
    """Exactly one of percent and amount, months for repeating alone, bounds that can be met."""
    assert refused(at.v1.coupons.create, given).param == param
    assert at.v1.coupons.list().data == []
    assert at.told() == []


def test_a_coupons_id_is_its_own(at: Writer) -> None:
    """A second coupon of the same id is refused."""
    at.v1.coupons.create({"id": "A", "percent_off": 1})
    error = refused(at.v1.coupons.create, {"id": "A", "percent_off": 2})
    assert (error.code, error.user_message) == (
        "resource_already_exists", "Coupon already exists.")  # fmt: skip


def test_a_coupon_ends_with_its_time(at: Writer) -> None:
    """After redeem_by it is no longer valid, and neither is a code for it."""
    by = at.sim.account.clock.now + DAY
    coupon = at.v1.coupons.create({"percent_off": 1, "redeem_by": by})
    code = at.v1.promotion_codes.create({"promotion": {"type": "coupon", "coupon": coupon.id}})
    at.told()
    at.sim.account.advance(DAY + 1)
    assert not at.v1.coupons.retrieve(coupon.id).valid
    assert not at.v1.promotion_codes.retrieve(code.id).active
    assert at.told() == ["promotion_code.updated"]
    error = refused(at.v1.promotion_codes.update, code.id, {"active": True})
    assert "cannot be activated" in str(error.user_message)


def test_promotion_codes(at: Writer) -> None:
    """A code for a coupon, switched off and on; the list finds it by coupon and by code."""
    coupon = at.v1.coupons.create({"percent_off": 1})
    promotion: Any = {"type": "coupon", "coupon": coupon.id}
    limits = {"minimum_amount": 100, "minimum_amount_currency": "usd"}
    made = at.v1.promotion_codes.create(
        {"promotion": promotion, "code": "SAVE", "restrictions": limits}  # type: ignore[typeddict-item]
    )
    assert (made.active, made.restrictions.minimum_amount) == (True, 100)
    assert not made.restrictions.first_time_transaction
    assert [c.id for c in at.v1.promotion_codes.list({"code": "SAVE"}).data] == [made.id]
    assert [c.id for c in at.v1.promotion_codes.list({"coupon": coupon.id}).data] == [made.id]
    error = refused(at.v1.promotion_codes.create, {"promotion": promotion, "code": "save"})
    assert error.user_message == "An active promotion code with `code: save` already exists."
    at.v1.promotion_codes.update(made.id, {"active": False})
    again = at.v1.promotion_codes.create({"promotion": promotion, "code": "save"})
    assert refused(at.v1.promotion_codes.update, made.id, {"active": True}).param == "code"
    at.v1.promotion_codes.update(again.id, {"active": False, "metadata": {"a": "1"}})
    assert at.v1.promotion_codes.update(made.id, {"active": True}).active
    assert at.told() == ["coupon.created", "promotion_code.created", "promotion_code.updated",
                         "promotion_code.created", "promotion_code.updated",
                         "promotion_code.updated"]  # fmt: skip


def test_codes_of_one_customer(at: Writer) -> None:
    """Two customers may each have a code of one name; nobody else's may then be the same."""
    coupon = at.v1.coupons.create({"percent_off": 1})
    terms: Any = {"promotion": {"type": "coupon", "coupon": coupon.id}, "code": "MINE"}
    for _ in range(2):
        customer = at.v1.customers.create({}).id
        at.v1.promotion_codes.create(terms | {"customer": customer})
        assert refused(at.v1.promotion_codes.create, terms | {"customer": customer}).param == "code"
    assert refused(at.v1.promotion_codes.create, terms).param == "code"


@pytest.mark.parametrize(("given", "param"), [
    ({"promotion": {"type": "coupon"}}, "promotion[coupon]"),
    ({"promotion": {"type": "coupon", "coupon": "x"}}, "promotion[coupon]"),
    ({"customer": "cus_x"}, "customer"),
    ({"expires_at": 1}, "expires_at"),
    ({"max_redemptions": 6}, "max_redemptions"),
    ({"restrictions": {"minimum_amount": 1}}, "restrictions"),
])  # fmt: skip
def test_a_code_that_is_refused(at: Writer, given: dict[str, Any], param: str) -> None:
    """Its coupon and customer are there, and it allows no more than the coupon."""
    coupon = at.v1.coupons.create({"percent_off": 1, "max_redemptions": 5})
    full = {"promotion": {"type": "coupon", "coupon": coupon.id}} | given
    assert refused(at.v1.promotion_codes.create, full).param == param
    assert at.told() == ["coupon.created"]


def test_tax_rates(at: Writer) -> None:
    """Created and switched off; a percentage never changes and lies between 0 and 100."""
    made = at.v1.tax_rates.create({
        "display_name": "VAT", "inclusive": False, "percentage": 19.5, "country": "DE",
        "jurisdiction": "DE", "tax_type": "vat", "metadata": {"a": "1"},
    })  # fmt: skip
    assert (made.percentage, made.effective_percentage, made.active) == (19.5, 19.5, True)
    assert not at.v1.tax_rates.update(made.id, {"active": False}).active
    assert at.told() == ["tax_rate.created", "tax_rate.updated"]
    error = refused(at.v1.tax_rates.update, made.id, {"percentage": 7})
    assert error.code == "parameter_unknown"
    rate: Any = {"display_name": "x", "inclusive": True, "percentage": 101}
    assert refused(at.v1.tax_rates.create, rate).param == "percentage"
    assert refused(at.v1.tax_rates.create, {"display_name": "x"}).code == "parameter_missing"
