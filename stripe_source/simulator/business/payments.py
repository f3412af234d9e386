"""Payments of invoices: payment intent, charge, balance transaction, invoice payment."""

from __future__ import annotations

from stripe_source.simulator.business.books import DAY, Books, midnight
from stripe_source.simulator.shapes import part
from stripe_source.simulator.types import Json

SETTLED_AS = {"jpy": ("usd", 0.66), "kwd": ("usd", 0.325)}
"""Currencies without a bank account: settled in dollars, cents for one minor unit."""


def pay(books: Books, customer: Json, invoice: Json, at: int) -> None:
    """Pay an open invoice in full; nothing due is paid without a payment."""
    due = invoice["amount_due"]
    invoice.update(status="paid", amount_paid=max(due, 0), amount_remaining=0, attempted=True,
                   auto_advance=False)  # fmt: skip
    invoice["status_transitions"]["paid_at"] = at
    if due > 0:
        invoice["attempt_count"] = 1
        take_payment(books, customer, invoice, at, succeeds=True)
    books.tell("paid", invoice, at, {"status": "open"})


def take_payment(books: Books, customer: Json, invoice: Json, at: int, *, succeeds: bool) -> Json:
    """The intent with its charge, and the invoice's record of it."""
    amount = max(invoice["amount_due"], 1)
    intent = books.new(
        "payment_intent", "pi", at, amount=amount, currency=invoice["currency"],
        customer=customer["id"], description="Subscription update", metadata={},
        payment_method_types=["card"], capture_method="automatic", client_secret=None,
        status="succeeded" if succeeds else "requires_payment_method",
        amount_received=amount if succeeds else 0,
        payment_method=customer["invoice_settings"]["default_payment_method"],
    )  # fmt: skip
    charge = make_charge(books, customer, intent, at, succeeds=succeeds)
    intent["latest_charge"] = charge["id"]
    books.keep(intent, at)
    books.tell("succeeded" if succeeds else "payment_failed", intent, at)
    payment = books.new(
        "invoice_payment", "inpay", at, amount_paid=amount if succeeds else None,
        amount_requested=amount, currency=invoice["currency"], invoice=invoice["id"],
        is_default=True, status="paid" if succeeds else "open",
        payment=part("invoice_payment", "payment", payment_intent=intent["id"],
                     type="payment_intent"),
        status_transitions={"canceled_at": None, "paid_at": at if succeeds else None},
    )  # fmt: skip
    books.keep(payment, at, event="paid" if succeeds else None)
    return charge


def make_charge(books: Books, customer: Json, intent: Json, at: int, *, succeeds: bool) -> Json:
    """A charge by card."""
    card = part("charge", "payment_method_details.card", brand="visa", country="US", exp_month=12,
                exp_year=2030, funding="credit", last4="4242", network="visa")  # fmt: skip
    billing = part("charge", "billing_details", email=customer["email"], name=customer["name"],
                   address=customer["address"])  # fmt: skip
    charge = books.new(
        "charge", "ch", at, amount=intent["amount"], currency=intent["currency"], metadata={},
        amount_captured=intent["amount"] if succeeds else 0, captured=succeeds, paid=succeeds,
        customer=customer["id"], payment_intent=intent["id"], billing_details=billing,
        payment_method=intent["payment_method"], status="succeeded" if succeeds else "failed",
        payment_method_details={"type": "card", "card": card}, description=intent["description"],
        outcome=part("charge", "outcome", type="authorized" if succeeds else "issuer_declined",
                     network_status="approved_by_network" if succeeds else "declined_by_network"),
        failure_code=None if succeeds else "card_declined",
        failure_message=None if succeeds else "Your card was declined.", fraud_details={
            "stripe_report": None, "user_report": None},
    )  # fmt: skip
    if succeeds:
        charge["balance_transaction"] = charge_entry(books, charge, at)["id"]
    books.keep(charge, at, event="succeeded" if succeeds else "failed")
    return charge


def charge_entry(books: Books, charge: Json, at: int) -> Json:
    """The balance transaction of a charge: 2.9 % and 30 cents."""
    amount = settled(charge["amount"], charge["currency"])
    return enter(books, charge, at, amount, kind="charge", fee=round(amount * 0.029) + 30)


def settled(amount: int, currency: str) -> int:
    """An amount in the currency that it is settled in."""
    return round(amount * SETTLED_AS.get(currency, ("", 1.0))[1])


def enter(books: Books, source: Json, at: int, amount: int, *, kind: str, fee: int = 0) -> Json:
    """A balance transaction; it is available two days later."""
    currency, rate = SETTLED_AS.get(source["currency"], (source["currency"], None))
    available = midnight(at) + 2 * DAY
    fees = [{"amount": fee, "application": None, "currency": currency,
             "description": "Stripe processing fees", "type": "stripe_fee"}]  # fmt: skip
    entry = books.new(
        "balance_transaction", "txn", at, amount=amount, fee=fee, net=amount - fee, type=kind,
        currency=currency, exchange_rate=rate, available_on=available, source=source["id"],
        fee_details=fees if fee else [], reporting_category=category(kind), balance_type="payments",
        status="available" if available <= books.now else "pending",
        description=source.get("description"),
    )  # fmt: skip
    return books.keep(entry, at, event=None, hidden={"payout": None})


def category(kind: str) -> str:
    """``reporting_category`` of a type."""
    return {"adjustment": "dispute"}.get(kind, kind)
