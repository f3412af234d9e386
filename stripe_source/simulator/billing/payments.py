"""Paying an invoice: its intent, the charges that try it, and what success and failure change.

An invoice has one default payment with one intent, which every attempt uses again; it may be paid
in parts by more of them, or outside Stripe. Source:
https://docs.stripe.com/billing/invoices/workflow and https://docs.stripe.com/api/invoice-payment
"""

from __future__ import annotations

from typing import Any

from stripe_source.simulator.billing import charges, discounts, standing
from stripe_source.simulator.billing.amounts import DAY
from stripe_source.simulator.billing.making import new
from stripe_source.simulator.shapes import part
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.store.timeline import task
from stripe_source.simulator.types import Json

RETRIES = (3, 5, 7)
"""Days until each further attempt; after the last the subscription ends as its setting says."""


def collect(account: Account, invoice: Json) -> bool:
    """One attempt at what is still open, by the customer's card. Whether it succeeded."""
    customer = account.get("customer", invoice["customer"])
    payment = default_payment(account, invoice)
    intent = account.get("payment_intent", payment["payment"]["payment_intent"])
    method = method_of(account, invoice, customer)
    tried = {"attempted": True, "attempt_count": invoice["attempt_count"] + 1}
    if charges.attempt(account, intent, customer, method):
        paid(account, invoice, payment, intent["amount"], tried)
        return True
    failed(account, invoice, customer, tried)
    return False


def method_of(account: Account, invoice: Json, customer: Json) -> str | None:
    """The invoice's own payment method, the subscription's, or the customer's."""
    subscription = subscription_of(account, invoice)
    own = subscription and subscription["default_payment_method"]
    method: str | None = (
        invoice["default_payment_method"]
        or own
        or customer["invoice_settings"]["default_payment_method"]
    )
    return method


def subscription_of(account: Account, invoice: Json) -> Json | None:
    """The subscription that an invoice is for."""
    details = (invoice["parent"] or {}).get("subscription_details")
    return account.find("subscription", details["subscription"]) if details else None


def hidden(account: Account, invoice: Json) -> Json:
    """What the simulator remembers of an invoice: its default payment."""
    row = account.home("invoice").by_id[invoice["id"]]
    if row.hidden is None:
        row.hidden = {}
    return row.hidden


def default_payment(account: Account, invoice: Json) -> Json:
    """The invoice's own payment with its intent, made at the first need."""
    known = hidden(account, invoice).get("payment")
    amount = invoice["amount_remaining"]
    if known:
        payment = account.get("invoice_payment", known)
        intent = account.get("payment_intent", payment["payment"]["payment_intent"])
        account.modify(payment, {"amount_requested": amount}, event=None)
        account.modify(intent, {"amount": amount}, event=None)
        return payment
    intent = charges.new_intent(account, amount, invoice["currency"], invoice["customer"],
                                description="Subscription update")  # fmt: skip
    payment = add_payment(account, invoice, intent["id"], amount, default=True)
    hidden(account, invoice)["payment"] = payment["id"]
    return payment


def add_payment(
    account: Account, invoice: Json, intent: str, amount: int, *, default: bool
) -> Json:
    """The invoice's record of an intent; it has no event until it is paid."""
    account.ledger.invoice_of[intent] = invoice["id"]
    return account.add(
        new(
            account, "invoice_payment", "inpay", amount_requested=amount, is_default=default,
            currency=invoice["currency"], invoice=invoice["id"], status="open",
            payment=part("invoice_payment", "payment", payment_intent=intent,
                         type="payment_intent"),
            status_transitions={"canceled_at": None, "paid_at": None},
        ),
        event=None,
    )  # fmt: skip


def paid(
    account: Account, invoice: Json, payment: Json, amount: int, tried: Json | None = None
) -> None:
    """A payment has come in: enter it, and close the invoice when nothing is left."""
    now = account.clock.now
    changes = {"status": "paid", "amount_paid": amount, "status_transitions": {"paid_at": now}}
    account.modify(payment, changes, event="paid")
    left = invoice["amount_remaining"] - amount
    entered = {"amount_paid": invoice["amount_paid"] + amount, "amount_remaining": left}
    if left > 0:
        account.modify(invoice, entered)
        return
    close_paid(account, invoice, entered | (tried or {"attempted": True}))


def close_paid(account: Account, invoice: Json, changes: Json) -> None:
    """The invoice is paid; what hung on it goes on."""
    changes = changes | {
        "status": "paid",
        "auto_advance": False,
        "next_payment_attempt": None,
        "status_transitions": {"paid_at": account.clock.now},
    }
    account.modify(invoice, changes, event="paid")
    account.emit("payment_succeeded", invoice)
    subscription = subscription_of(account, invoice)
    if subscription is not None:
        discounts.use_up(account, subscription, invoice)
        standing.invoice_paid(account, subscription, invoice)
    standing.refresh_customer(account, invoice["customer"], paid=True)


def settle_without_payment(account: Account, invoice: Json) -> None:
    """Nothing is due: paid at once, without a payment."""
    close_paid(account, invoice, {"attempted": True, "amount_remaining": 0})


def pay_out_of_band(account: Account, invoice: Json) -> None:
    """Paid outside Stripe: the invoice says so, and no payment is recorded."""
    amount = invoice["amount_remaining"]
    cancel_open(account, invoice)
    off_stripe = (invoice["amount_paid_off_stripe"] or 0) + amount
    close_paid(account, invoice, {"amount_paid": invoice["amount_paid"] + amount,
                                  "amount_paid_off_stripe": off_stripe,
                                  "amount_remaining": 0})  # fmt: skip


def pay_part(account: Account, invoice: Json, amount: int, method: str | None) -> bool:
    """A payment of its own over some of what is left, as a bank transfer makes one."""
    customer = account.get("customer", invoice["customer"])
    intent = charges.new_intent(account, amount, invoice["currency"], customer["id"],
                                description="Subscription update")  # fmt: skip
    payment = add_payment(account, invoice, intent["id"], amount, default=False)
    if not charges.attempt(account, intent, customer, method):
        return False
    paid(account, invoice, payment, amount)
    return True


def failed(account: Account, invoice: Json, customer: Json, tried: Json) -> None:
    """The attempt failed: plan the next one, or end as the subscription's setting says."""
    count = tried["attempt_count"]
    retry = account.clock.now + RETRIES[count - 1] * DAY if count <= len(RETRIES) else None
    if not invoice["auto_advance"] or invoice["billing_reason"] == "subscription_create":
        retry = None
    account.modify(invoice, tried | {"next_payment_attempt": retry})
    account.emit("payment_failed", invoice)
    if retry:
        account.plan(retry, retry_due, invoice["id"])
    standing.refresh_customer(account, customer["id"], paid=False)
    subscription = subscription_of(account, invoice)
    if subscription is not None:
        standing.invoice_failed(account, subscription, invoice, final=retry is None)


@task
def retry_due(account: Account, invoice_id: str) -> None:
    """The next attempt, unless the invoice is settled or was moved."""
    invoice = account.find("invoice", invoice_id)
    if invoice is None or account.find("customer", invoice["customer"]) is None:
        return
    if invoice["status"] == "open" and invoice["next_payment_attempt"] == account.clock.now:
        collect(account, invoice)


def charge_of(account: Account, invoice: Json) -> Json | None:
    """The charge of the invoice's default payment, if that was paid."""
    known = hidden(account, invoice).get("payment")
    payment: Any = known and account.get("invoice_payment", known)
    if not payment or payment["status"] != "paid":
        return None
    intent = account.get("payment_intent", payment["payment"]["payment_intent"])
    return account.find("charge", intent["latest_charge"])


def intent_paid(account: Account, intent: Json) -> None:
    """A client has confirmed an intent itself: where it is an invoice's, that is paid by it."""
    invoice = account.find("invoice", account.ledger.invoice_of.get(intent["id"]))
    if invoice is None or invoice["status"] not in ("open", "uncollectible"):
        return
    for payment in account.where("invoice_payment", "invoice", invoice["id"]):
        mine = payment["payment"]["payment_intent"] == intent["id"]
        if mine and payment["status"] == "open":
            paid(account, invoice, payment, intent["amount_received"])


def cancel_open(account: Account, invoice: Json) -> None:
    """The invoice needs no payment any more: its open one and the intent are canceled."""
    known = hidden(account, invoice).get("payment")
    payment: Any = known and account.get("invoice_payment", known)
    if not payment or payment["status"] != "open":
        return
    now = account.clock.now
    account.modify(payment, {"status": "canceled", "status_transitions": {"canceled_at": now}},
                   event=None)  # fmt: skip
    intent = account.get("payment_intent", payment["payment"]["payment_intent"])
    charges.cancel_intent(account, intent, "void_invoice")
