"""Every operation once, by the SDK over HTTP, each answer against the SDK's annotations."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from stripe_source.simulator import Simulator, SimulatorConfig
from stripe_source.simulator.billing import aftermath

from .writing import Checking

MONTHLY = {"currency": "usd", "unit_amount": 1234, "recurring": {"interval": "month"}}
BACK = "https://a.test"
CARD = {"payment_method": "pm_card_visa", "confirm": True, "return_url": BACK}
HELD = CARD | {"amount": 900, "currency": "usd", "capture_method": "manual"}
LATER = {"collection_method": "send_invoice", "days_until_due": 9}

SCRIPT: list[tuple[str, str, dict[str, Any]]] = [
    ("customer", "POST customers", {"name": "A", "email": "a@b.co", "balance": 100}),
    ("", "POST customers/{customer}", {"metadata": {"k": "v"}, "address": {"city": "X"}}),
    ("entry", "POST customers/{customer}/balance_transactions", {"amount": -9, "currency": "usd"}),
    ("", "POST customers/{customer}/balance_transactions/{entry}", {"description": "d"}),
    ("vat", "POST customers/{customer}/tax_ids", {"type": "eu_vat", "value": "DE123456789"}),
    ("", "DELETE customers/{customer}/tax_ids/{vat}", {}),
    ("own", "POST tax_ids", {"type": "eu_vat", "value": "DE123456789"}),
    ("", "DELETE tax_ids/{own}", {}),
    ("method", "POST payment_methods", {"type": "card", "card": {"token": "tok_visa"}}),
    ("", "POST payment_methods/{method}/attach", {"customer": "{customer}"}),
    ("", "POST payment_methods/{method}", {"billing_details": {"name": "B"}}),
    ("other", "POST payment_methods/pm_card_mastercard/attach", {"customer": "{customer}"}),
    ("", "POST payment_methods/{other}/detach", {}),
    ("", "POST customers/{customer}", {"invoice_settings": {"default_payment_method": "{method}"}}),
    ("product", "POST products", {"name": "Tea", "default_price_data": MONTHLY}),
    ("", "POST products/{product}", {"description": "d"}),
    ("bare", "POST products", {"name": "Gone"}),
    ("", "DELETE products/{bare}", {}),
    ("price", "POST prices", MONTHLY | {"product": "{product}", "lookup_key": "tea"}),
    ("", "POST prices/{price}", {"nickname": "n"}),
    ("tiered", "POST prices", {"product": "{product}", "currency": "usd", "tiers_mode": "graduated",
                               "billing_scheme": "tiered", "recurring": {"interval": "month"},
                               "tiers": [{"up_to": 5, "unit_amount": 9},
                                         {"up_to": "inf", "unit_amount": 7}],
                               "expand": ["tiers", "product"]}),
    ("plan", "POST plans", {"currency": "usd", "interval": "month", "amount": 5,
                            "product": "{product}"}),
    ("", "POST plans/{plan}", {"nickname": "n"}),
    ("", "DELETE plans/{plan}", {}),
    ("rate", "POST tax_rates", {"display_name": "VAT", "inclusive": False, "percentage": 20}),
    ("", "POST tax_rates/{rate}", {"description": "d"}),
    ("coupon", "POST coupons", {"percent_off": 10, "duration": "forever"}),
    ("", "POST coupons/{coupon}", {"name": "n"}),
    ("code", "POST promotion_codes", {"promotion": {"type": "coupon", "coupon": "{coupon}"}}),
    ("", "POST promotion_codes/{code}", {"metadata": {"k": "v"}}),
    ("sub", "POST subscriptions", {"customer": "{customer}", "items": [{"price": "{price}"}],
                                   "discounts": [{"promotion_code": "{code}"}],
                                   "default_tax_rates": ["{rate}"],
                                   "expand": ["latest_invoice", "discounts", "customer"]}),
    ("", "POST subscriptions/{sub}", {"items": [{"price": "{tiered}"}], "metadata": {"k": "v"}}),
    ("item", "POST subscription_items", {"subscription": "{sub}", "price": "{product.price}"}),
    ("", "POST subscription_items/{item}", {"quantity": 3}),
    ("", "DELETE subscription_items/{item}", {}),
    ("", "DELETE subscriptions/{sub}/discount", {}),
    ("", "DELETE subscriptions/{sub}", {"invoice_now": True, "prorate": True}),
    ("", "POST subscriptions/{paused}/resume", {}),
    ("waiting", "POST invoiceitems", {"customer": "{customer}", "amount": 5, "currency": "usd"}),
    ("", "POST invoiceitems/{waiting}", {"description": "d"}),
    ("", "DELETE invoiceitems/{waiting}", {}),
    ("", "POST invoiceitems", {"customer": "{customer}", "amount": 90000, "currency": "usd"}),
    ("paid", "POST invoices", {"customer": "{customer}",
                               "pending_invoice_items_behavior": "include"}),
    ("", "POST invoices/{paid}", {"description": "d", "default_tax_rates": ["{rate}"]}),
    ("", "POST invoices/{paid}/finalize", {}),
    ("", "POST invoices/{paid}/pay", {"expand": ["payments", "customer"]}),
    ("note", "POST credit_notes", {"invoice": "{paid}", "amount": 50, "credit_amount": 50}),
    ("", "POST credit_notes/{note}", {"memo": "m"}),
    ("draft", "POST invoices", {"customer": "{customer}"}),
    ("", "DELETE invoices/{draft}", {}),
    ("", "POST invoiceitems", {"customer": "{customer}", "amount": 7000, "currency": "usd"}),
    ("sent", "POST invoices", LATER | {"customer": "{customer}",
                                       "pending_invoice_items_behavior": "include"}),
    ("", "POST invoices/{sent}/send", {}),
    ("less", "POST credit_notes", {"invoice": "{sent}", "amount": 50}),
    ("", "POST credit_notes/{less}/void", {}),
    ("", "POST invoices/{sent}/mark_uncollectible", {}),
    ("", "POST invoices/{sent}/void", {}),
    ("intent", "POST payment_intents", {"amount": 900, "currency": "usd",
                                        "customer": "{customer}"}),
    ("", "POST payment_intents/{intent}", {"metadata": {"k": "v"}}),
    ("", "POST payment_intents/{intent}/confirm", {"payment_method": "pm_card_visa",
                                                   "return_url": BACK}),
    ("held", "POST payment_intents", HELD | {"expand": ["latest_charge"]}),
    ("", "POST payment_intents/{held}/capture", {}),
    ("kept", "POST payment_intents", HELD),
    ("", "POST charges/{kept.charge}/capture", {}),
    ("", "POST charges/{kept.charge}", {"description": "d"}),
    ("dropped", "POST payment_intents", HELD),
    ("", "POST payment_intents/{dropped}/cancel", {}),
    ("refund", "POST refunds", {"charge": "{kept.charge}", "amount": 40, "expand": ["charge"]}),
    ("", "POST refunds/{refund}", {"metadata": {"k": "v"}}),
    ("setup", "POST setup_intents", {"customer": "{customer}"}),
    ("", "POST setup_intents/{setup}/confirm", {"payment_method": "pm_card_visa",
                                                "return_url": BACK}),
    ("unset", "POST setup_intents", {"customer": "{customer}"}),
    ("", "POST setup_intents/{unset}/cancel", {}),
    ("", "POST disputes/{dispute}", {"evidence": {"uncategorized_text": "t"}}),
    ("", "POST disputes/{dispute}/close", {}),
    ("payout", "POST payouts", {"amount": 100, "currency": "usd"}),
    ("", "POST payouts/{payout}", {"metadata": {"k": "v"}}),
    ("", "POST payouts/{payout}/cancel", {}),
    ("clock", "POST test_helpers/test_clocks", {"frozen_time": 1_793_448_000}),
    ("", "POST test_helpers/test_clocks/{clock}/advance", {"frozen_time": 1_793_448_100}),
    ("", "DELETE test_helpers/test_clocks/{clock}", {}),
    ("hook", "POST webhook_endpoints", {"url": BACK, "enabled_events": ["*"]}),
    ("", "POST webhook_endpoints/{hook}", {"disabled": True}),
    ("", "DELETE webhook_endpoints/{hook}", {}),
    ("", "DELETE customers/{discounted}/discount", {}),
    ("", "DELETE customers/{customer}", {}),
    ("", "DELETE coupons/{coupon}", {}),
]  # fmt: skip
"""Requests in their order, each with a name by which later ones name what it made."""
REFUSED = {"POST /v1/refunds/{}/cancel"}
"""Operations that have nothing to do here: a card's refund is through at once."""


def filled(value: Any, known: dict[str, str]) -> Any:
    """A request with what was made before in place of the names."""
    if isinstance(value, dict):
        return {key: filled(each, known) for key, each in value.items()}
    if isinstance(value, list):
        return [filled(each, known) for each in value]
    if isinstance(value, str) and "{" in value:
        for name, identifier in known.items():
            value = value.replace(f"{{{name}}}", identifier)
        assert "{" not in value, value
    return value


@pytest.fixture(scope="module")
def sim() -> Any:
    """A business in which there is something of everything."""
    with Simulator(SimulatorConfig(seed=3, customers=60)) as made:
        yield made


def there(sim: Simulator) -> dict[str, str]:
    """What the business has already: a paused subscription, a discount, and now a dispute."""
    account = sim.account
    paused = [s for s in account.objects("/v1/subscriptions") if s["status"] == "paused"]
    discounted = [c for c in account.objects("/v1/customers") if c["discount"]]
    charges = [c for c in account.objects("/v1/charges") if c["paid"] and not c["refunded"]]
    with account.lock:
        dispute = aftermath.dispute(account, account.get("charge", charges[0]["id"]), won=True)[
            "id"
        ]
        account.settle()
    return {"paused": paused[0]["id"], "discounted": discounted[0]["id"], "dispute": dispute}


def test_every_operation(sim: Simulator) -> None:
    """Each operation is carried out at least once, and answers with an object as declared."""
    client = stripe.StripeClient(
        sim.api_key, base_addresses={"api": sim.url}, http_client=Checking()
    )
    known, carried = there(sim), set()
    for name, request, params in SCRIPT:
        method, path = filled(request, known).split(" ")
        answer = client.raw_request(method.lower(), f"/v1/{path}", **filled(params, known)).data
        operation = sim.account.registry.operation(method, f"/v1/{path}")
        assert operation is not None
        carried.add(f"{method} {'/'.join(operation[0].segments)}")
        if name:
            known[name] = answer["id"]
            charge = answer.get("latest_charge") or {}
            known[f"{name}.charge"] = charge if isinstance(charge, str) else charge.get("id", "")
            known[f"{name}.price"] = str(answer.get("default_price"))
    every = {f"{each.method} {'/'.join(each.segments)}" for each in sim.account.registry.operations}
    assert every - carried == REFUSED
