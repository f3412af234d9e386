"""Subscriptions, invoice items, invoices, and the events of it all."""

from __future__ import annotations

from typing import Any

import stripe

from .recording import Answer, Script
from .servers import NOW


def subscriptions(run: Script) -> None:
    """Begun, billed by the unit and in tiers, read, listed and ended."""
    v1, payer = run.v1, run.answers["payer"].id()
    made = subscribe(run, "subscription", payer, "basic", metadata={"a": "1"})
    run("subscription read", v1.subscriptions.retrieve, made.id())
    run("first invoice", v1.invoices.retrieve, made.id("latest_invoice"))
    expand = {"expand": ["customer", "latest_invoice"]}
    run("subscription expanded", v1.subscriptions.retrieve, made.id(), expand)
    run("ends with the period", v1.subscriptions.update, made.id(), {"cancel_at_period_end": True})
    run("goes on", v1.subscriptions.update, made.id(), {"cancel_at_period_end": False})
    run("subscription item", v1.subscription_items.retrieve, made.id("items", "data", 0))
    graduated = subscribe(run, "graduated subscription", payer, "graduated", quantity=7)
    run("graduated invoice", v1.invoices.retrieve, graduated.id("latest_invoice"))
    volume = subscribe(run, "volume subscription", payer, "volume", quantity=7)
    run("volume invoice", v1.invoices.retrieve, volume.id("latest_invoice"))
    run("subscription canceled", v1.subscriptions.cancel, volume.id())
    run("canceled read", v1.subscriptions.retrieve, volume.id())
    run("canceled again", v1.subscriptions.cancel, volume.id())
    run("running subscriptions", v1.subscriptions.list, {"customer": payer})
    run("all subscriptions", v1.subscriptions.list, {"customer": payer, "status": "all"})
    run("canceled subscriptions", v1.subscriptions.list, {"status": "canceled"})


def changes(run: Script) -> None:
    """Another quantity and another plan, each on a subscription of its own."""
    v1 = run.v1
    for step, change in (("quantity", {"quantity": 2}), ("plan", {"plan": "gold"})):
        customer = with_card(run, f"changer of a {step}", "pm_card_visa")
        made = subscribe(run, f"subscription of another {step}", customer, "basic")
        items = [{"id": made.id("items", "data", 0)} | change]
        run(f"other {step}", v1.subscriptions.update, made.id(), {"items": items})
        run(f"prorations of a {step}", v1.invoice_items.list, {"customer": customer})


def odd_subscriptions(run: Script) -> None:
    """Trials, tax, failing cards, and what is refused."""
    v1, payer = run.v1, run.answers["payer"].id()
    poor = run.answers["poor payer"].id()
    end = NOW + 7 * 86_400
    subscribe(run, "trial", payer, "basic", trial_end=end)
    subscribe(run, "trial of days", payer, "basic", trial_period_days=7)
    rate = run.answers["tax rate"].id()
    taxed = subscribe(run, "taxed subscription", payer, "basic", default_tax_rates=[rate])
    run("taxed invoice", v1.invoices.retrieve, taxed.id("latest_invoice"))
    subscribe(run, "yearly subscription", payer, "yearly")
    failed = subscribe(run, "subscription of the poor", poor, "basic")
    run("unpaid invoice", v1.invoices.retrieve, failed.id("latest_invoice"))
    subscribe(run, "subscription or error", poor, "basic", payment_behavior="error_if_incomplete")
    subscribe(run, "subscription of nobody", "cus_unknown", "basic")
    subscribe(run, "subscription to nothing", payer, "unknown")
    run("subscription without items", v1.subscriptions.create, {"customer": payer})
    run("subscriptions of the poor", v1.subscriptions.list, {"customer": poor})


def invoices(run: Script) -> None:
    """From items of their own: paid, voided, failed."""
    v1 = run.v1
    buyer = with_card(run, "buyer", "pm_card_visa")
    subscribe(run, "buyer's free subscription", buyer, "free")
    made = add(run, "invoice item", buyer, 1200, description="Setup").id()
    run("invoice item read", v1.invoice_items.retrieve, made)
    gone = add(run, "invoice item to delete", buyer, 300).id()
    run("invoice item deleted", v1.invoice_items.delete, gone)
    run("deleted invoice item read", v1.invoice_items.retrieve, gone)
    add(run, "credit item", buyer, -200)
    run("invoice items", v1.invoice_items.list, {"customer": buyer})
    drafted = draft(run, "invoice", buyer)
    run("invoice read", v1.invoices.retrieve, drafted)
    run("invoice lines", v1.invoices.line_items.list, drafted)
    run("invoice changed", v1.invoices.update, drafted, {"description": "Thanks"})
    run("invoice finalized", v1.invoices.finalize_invoice, drafted)
    run("invoice paid", v1.invoices.pay, drafted)
    run("invoice paid again", v1.invoices.pay, drafted)
    run("paid invoice voided", v1.invoices.void_invoice, drafted)
    run("paid invoice deleted", v1.invoices.delete, drafted)
    add(run, "item to delete", buyer, 100)
    unwanted = draft(run, "invoice to delete", buyer)
    run("draft deleted", v1.invoices.delete, unwanted)
    run("deleted draft read", v1.invoices.retrieve, unwanted)
    run("invoices", v1.invoices.list, {"customer": buyer})
    run("invoice item without a customer", v1.invoice_items.create, {
        "amount": 5, "currency": "eur"})  # fmt: skip
    run("invoice without a customer", v1.invoices.create, {"description": "x"})


def unpaid_invoices(run: Script) -> None:
    """The payment fails, and the invoice is given up."""
    v1 = run.v1
    poor = with_card(run, "poor buyer", "pm_card_chargeCustomerFail")
    subscribe(run, "poor buyer's free subscription", poor, "free")
    add(run, "item of the poor", poor, 800)
    made = draft(run, "invoice of the poor", poor)
    run("invoice not paid", v1.invoices.pay, made)
    run("open invoice", v1.invoices.retrieve, made)
    run("invoice voided", v1.invoices.void_invoice, made)
    run("voided invoice read", v1.invoices.retrieve, made)
    run("voided invoice paid", v1.invoices.pay, made)


def events(run: Script) -> None:
    """What has happened, by type."""
    v1 = run.v1
    for kind in ("customer.deleted", "product.created", "customer.subscription.deleted"):
        run(f"events {kind}", v1.events.list, {"type": kind})
    known = run.answers["events customer.deleted"].id("data", 0)
    run("event read", v1.events.retrieve, known)
    run("unknown event", v1.events.retrieve, "evt_unknown")
    run("events of the future", v1.events.list, {"created": {"gt": NOW + 99}})


def subscribe(run: Script, step: str, customer: str, plan: str, **more: Any) -> Answer:
    """A subscription to one plan."""
    one = {"plan": plan} | ({"quantity": more.pop("quantity")} if "quantity" in more else {})
    return run(step, run.v1.subscriptions.create, {"customer": customer, "items": [one]} | more)


def with_card(run: Script, step: str, card: str) -> str:
    """A customer who pays with a test card."""
    v1 = run.v1
    made = run(step, v1.customers.create, {"name": step}).id()
    attached = run(f"card of {step}", v1.payment_methods.attach, card, {"customer": made}).id()
    default = {"invoice_settings": {"default_payment_method": attached}}
    run(f"default of {step}", v1.customers.update, made, default)
    return made


def add(run: Script, step: str, customer: str, amount: int, **more: Any) -> Answer:
    """An amount for the next invoice."""
    given = {"customer": customer, "amount": amount, "currency": "eur"} | more
    return run(step, run.v1.invoice_items.create, given)


def draft(run: Script, step: str, customer: str) -> str:
    """An invoice of what is pending: Stripe takes it in where asked, localstripe always."""
    create, given = run.v1.invoices.create, {"customer": customer}

    def with_what_is_pending() -> Any:
        try:
            return create(given | {"pending_invoice_items_behavior": "include"})
        except stripe.InvalidRequestError:
            return create(given)

    return run(step, with_what_is_pending).id()
