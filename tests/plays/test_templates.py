"""The templates, as they are, on an account to which the things happen that they are for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import stripe

from stripe_source.destination import duckdb
from stripe_source.pipeline import sync
from stripe_source.plays import run_plays
from stripe_source.plays.templates import templates
from stripe_source.simulator import Simulator, SimulatorConfig
from tests.conftest import FAST
from tests.plays.conftest import SECRET, Hook, sync_from

DAY = 86_400


@dataclass
class Story:
    """An account, its warehouse, and the templates that watch it."""

    simulator: Simulator
    pipeline: Any
    hook: Hook
    patch: pytest.MonkeyPatch

    @property
    def v1(self) -> Any:
        """The account, by the official SDK."""
        address = {"api": self.simulator.url}
        return stripe.StripeClient(self.simulator.api_key, base_addresses=address).v1

    def subscribe(self, amount: int, card: str | None, **more: Any) -> Any:
        """A subscription of a new customer with this card, or none."""
        customer = self.v1.customers.create({"email": f"c{amount}@example.com"}).id
        if card:
            made = self.v1.payment_methods.attach(f"pm_card_{card}", {"customer": customer}).id
            self.v1.customers.update(
                customer, {"invoice_settings": {"default_payment_method": made}}
            )
        items = [{"price": self.price(amount)}]
        return self.v1.subscriptions.create({"customer": customer, "items": items, **more})

    def price(self, amount: int) -> str:
        """A monthly price in dollars."""
        product = self.v1.products.create({"name": "Plan"}).id
        fields = {"currency": "usd", "recurring": {"interval": "month"}, "product": product}
        return str(self.v1.prices.create({"unit_amount": amount * 100, **fields}).id)

    def started(self, days: int = 0) -> dict[str, list[Any]]:
        """What starts after so many days: the rows by the play, and what was done in Stripe."""
        if days:
            self.simulator.advance(days * DAY)
        now = datetime.fromtimestamp(self.simulator.account.clock.now, UTC)
        self.patch.setenv("STRIPE_MODELS__NOW", now.isoformat())
        access = {
            "stripe_secret_key": self.simulator.api_key, "api_base": self.simulator.url, **FAST,
        }  # fmt: skip
        sync(self.pipeline, **access, resources="models")
        self.hook.got.clear()
        ran = run_plays(self.pipeline, list(templates().values()), connection=access)
        assert [each.failed for each in ran if each.failed] == []
        assert all(each.ok for each in ran)
        found: dict[str, list[Any]] = {}
        for got in self.hook.got:
            found.setdefault(got.body["data"]["play"], []).append(got.body["data"])
        return found


@pytest.fixture
def story(tmp_path: Path, hook: Hook, monkeypatch: pytest.MonkeyPatch) -> Iterator[Story]:
    """A small business, synced."""
    for name in ("PLAYS", "CRM"):
        monkeypatch.setenv(f"{name}_WEBHOOK_URL", hook.url)
        monkeypatch.setenv(f"{name}_WEBHOOK_SECRET", SECRET)
    with Simulator(SimulatorConfig(seed=3, customers=3, years=0.3, fixtures=1)) as simulator:
        target = duckdb(str(tmp_path / "shop.duckdb"))
        pipeline = sync_from(simulator, target, tmp_path / "dlt", models=False)
        yield Story(simulator, pipeline, hook, monkeypatch)


def test_each_starts_for_what_it_is_for(story: Story) -> None:
    """And for nothing else of that kind: not again, not earlier."""
    smaller = story.subscribe(30, "visa")
    ended = story.subscribe(20, "visa")
    trial = story.subscribe(40, None, trial_period_days=6)
    with_card = story.subscribe(41, "visa", trial_period_days=6)
    sent = story.subscribe(50, None, collection_method="send_invoice", days_until_due=7)
    failing = story.subscribe(60, "visa")
    assert story.started() == {}

    story.simulator.advance(3_600)
    created = story.v1.customers.create({"name": "Ada", "email": "ada@example.com"}).id
    items = [{"id": smaller["items"].data[0].id, "price": story.price(19)}]
    story.v1.subscriptions.update(smaller.id, {"items": items, "proration_behavior": "none"})
    story.v1.subscriptions.cancel(ended.id)
    told = story.started()
    assert set(told) == {"customer_created", "mrr_dropped", "subscription_canceled"}
    (new,) = told["customer_created"]
    assert (new["key"]["customer_id"], new["after"]["name"]) == (created, "Ada")
    (drop,) = told["mrr_dropped"]
    assert (drop["after"]["customer_id"], drop["after"]["share"]) == (smaller.customer, 0.3667)
    (end,) = told["subscription_canceled"]
    assert end["key"]["subscription_id"] == ended.id
    assert story.started() == {}

    card = story.v1.payment_methods.attach(
        "pm_card_chargeCustomerFail", {"customer": failing.customer}
    ).id
    story.v1.customers.update(
        failing.customer, {"invoice_settings": {"default_payment_method": card}}
    )
    ours = {trial.id, with_card.id}
    told = story.started(days=2)
    assert not ours & {each["key"]["subscription_id"] for each in told.get("trial_ending", [])}
    told = story.started(days=1)
    (ending,) = [t for t in told["trial_ending"] if t["key"]["subscription_id"] in ours]
    assert ending["key"]["subscription_id"] == trial.id
    assert (ending["after"]["days_left"], ending["after"]["can_be_charged"]) == (3, False)

    told = story.started(days=17)  # the invoice was due after 7 days: 13 days overdue
    invoice = story.v1.subscriptions.retrieve(sent.id).latest_invoice
    overdue = {each["key"]["invoice_id"] for each in told.get("invoice_overdue", [])}
    assert invoice not in overdue
    told = story.started(days=1)
    assert invoice in {each["key"]["invoice_id"] for each in told["invoice_overdue"]}

    story.started(days=11)  # the next period of the one whose card fails
    assert story.v1.subscriptions.retrieve(failing.id).status == "past_due"
    marked = story.v1.customers.retrieve(failing.customer).metadata
    assert marked.to_dict() == {"past_due_subscription": failing.id}
