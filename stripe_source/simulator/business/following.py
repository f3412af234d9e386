"""What follows bills: every Tuesday some charges are refunded or disputed, and sent invoices paid.

Of the charges four in a hundred are refunded and one is disputed; a sent invoice is paid in full,
in two parts, outside Stripe, or never.
"""

from __future__ import annotations

from stripe_source.simulator.billing import invoices, payments
from stripe_source.simulator.billing.aftermath import credit_note, dispute, refund, refund_fails
from stripe_source.simulator.billing.amounts import DAY
from stripe_source.simulator.billing.balance import WEEK
from stripe_source.simulator.business.state import business_of
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.store.timeline import task


@task
def follow_up(account: Account) -> None:
    """Look at what is new since the last week."""
    account.plan(account.clock.now + WEEK, follow_up)
    rng, ledger = business_of(account).rng, account.ledger
    charges, ledger.fresh_charges = ledger.fresh_charges, []
    for charge in charges:
        dice, later = rng.random(), account.clock.now + rng.randrange(3600, 6 * DAY)
        if dice < 0.04:
            account.plan(later, give_back, charge, dice < 0.02)
        elif dice < 0.05:
            account.plan(later, object_to, charge, dice < 0.045)
    sent, ledger.sent_invoices = ledger.sent_invoices, []
    for invoice in sent:
        later = account.clock.now + rng.randrange(DAY, 30 * DAY)
        account.plan(later, pay_sent, invoice, rng.random())


@task
def give_back(account: Account, charge_id: str, whole: bool) -> None:
    """A refund; a partial one comes with a credit note, and one in fifteen fails later."""
    charge, rng = account.get("charge", charge_id), business_of(account).rng
    if charge["amount_refunded"] or charge["disputed"]:
        return
    amount = charge["amount"] if whole else max(charge["amount"] // 3, 1)
    made = refund(account, charge, amount)
    if rng.random() < 1 / 15:
        account.plan(account.clock.now + 5 * DAY, refund_fails, made["id"])
    elif not whole:
        payment = account.ledger.invoice_of.get(charge["payment_intent"])
        invoice = account.find("invoice", payment)
        if invoice is not None and invoice["status"] == "paid":
            credit_note(account, invoice, amount, refunds=[made], reason="product_unsatisfactory")


@task
def object_to(account: Account, charge_id: str, won: bool) -> None:
    """The customer's bank disputes a charge."""
    charge = account.get("charge", charge_id)
    if not charge["amount_refunded"] and not charge["disputed"]:
        dispute(account, charge, won=won)


@task
def pay_sent(account: Account, invoice_id: str, dice: float) -> None:
    """Half of what was sent is paid in full, some in parts or outside Stripe, some never."""
    invoice = account.find("invoice", invoice_id)
    if invoice is None or invoice["status"] != "open":
        return
    left = invoice["amount_remaining"]
    customer = account.find("customer", invoice["customer"])
    if customer is None:
        return
    method = customer["invoice_settings"]["default_payment_method"]
    if dice < 0.5:
        payments.pay_part(account, invoice, left, method)
    elif dice < 0.7:
        payments.pay_part(account, invoice, max(left // 2, 1), method)
        account.plan(account.clock.now + 9 * DAY, pay_sent, invoice_id, 0.0)
    elif dice < 0.8:
        payments.pay_out_of_band(account, invoice)
    elif dice < 0.85:
        credit_note(account, invoice, max(left // 4, 1), reason="order_change")
    elif dice < 0.9:
        invoices.void(account, invoice)
    else:
        account.plan(account.clock.now + 60 * DAY, write_off, invoice_id)


@task
def write_off(account: Account, invoice_id: str) -> None:
    """Nobody expects the money any more."""
    invoice = account.find("invoice", invoice_id)
    if invoice is not None and invoice["status"] == "open":
        invoices.give_up(account, invoice)
