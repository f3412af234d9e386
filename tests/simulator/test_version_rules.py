"""Rules of the older versions that a small business seldom shows, on objects made for them."""

from __future__ import annotations

from typing import Any

import pytest

from stripe_source.simulator.shapes import blank, part
from stripe_source.simulator.versions import older, older_previous

OLD, BASIL = "2024-06-20", "2025-03-31.basil"


class Objects:
    """A few objects to look up."""

    def __init__(self, *objects: dict[str, Any]) -> None:
        self.objects = objects

    def find(self, names: list[str], identifier: str) -> dict[str, Any] | None:
        """By name and id."""
        found = (o for o in self.objects if o["object"] in names and o["id"] == identifier)
        return next(found, None)

    def where(self, name: str, field: str, value: Any) -> list[dict[str, Any]]:
        """By the value under a dotted path."""
        return [o for o in self.objects if o["object"] == name and at(o, field) == value]


def at(obj: dict[str, Any], path: str) -> Any:
    """The value under a dotted path."""
    value: Any = obj
    for name in path.split("."):
        value = value[name]
    return value


def payment(identifier: str, amount: int | None, **fields: Any) -> dict[str, Any]:
    """A payment of the invoice ``in_1``."""
    made = blank("invoice_payment", id=identifier, invoice="in_1", amount_paid=amount)
    made["is_default"] = fields.pop("is_default", False)
    made["payment"] |= fields
    return made


def invoice(**fields: Any) -> dict[str, Any]:
    """The invoice ``in_1``."""
    return blank("invoice", id="in_1", **fields)


# -- subscriptions --


def test_period_of_the_item_that_is_billed_next() -> None:
    """Where items have different periods, a subscription has that of the next bill, whole."""
    items = [
        blank("subscription_item", id="si_1", current_period_start=10, current_period_end=400),
        blank("subscription_item", id="si_2", current_period_start=70, current_period_end=100),
    ]
    shown = blank("subscription", id="sub_1") | {"items": {"object": "list", "data": items}}
    seen = older(shown, OLD, Objects())
    assert (seen["current_period_start"], seen["current_period_end"]) == (70, 100)
    assert all("current_period_end" not in item for item in seen["items"]["data"])


def test_several_discounts_are_no_discount() -> None:
    """``discount`` is "not populated if there are multiple discounts"."""
    discounts = [blank("discount", id=f"di_{n}") for n in range(2)]
    one, two = (
        older(blank("subscription", id="s", discounts=ids), OLD, Objects(*discounts))
        for ids in (["di_0"], ["di_0", "di_1"])
    )
    assert one["discount"]["id"] == "di_0"
    assert two["discount"] is None
    assert two["discounts"] == ["di_0", "di_1"]


def test_schedule_phases_have_one_coupon() -> None:
    """A phase's single discount was its ``coupon``."""
    discount = part("subscription_schedule", "phases.discounts", coupon="SAVE5")
    phase = part("subscription_schedule", "phases", discounts=[discount])
    shown = blank("subscription_schedule", id="sub_sched_1", phases=[phase])
    assert older(shown, OLD, Objects())["phases"][0]["coupon"] == "SAVE5"


# -- invoices --


def test_default_payment_before_others() -> None:
    """An old client is told of the default payment, whatever order the payments come in."""
    intents = [blank("payment_intent", id=f"pi_{n}", latest_charge=f"ch_{n}") for n in range(2)]
    rows = [
        payment("inpay_0", 5, payment_intent="pi_0"),
        payment("inpay_1", 7, payment_intent="pi_1", is_default=True),
    ]
    for order in (rows, rows[::-1]):
        shown = invoice(status="paid", amount_paid=12)
        seen = older(shown, OLD, Objects(*intents, *order))
        assert (seen["payment_intent"], seen["charge"]) == ("pi_1", "ch_1")


def test_payments_that_are_shown_are_not_looked_up() -> None:
    """With ``payments`` expanded, down to the intent, the old fields are taken from there."""
    intent = blank("payment_intent", id="pi_1", latest_charge="ch_1", application_fee_amount=3)
    intent["transfer_data"] = {"amount": 9, "destination": "acct_2", "metadata": {}}
    row = payment("inpay_1", 7, payment_intent=intent, is_default=True)
    shown = invoice(status="open", payments={"object": "list", "data": [row]})
    seen = older(shown, OLD, Objects(blank("invoice_payment")))
    assert seen["payment_intent"]["id"] == "pi_1"
    assert seen["charge"] == "ch_1"
    assert seen["application_fee_amount"] == 3
    assert seen["transfer_data"] == {"amount": 9, "destination": "acct_2"}
    assert "payments" not in seen


@pytest.mark.parametrize(
    ("rows", "elsewhere"),
    [
        ([payment("a", 100, payment_intent="pi_1")], 0),
        ([payment("a", 100, payment_record="pr_1")], 100),
        ([payment("a", 60, charge="ch_1"), payment("b", 40, payment_record="pr_1")], 40),
        ([payment("a", None, payment_intent="pi_1")], 100),
    ],
)
def test_paid_out_of_band(rows: list[dict[str, Any]], elsewhere: int) -> None:
    """What was not paid on Stripe was paid out of band, and no part of ``amount_paid``."""
    shown = invoice(status="paid", amount_due=100, amount_paid=100)
    seen = older(shown, OLD, Objects(*rows))
    assert seen["paid_out_of_band"] == (elsewhere > 0)
    assert seen["amount_paid"] == 100 - elsewhere
    assert seen["amount_remaining"] == seen["amount_due"] - seen["amount_paid"]


def test_invoice_of_a_quote() -> None:
    """``parent.quote_details`` was ``quote``."""
    shown = invoice(status="draft", parent=part("invoice", "parent", type="quote_details"))
    shown["parent"] |= {"quote_details": {"quote": "qt_1"}}
    seen = older(shown, OLD, Objects())
    assert (seen["quote"], seen["subscription"]) == ("qt_1", None)


def test_upcoming_invoice() -> None:
    """An invoice that is not there yet has no id, and no payment either."""
    shown = {k: v for k, v in invoice(status="draft").items() if k != "id"}
    seen = older(shown, OLD, Objects(payment("inpay_1", 5)))
    assert (seen["charge"], seen["payment_intent"], seen["paid"]) == (None, None, False)


# -- lines and items --


def line(**fields: Any) -> dict[str, Any]:
    """A line of an invoice."""
    return blank("line_item", id="il_1", **fields)


def tax(amount: int, behaviour: str) -> dict[str, Any]:
    """A tax of a line at the rate ``txr_1``."""
    made = part("line_item", "taxes", amount=amount, tax_behavior=behaviour)
    return made | {"tax_rate_details": {"tax_rate": "txr_1"}, "taxability_reason": "not_available"}


def test_taxes_of_a_line() -> None:
    """Tax amounts tell whether they are included; amounts without tax leave out what is."""
    shown = line(amount=1000, quantity=3, taxes=[tax(50, "inclusive"), tax(20, "exclusive")])
    seen = older(shown, OLD, Objects(blank("tax_rate", id="txr_1")))
    assert [(t["amount"], t["inclusive"]) for t in seen["tax_amounts"]] == [(50, True), (20, False)]
    assert seen["tax_amounts"][0]["taxability_reason"] is None
    assert [rate["id"] for rate in seen["tax_rates"]] == ["txr_1"]
    assert seen["amount_excluding_tax"] == 950
    assert seen["unit_amount_excluding_tax"] == "316.666666666667"


def test_whole_unit_amounts_have_no_decimals() -> None:
    """A decimal text has no point and no zeros without need; without a quantity there is none."""
    seen = older(line(amount=1000, quantity=10), OLD, Objects())
    assert seen["unit_amount_excluding_tax"] == "100"
    assert older(line(amount=1000), OLD, Objects())["unit_amount_excluding_tax"] is None


def test_proration_of_a_subscription_item() -> None:
    """A proration with an invoice item was of the type ``invoiceitem``, and named both."""
    details = {"invoice_item": "ii_1", "proration": True, "subscription": "sub_1",
               "subscription_item": "si_1", "proration_details": None}  # fmt: skip
    parent = {"type": "subscription_item_details", "subscription_item_details": details}
    seen = older(line(parent=parent), OLD, Objects())
    assert (seen["type"], seen["invoice_item"], seen["subscription_item"]) == (
        "invoiceitem", "ii_1", "si_1"
    )  # fmt: skip
    assert (seen["proration"], seen["subscription"]) == (True, "sub_1")


def pricing(price: str, unit: str) -> dict[str, Any]:
    """What a line or an item says of its price."""
    details = {"price": price, "product": "prod_1"}
    return {"type": "price_details", "price_details": details, "unit_amount_decimal": unit}


def test_item_of_a_subscription() -> None:
    """``parent`` of an invoice item was its ``subscription`` and ``subscription_item``."""
    details = {"subscription": "sub_1", "subscription_item": "si_1"}
    parent = {"type": "subscription_details", "subscription_details": details}
    seen = older(blank("invoiceitem", id="ii_1", parent=parent), OLD, Objects())
    assert (seen["subscription"], seen["subscription_item"]) == ("sub_1", "si_1")


@pytest.mark.parametrize(("unit", "whole"), [("250", 250), ("0.5", None)])
def test_unit_amount_of_an_item(unit: str, whole: int | None) -> None:
    """``unit_amount`` is null where the decimal is no whole number of minor units."""
    price = blank("price", id="price_1", type="one_time")
    shown = blank("invoiceitem", id="ii_1", pricing=pricing("price_1", unit), quantity=1)
    seen = older(shown, OLD, Objects(price))
    assert (seen["unit_amount"], seen["unit_amount_decimal"]) == (whole, unit)
    assert seen["price"]["id"] == "price_1"
    assert seen["plan"] is None


def test_item_without_a_price() -> None:
    """An item of an amount alone has that amount for one of it."""
    seen = older(blank("invoiceitem", id="ii_1", amount=50, quantity=4), OLD, Objects())
    assert (seen["unit_amount"], seen["unit_amount_decimal"]) == (None, "12.5")
    assert seen["price"] is None


def test_plan_of_a_price_that_no_list_has_as_a_plan() -> None:
    """A recurring price was a plan too, with the same terms."""
    terms = part("price", "recurring", interval="month", interval_count=3, usage_type="metered")
    price = blank("price", id="price_1", recurring=terms, unit_amount=7, nickname="N")
    shown = line(pricing=pricing("price_1", "7"))
    plan = older(shown, OLD, Objects(price))["plan"]
    assert (plan["object"], plan["id"], plan["amount"]) == ("plan", "price_1", 7)
    assert (plan["interval"], plan["interval_count"], plan["nickname"]) == ("month", 3, "N")
    assert set(plan) == set(blank("plan")) - {"tiers"} | {"aggregate_usage"}


@pytest.mark.parametrize(
    ("usage", "meter", "told"),
    [("licensed", None, None), ("metered", None, "sum"), ("metered", "mtr_1", None)],
)
def test_aggregate_usage(usage: str, meter: str | None, told: str | None) -> None:
    """Usage without a meter was summed up; with one, or without usage, it was null."""
    terms = part("price", "recurring", usage_type=usage, meter=meter)
    price = older(blank("price", id="p", recurring=terms), OLD, Objects())
    assert price["recurring"]["aggregate_usage"] == told
    plan = older(blank("plan", id="p", usage_type=usage, meter=meter), OLD, Objects())
    assert plan["aggregate_usage"] == told
    assert older(blank("price", id="p"), OLD, Objects())["recurring"] is None


# -- the rest --


def test_credit_note_of_both_kinds() -> None:
    """``mixed`` came with basil; before, what gave money back was ``post_payment``."""
    seen = older(blank("credit_note", id="cn_1", type="mixed"), OLD, Objects())
    assert seen["type"] == "post_payment"
    assert seen["refund"] is None


def test_checkout_told_where_to_ship() -> None:
    """``collected_information.shipping_details`` was ``shipping_details``, with more fields."""
    details = {"address": {"city": "Bonn"}, "name": "A"}
    shown = blank("checkout.session", id="cs_1")
    shown["collected_information"] = {"shipping_details": details}
    seen = older(shown, OLD, Objects())["shipping_details"]
    assert seen == details | {"carrier": None, "phone": None, "tracking_number": None}


def test_alert_with_one_filter() -> None:
    """``usage_threshold`` was ``usage_threshold_config``, its filter the alert's own."""
    threshold = {"filters": [{"customer": "cus_1", "type": "customer"}], "gte": 5, "meter": "mtr_1",
                 "recurrence": "one_time"}  # fmt: skip
    seen = older(blank("billing.alert", id="a", usage_threshold=threshold), OLD, Objects())
    assert seen["filter"] == {"customer": "cus_1"}
    assert seen["usage_threshold_config"] == {
        "gte": 5, "meter": "mtr_1", "recurrence": "one_time"
    }  # fmt: skip


def test_stubs_stay_stubs() -> None:
    """A deleted object inside another is its three fields in every version."""
    stub = {"id": "di_1", "object": "discount", "deleted": True}
    assert older({"object": "list", "data": [stub]}, OLD, Objects())["data"] == [stub]


@pytest.mark.parametrize("version", [OLD, BASIL])
def test_what_is_shown_is_left_as_it_is(version: str) -> None:
    """The shown object may be kept and shown again: it is shared, never changed."""
    inner = blank("discount", id="di_1", source={"type": "coupon", "coupon": "C"})
    shown = blank("customer", id="cus_1", discount=inner, business_name="B")
    seen = older(shown, version, Objects(blank("coupon", id="C")))
    assert seen["discount"]["coupon"]["id"] == "C"
    assert shown["discount"] is inner
    assert "business_name" in shown
    assert "source" in inner
    assert seen["metadata"] is shown["metadata"]


# -- previous attributes --


def test_previous_attributes_move_too() -> None:
    """What moved is told under its old name, and what the version lacks is not told."""
    item = blank("subscription_item", id="si_1", current_period_start=20, current_period_end=30)
    before = item | {"current_period_start": 10, "current_period_end": 20}
    shown = blank("subscription", id="sub_1", status="active") | {
        "items": {"object": "list", "data": [item]}
    }
    previous = {"items": {"data": [before]}, "status": "past_due", "customer_account": "x"}
    told = older_previous(shown, previous, OLD, Objects())
    assert told == {"current_period_start": 10, "current_period_end": 20, "status": "past_due"}


def test_previous_attributes_name_only_changed_keys() -> None:
    """Of a hash, only what changed is told; metadata's new keys were null."""
    shown = blank("customer", id="cus_1", metadata={"a": "2", "c": "3"}, balance=5)
    shown["invoice_settings"] = {"footer": "new", "custom_fields": None}
    previous = {"metadata": {"a": "1", "b": "9", "c": None}, "invoice_settings": {"footer": "old"}}
    assert older_previous(shown, previous, OLD, Objects()) == previous


def test_previous_attributes_of_an_invoice() -> None:
    """``paid`` of the time before is worked out, for the status was told."""
    row = payment("inpay_1", 100, payment_intent="pi_1", is_default=True)
    shown = invoice(status="paid", amount_due=100, amount_paid=100)
    told = older_previous(
        shown, {"status": "open", "amount_paid": 0, "amount_remaining": 100}, OLD, Objects(row)
    )
    assert told == {"status": "open", "amount_paid": 0, "amount_remaining": 100, "paid": False}
