"""What follows a payment: refunds, credit notes and disputes.

Source: https://docs.stripe.com/refunds, .../invoicing/integration/programmatic-credit-notes and
.../disputes/how-disputes-work
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stripe_source.simulator.billing import payments
from stripe_source.simulator.billing.amounts import DAY, settled
from stripe_source.simulator.billing.balance import enter
from stripe_source.simulator.billing.customer_balance import move_balance
from stripe_source.simulator.billing.making import new, stripe_list
from stripe_source.simulator.shapes import part
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.store.timeline import task
from stripe_source.simulator.types import Json

DISPUTE_FEE = 1500
"""In cents; kept even when the dispute is won."""


def refund(
    account: Account, charge: Json, amount: int, *, reason: str | None = "requested_by_customer",
    metadata: Json | None = None,
) -> Json:  # fmt: skip
    """Give an amount of a charge back."""
    made = new(
        account, "refund", "re", amount=amount, charge=charge["id"], currency=charge["currency"],
        customer=charge["customer"], payment_intent=charge["payment_intent"], reason=reason,
        payment_method=charge["payment_method"], status="succeeded", metadata=metadata or {},
    )  # fmt: skip
    entry = enter(account, made, -settled(amount, charge["currency"]), kind="refund")
    made["balance_transaction"] = entry["id"]
    account.add(made)
    back = charge["amount_refunded"] + amount
    account.modify(charge, {"amount_refunded": back, "refunded": back == charge["amount"]},
                   event="refunded")  # fmt: skip
    return made


@task
def refund_fails(account: Account, refund_id: str) -> None:
    """The bank sends a refund back: the charge is as before, and the money is ours again."""
    made = account.get("refund", refund_id)
    if made["status"] != "succeeded":
        return
    back = enter(account, made, settled(made["amount"], made["currency"]), kind="refund_failure",
                 delay=0)  # fmt: skip
    changes = {"status": "failed", "failure_reason": "expired_or_canceled_card",
               "failure_balance_transaction": back["id"]}  # fmt: skip
    account.modify(made, changes, event="failed")
    charge = account.get("charge", made["charge"])
    left = charge["amount_refunded"] - made["amount"]
    account.modify(charge, {"amount_refunded": left, "refunded": False})


def credit_note(
    account: Account, invoice: Json, amount: int, *, refunds: Sequence[Json] = (),
    reason: str | None = None, memo: str | None = None, metadata: Json | None = None,
) -> Json:  # fmt: skip
    """Credit an amount of an invoice: off what is open, or paid back, or kept as a credit.

    Of an open invoice it lowers what remains; of a paid one the part that no refund gives back goes
    to the customer's balance.
    """
    before_payment = amount if invoice["status"] == "open" else 0
    after = amount - before_payment
    refunded = sum(each["amount"] for each in refunds)
    given_back = [part("credit_note", "refunds", amount_refunded=each["amount"], refund=each["id"],
                       type="refund") for each in refunds]  # fmt: skip
    known = payments.hidden(account, invoice)
    number = known["credit_notes"] = known.get("credit_notes", 0) + 1
    note = new(
        account, "credit_note", "cn", amount=amount, currency=invoice["currency"],
        metadata=metadata or {}, customer=invoice["customer"], invoice=invoice["id"],
        reason=reason, memo=memo,
        number=f"{invoice['number']}-CN-{number:02d}", status="issued", subtotal=amount,
        total=amount, subtotal_excluding_tax=amount, total_excluding_tax=amount,
        type="pre_payment" if before_payment else "post_payment",
        pre_payment_amount=before_payment, post_payment_amount=after, discount_amount=0,
        effective_at=account.clock.now, pdf=f"https://pay.stripe.com/credit_notes/{number}/pdf",
        refunds=given_back,
        discount_amounts=[], pretax_credit_amounts=[], total_taxes=[],
    )  # fmt: skip
    line = new(
        account, "credit_note_line_item", "cnli", amount=amount, description="Goodwill", quantity=1,
        type="custom_line_item", unit_amount=amount, unit_amount_decimal=str(amount), metadata={},
        discount_amount=0, discount_amounts=[], pretax_credit_amounts=[], taxes=[], tax_rates=[],
    )  # fmt: skip
    note["lines"] = stripe_list([line], f"/v1/credit_notes/{note['id']}/lines")
    if after > refunded:
        customer = account.get("customer", invoice["customer"])
        entry = move_balance(account, customer, refunded - after, kind="credit_note",
                             credit_note=note["id"])  # fmt: skip
        note["customer_balance_transaction"] = entry["id"]
    account.add(note)
    lower(account, invoice, before_payment, after)
    return note


def lower(account: Account, invoice: Json, before: int, after: int) -> None:
    """Enter a credit note into its invoice; one that leaves nothing open is paid."""
    changes: Json = {
        "pre_payment_credit_notes_amount": invoice["pre_payment_credit_notes_amount"] + before,
        "post_payment_credit_notes_amount": invoice["post_payment_credit_notes_amount"] + after,
    }
    if before:
        changes |= {"amount_due": invoice["amount_due"] - before,
                    "amount_remaining": invoice["amount_remaining"] - before}  # fmt: skip
    account.modify(invoice, changes)
    if before and invoice["amount_remaining"] == 0:
        payments.cancel_open(account, invoice)
        payments.settle_without_payment(account, invoice)


def void_credit_note(account: Account, note: Json) -> None:
    """Take a credit note of an open invoice back."""
    invoice = account.get("invoice", note["invoice"])
    account.modify(note, {"status": "void", "voided_at": account.clock.now}, event="voided")
    lower(account, invoice, -note["pre_payment_amount"], -note["post_payment_amount"])


def dispute(account: Account, charge: Json, *, won: bool, days: int = 20) -> Json:
    """The bank takes the amount and a fee; it is decided after some days."""
    now = account.clock.now
    made = new(
        account, "dispute", "du", amount=charge["amount"], charge=charge["id"], metadata={},
        currency=charge["currency"], payment_intent=charge["payment_intent"], reason="fraudulent",
        status="needs_response", is_charge_refundable=False, network_reason_code="10.4",
        balance_transactions=[],
    )  # fmt: skip
    made["evidence_details"].update(due_by=now + 7 * DAY, submission_count=0, has_evidence=False)
    account.add(made, event="created")
    amount = settled(charge["amount"], charge["currency"])
    entry = enter(account, made, -amount, kind="adjustment", fee=DISPUTE_FEE)
    account.modify(made, {"balance_transactions": [entry["id"]]}, event="funds_withdrawn")
    account.modify(charge, {"disputed": True})
    account.plan(now + 3 * DAY, submit_evidence, made["id"])
    account.plan(now + days * DAY, decide, made["id"], won)
    return made


@task
def submit_evidence(account: Account, dispute_id: str) -> None:
    """The business answers."""
    made = account.get("dispute", dispute_id)
    if made["status"] == "needs_response":
        evidence = {"submission_count": 1, "has_evidence": True}
        account.modify(made, {"status": "under_review", "evidence_details": evidence})


@task
def decide(account: Account, dispute_id: str, won: bool) -> None:
    """Won, and the amount comes back, or lost."""
    made = account.get("dispute", dispute_id)
    if made["status"] not in ("needs_response", "under_review"):
        return
    if won:
        amount = settled(made["amount"], made["currency"])
        entry = enter(account, made, amount, kind="adjustment")
        entries: list[Any] = [*made["balance_transactions"], entry["id"]]
        account.modify(made, {"balance_transactions": entries}, event="funds_reinstated")
    account.modify(made, {"status": "won" if won else "lost"}, event="closed")
