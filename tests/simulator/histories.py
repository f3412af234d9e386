"""Random histories of an account: time passes, others change it, and a client writes to it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Any, TypeAlias

import stripe
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from stripe_source.simulator import Simulator, SimulatorConfig
from stripe_source.simulator.config import EventQuirks

from .conftest import sdk

DAY = 86400
Step: TypeAlias = tuple[Any, ...]
"""``("advance", seconds)``, ``("mutate", count)``, ``("write", theme, number in WRITES[theme],
which object)`` or ``("sync",)``."""

WHERE = {
    "charge": "charges",
    "code": "promotion_codes",
    "coupon": "coupons",
    "customer": "customers",
    "dispute": "disputes",
    "draft": "invoices?status=draft",
    "intent": "payment_intents",
    "invoice": "invoices",
    "invoiceitem": "invoiceitems?pending=true",
    "method": "payment_methods",
    "note": "credit_notes",
    "open": "invoices?status=open",
    "once": "prices?type=one_time&active=true&currency=usd",
    "paid": "invoices?status=paid",
    "paused": "subscriptions?status=paused",
    "payout": "payouts",
    "plan": "plans",
    "price": "prices?type=recurring&active=true&currency=usd",
    "product": "products?active=true",
    "rate": "tax_rates",
    "refund": "refunds",
    "setup": "setup_intents",
    "subscription": "subscriptions",
    "tax_id": "tax_ids",
    "webhook": "webhook_endpoints",
}
"""Where a placeholder's object is looked for."""
MONTHLY = {"currency": "usd", "unit_amount": 1234, "recurring": {"interval": "month"}}
WRITES: dict[str, tuple[tuple[str, dict[str, Any]], ...]] = {
    "customers": (
        ("POST customers", {"name": "New {n}", "email": "new{n}@example.com"}),
        ("POST customers", {"payment_method": "pm_card_visa",
                            "invoice_settings": {"default_payment_method": "pm_card_visa"}}),
        ("POST customers/{customer}", {"metadata": {"n": "{n}"}, "description": "Edited {n}"}),
        ("POST customers/{customer}",
         {"invoice_settings": {"default_payment_method": "{method}"}}),
        ("DELETE customers/{customer}", {}),
        ("DELETE customers/{customer}/discount", {}),
        ("POST customers/{customer}/balance_transactions", {"amount": -700, "currency": "usd"}),
        ("POST customers/{customer}/tax_ids", {"type": "eu_vat", "value": "DE123456789"}),
        ("DELETE tax_ids/{tax_id}", {}),
    ),
    "methods": (
        ("POST payment_methods/pm_card_visa/attach", {"customer": "{customer}"}),
        ("POST payment_methods/{method}", {"metadata": {"n": "{n}"}}),
        ("POST payment_methods/{method}/detach", {}),
    ),
    "catalog": (
        ("POST products", {"name": "Made {n}", "default_price_data": MONTHLY}),
        ("POST products", {"name": "Bare {n}"}),
        ("POST products/{product}", {"name": "Renamed {n}"}),
        ("POST products/{product}", {"active": False}),
        ("DELETE products/{product}", {}),
        ("POST prices", MONTHLY | {"product": "{product}"}),
        ("POST prices/{price}", {"nickname": "Price {n}", "metadata": {"n": "{n}"}}),
        ("POST prices/{price}", {"active": False}),
        ("POST plans", {"amount": 900, "currency": "usd", "interval": "month",
                        "product": "{product}"}),
        ("POST plans/{plan}", {"nickname": "Plan {n}"}),
        ("DELETE plans/{plan}", {}),
        ("POST tax_rates", {"display_name": "VAT", "inclusive": False, "percentage": 20}),
        ("POST tax_rates/{rate}", {"display_name": "Rate {n}"}),
    ),
    "coupons": (
        ("POST coupons", {"id": "again", "percent_off": 10, "duration": "once"}),
        ("POST coupons", {"amount_off": 300, "currency": "usd", "duration": "repeating",
                          "duration_in_months": 2, "max_redemptions": 1}),
        ("POST coupons/{coupon}", {"name": "Coupon {n}"}),
        ("DELETE coupons/again", {}),
        ("DELETE coupons/{coupon}", {}),
        ("POST promotion_codes", {"promotion": {"type": "coupon", "coupon": "{coupon}"}}),
        ("POST promotion_codes/{code}", {"active": False, "metadata": {"n": "{n}"}}),
    ),
    "subscriptions": (
        ("POST subscriptions", {"customer": "{customer}", "items": [{"price": "{price}"}]}),
        ("POST subscriptions", {"customer": "{customer}", "items": [{"price": "{price}"}],
                                "trial_period_days": 3, "default_tax_rates": ["{rate}"]}),
        ("POST subscriptions", {"customer": "{customer}", "items": [{"plan": "{plan}"}],
                                "discounts": [{"coupon": "{coupon}"}],
                                "collection_method": "send_invoice", "days_until_due": 5}),
        ("POST subscriptions/{subscription}", {"metadata": {"n": "{n}"}}),
        ("POST subscriptions/{subscription}", {"cancel_at_period_end": True}),
        ("POST subscriptions/{subscription}", {"discounts": [{"coupon": "{coupon}"}]}),
        ("POST subscriptions/{subscription}", {"default_tax_rates": ["{rate}"],
                                               "proration_behavior": "always_invoice",
                                               "items": [{"price": "{price}", "quantity": 2}]}),
        ("DELETE subscriptions/{subscription}", {"invoice_now": True, "prorate": True}),
        ("DELETE subscriptions/{subscription}/discount", {}),
        ("POST subscriptions/{paused}/resume", {}),
        ("POST subscription_items", {"subscription": "{subscription}", "price": "{price}"}),
        ("POST subscription_items/{item}", {"quantity": 3}),
        ("POST subscription_items/{item}", {"metadata": {"n": "{n}"}}),
        ("DELETE subscription_items/{item}", {}),
    ),
    "invoices": (
        ("POST invoiceitems", {"customer": "{customer}", "amount": 450, "currency": "usd"}),
        ("POST invoiceitems", {"customer": "{customer}", "pricing": {"price": "{once}"}}),
        ("POST invoiceitems/{invoiceitem}", {"description": "Item {n}"}),
        ("DELETE invoiceitems/{invoiceitem}", {}),
        ("POST invoices", {"customer": "{customer}", "pending_invoice_items_behavior": "include"}),
        ("POST invoices", {"customer": "{customer}", "auto_advance": True,
                           "collection_method": "send_invoice", "days_until_due": 2}),
        ("POST invoices/{draft}", {"description": "Draft {n}", "default_tax_rates": ["{rate}"]}),
        ("POST invoices/{invoice}", {"metadata": {"n": "{n}"}}),
        ("DELETE invoices/{draft}", {}),
        ("POST invoices/{draft}/finalize", {}),
        ("POST invoices/{open}/pay", {}),
        ("POST invoices/{open}/pay", {"paid_out_of_band": True}),
        ("POST invoices/{open}/send", {}),
        ("POST invoices/{open}/void", {}),
        ("POST invoices/{open}/mark_uncollectible", {}),
        ("POST credit_notes", {"invoice": "{paid}", "amount": 100, "credit_amount": 100}),
        ("POST credit_notes", {"invoice": "{open}", "amount": 50}),
        ("POST credit_notes/{note}", {"memo": "Note {n}"}),
        ("POST credit_notes/{note}/void", {}),
    ),
    "payments": (
        ("POST charges/{charge}", {"metadata": {"n": "{n}"}}),
        ("POST refunds", {"charge": "{charge}", "amount": 40}),
        ("POST refunds", {"charge": "{charge}"}),
        ("POST refunds/{refund}", {"metadata": {"n": "{n}"}}),
        ("POST disputes/{dispute}", {"metadata": {"n": "{n}"}}),
        ("POST disputes/{dispute}/close", {}),
        ("POST payment_intents", {"amount": 2100, "currency": "usd", "customer": "{customer}"}),
        ("POST payment_intents", {"amount": 2200, "currency": "usd", "confirm": True,
                                  "payment_method": "pm_card_visa", "return_url": "https://a.test"}),
        ("POST payment_intents", {"amount": 2300, "currency": "usd", "confirm": True,
                                  "payment_method": "pm_card_chargeDeclined",
                                  "return_url": "https://a.test"}),
        ("POST payment_intents", {"amount": 2400, "currency": "usd", "confirm": True,
                                  "capture_method": "manual", "payment_method": "pm_card_visa",
                                  "return_url": "https://a.test"}),
        ("POST payment_intents/{intent}", {"metadata": {"n": "{n}"}}),
        ("POST payment_intents/{intent}/capture", {}),
        ("POST payment_intents/{intent}/cancel", {}),
        ("POST setup_intents", {"customer": "{customer}", "payment_method": "{method}",
                                "confirm": True, "return_url": "https://a.test"}),
        ("POST setup_intents/{setup}/cancel", {}),
        ("POST payouts", {"amount": 100, "currency": "usd"}),
        ("POST payouts/{payout}", {"metadata": {"n": "{n}"}}),
        ("POST payouts/{payout}/cancel", {}),
        ("POST webhook_endpoints", {"url": "https://a.test/hook", "enabled_events": ["*"]}),
        ("DELETE webhook_endpoints/{webhook}", {}),
    ),
}  # fmt: skip
"""Requests by what they are about, with placeholders: an object's is its id, ``{n}`` a number that
is new each time."""

SPANS = (0, 1, 7, 45, 3600, 5 * 3600, DAY, 4 * DAY, 17 * DAY, 29 * DAY, 31 * DAY, 75 * DAY)


def steps_about(themes: set[str]) -> st.SearchStrategy[list[Step]]:
    """Histories whose writes are about few things, so that they meet."""
    which = st.one_of(st.just(0), st.integers(0, 9))
    writes = [
        st.tuples(st.just("write"), st.just(theme), st.integers(0, len(WRITES[theme]) - 1), which)
        for theme in sorted(themes)
    ]
    time = st.tuples(st.just("advance"), st.sampled_from(SPANS))
    others = st.tuples(st.just("mutate"), st.integers(1, 6))
    step = st.one_of(*writes, *writes, time, others, st.just(("sync",)))
    return st.lists(step, min_size=1, max_size=25)


STEPS = st.sets(st.sampled_from(sorted(WRITES)), min_size=1, max_size=3).flatmap(steps_about)
QUIRKS = st.builds(
    EventQuirks,
    lag=st.sampled_from([(0, 0), (0, 60), (10, 10)]),
    duplicates=st.sampled_from([0.0, 0.3]),
    stale=st.sampled_from([0.0, 0.5]),
    older=st.sampled_from([0.0, 0.5]),
)


EXAMPLES = int(os.environ.get("REPLAY_EXAMPLES", "0"))
HISTORIES = settings(
    max_examples=EXAMPLES or 40,
    derandomize=not EXAMPLES,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
"""The same histories each time, or as many new ones as ``REPLAY_EXAMPLES`` says."""


def small(seed: int = 1, quirks: EventQuirks | None = None) -> Simulator:
    """An account of six customers and some months."""
    events = quirks or EventQuirks()
    return Simulator(SimulatorConfig(seed=seed, customers=6, years=0.3, fixtures=1, events=events))


@dataclass
class Player:
    """Lets steps happen in an account that is being served; ``done`` and ``refused`` count."""

    sim: Simulator
    done: int = 0
    refused: int = 0
    _number: int = 0

    def play(self, step: Step) -> None:
        """One step; a sync is the client's own affair."""
        kind = step[0]
        if kind == "advance":
            self.sim.advance(step[1])
        elif kind == "mutate":
            self.sim.mutate(step[1])
        elif kind == "write":
            self._write(*WRITES[step[1]][step[2]], which=step[3])

    def _write(self, request: str, params: dict[str, Any], which: int) -> None:
        """A write by the SDK; Stripe may refuse it, and then nothing but that is to happen."""
        self._number += 1
        client = sdk(self.sim)
        filled = self._filled(client, [request, params], which)
        if filled is None:
            return
        (method, path), given = filled[0].split(" "), filled[1]
        try:
            client.raw_request(method.lower(), f"/v1/{path}", **given)
            self.done += 1
        except (stripe.InvalidRequestError, stripe.CardError):
            self.refused += 1

    def _filled(self, client: stripe.StripeClient, value: Any, which: int) -> Any:
        """The request with its placeholders filled in; None where there is no such object."""
        if isinstance(value, dict):
            inside = self._filled(client, list(value.values()), which)
            return None if inside is None else dict(zip(value, inside, strict=True))
        if isinstance(value, list):
            made = [self._filled(client, item, which) for item in value]
            return None if None in made else made
        named = re.search(r"{(\w+)}", value) if isinstance(value, str) else None
        if named is None:
            return value
        name = named[1]
        found = str(self._number) if name == "n" else self._existing(client, name, which)
        return found and value.replace(named[0], found)

    def _existing(self, client: stripe.StripeClient, name: str, which: int) -> str | None:
        """The id of one of the ten newest objects."""
        path = WHERE["subscription" if name == "item" else name]
        rows = client.raw_request("get", f"/v1/{path}").data["data"]
        if name == "item":
            rows = [item for row in rows for item in row["items"]["data"]]
        return rows[which % len(rows)]["id"] if rows else None
