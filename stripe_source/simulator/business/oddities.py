"""Objects at the edges: 250 lines, 20 items, invoices in every state, deleted customers."""

from __future__ import annotations

from stripe_source.simulator.billing import invoices, payments, pending
from stripe_source.simulator.billing.aftermath import credit_note, dispute, refund
from stripe_source.simulator.billing.amounts import DAY
from stripe_source.simulator.billing.lines import pricing
from stripe_source.simulator.billing.prorations import make_invoice_item
from stripe_source.simulator.billing.renewals import ENDED
from stripe_source.simulator.billing.subscriptions import Terms, open_subscription
from stripe_source.simulator.business.customers import make_customer
from stripe_source.simulator.business.state import business_of
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.store.timeline import task
from stripe_source.simulator.types import Json

OUTCOMES = ("draft", "open", "overdue", "paid", "void", "uncollectible", "part", "out of band",
            "disputed")  # fmt: skip


def plan_oddities(account: Account) -> None:
    """One of each, on a customer of their own."""
    business = business_of(account)
    latest = business.until - 60
    account.plan(min(business.until - 70 * DAY, latest), wide_subscription)
    account.plan(min(business.until - 40 * DAY, latest), long_invoice)
    for number in range(len(OUTCOMES)):
        account.plan(min(business.until - 20 * DAY + number * 900, latest), one_off, number)
    account.plan(business.until - 2 * DAY, delete_some)


def somebody(account: Account) -> Json:
    """A customer of the oddities, made at first need."""
    business = business_of(account)
    if business.odd_customer is None:
        number = account.config.customers
        business.odd_customer = make_customer(account, business, number, "usd")["id"]
    return account.get("customer", business.odd_customer)


@task
def long_invoice(account: Account) -> None:
    """An invoice of 250 lines."""
    customer = somebody(account)
    for number in range(250):
        waiting_item(account, customer, 100 + number, f"Line {number}")
    lines = pending.take(account, customer["id"])
    invoice = invoices.draft(account, customer, lines)
    pending.claim(account, invoice)
    invoices.finalize(account, invoice)
    invoices.advance(account, invoice)


@task
def wide_subscription(account: Account) -> None:
    """A subscription with 20 items."""
    business = business_of(account)
    monthly = [o for o in business.offers("usd") if (o.interval, o.count) == ("month", 1)]
    many = (monthly * 20)[:20]
    open_subscription(account, somebody(account), Terms([(o.price, 1) for o in many]))


@task
def one_off(account: Account, number: int) -> None:
    """A manual invoice in one state, and an invoice item that is still pending."""
    outcome, customer = OUTCOMES[number], somebody(account)
    account.ledger.pending_items.pop(customer["id"], None)
    waiting_item(account, customer, 15000, "Setup")
    lines = pending.take(account, customer["id"])
    how = "send_invoice" if outcome in ("overdue", "part") else "charge_automatically"
    invoice = invoices.draft(account, customer, lines, collection_method=how, auto_advance=False)
    pending.claim(account, invoice)
    waiting_item(account, customer, 15000, "Later")
    if outcome != "draft":
        invoices.finalize(account, invoice)
    if outcome == "overdue":
        account.modify(invoice, {"due_date": account.clock.now + 7 * DAY}, event=None)
        invoices.send(account, invoice)
    elif outcome in ("paid", "disputed"):
        payments.collect(account, invoice)
        fall_out(account, invoice, outcome)
    elif outcome == "part":
        method = customer["invoice_settings"]["default_payment_method"]
        payments.pay_part(account, invoice, 5000, method)
    elif outcome == "out of band":
        payments.pay_out_of_band(account, invoice)
    elif outcome in ("void", "uncollectible"):
        (invoices.void if outcome == "void" else invoices.give_up)(account, invoice)


def fall_out(account: Account, invoice: Json, outcome: str) -> None:
    """Of a paid invoice a third is given back with a credit note, or its charge is disputed."""
    charge = payments.charge_of(account, invoice)
    if charge is not None and outcome == "disputed":
        dispute(account, charge, won=True, days=10)
    elif charge is not None:
        made = refund(account, charge, 5000)
        credit_note(account, invoice, 5000, refunds=[made], reason="product_unsatisfactory")


def waiting_item(account: Account, customer: Json, amount: int, text: str) -> Json:
    """An invoice item over a one-time price."""
    offer = business_of(account).offers("usd", recurring=False)[0]
    price = account.get("price", offer.price)
    return make_invoice_item(account, customer["id"], amount, "usd", description=text,
                             pricing=pricing("invoiceitem", price))  # fmt: skip


@task
def delete_some(account: Account) -> None:
    """Two customers in a hundred are deleted: those whose subscriptions have ended."""
    everything = [row.data for row in account.home("subscription").ordered]
    live = {each["customer"] for each in everything if each["status"] not in ENDED}
    gone = [each["customer"] for each in everything if each["customer"] not in live]
    for identifier in list(dict.fromkeys(gone))[: max(account.config.customers // 50, 1)]:
        customer = account.find("customer", identifier)
        if customer is not None:
            account.remove(customer)
