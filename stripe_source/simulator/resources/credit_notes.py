"""Credit notes on finalized invoices.

Source: https://docs.stripe.com/api/credit_notes
"""

from __future__ import annotations

from stripe_source.simulator.api.errors import ApiError, missing_parameter
from stripe_source.simulator.billing import aftermath, payments
from stripe_source.simulator.resources.fields import changed_fields
from stripe_source.simulator.resources.lookup import at_least_one, existing, referenced
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.types import Json


def create(account: Account, given: Json) -> Json:
    """An amount off an open invoice, or back from a paid one: refunded or credited."""
    invoice = referenced(account, "invoice", given["invoice"], "invoice")
    lines = given.get("lines") or []
    amount = given.get("amount") or sum(amount_of(line) for line in lines)
    if not amount:
        raise missing_parameter("amount")
    if invoice["status"] not in ("open", "paid"):
        raise ApiError(400, "You can only create credit notes for open or paid invoices.")
    notes = invoice["pre_payment_credit_notes_amount"] + invoice["post_payment_credit_notes_amount"]
    most = invoice["amount_remaining"] if invoice["status"] == "open" else invoice["total"] - notes
    if not 0 < amount <= most:
        raise ApiError(400, f"The credit note amount ({amount}) can't be more than what is left "
                       f"of the invoice ({most}).", param="amount")  # fmt: skip
    refunds = []
    if given.get("refund_amount") is not None:
        at_least_one(given["refund_amount"], "refund_amount")
        if invoice["status"] != "paid" or given["refund_amount"] > amount:
            raise ApiError(400, "The refund amount can't be more than the credit note's part of "
                           "what was paid.", param="refund_amount")  # fmt: skip
        refunds = [refund_for(account, invoice, given["refund_amount"])]
    if invoice["status"] == "paid" and given.get("refund_amount", 0) < amount:
        referenced(account, "customer", invoice["customer"], "customer")  # whose balance it goes to
    return aftermath.credit_note(account, invoice, amount, refunds=refunds,
                                 reason=given.get("reason"), memo=given.get("memo"),
                                 metadata=given.get("metadata"))  # fmt: skip


def amount_of(line: Json) -> int:
    """What one line credits."""
    return int(line.get("amount") or line.get("unit_amount", 0) * line.get("quantity", 1))


def refund_for(account: Account, invoice: Json, amount: int) -> Json:
    """A refund of the charge that paid the invoice."""
    charge = payments.charge_of(account, invoice)
    if charge is None or amount > charge["amount"] - charge["amount_refunded"]:
        raise ApiError(400, "The refund amount can't be more than what was paid.",
                       param="refund_amount")  # fmt: skip
    return aftermath.refund(account, charge, amount)


def update(account: Account, given: Json, identifier: str) -> Json:
    """Memo and metadata."""
    note = existing(account, "credit_note", identifier)
    fields = {k: v for k, v in given.items() if k in ("memo", "metadata")}
    return account.modify(note, changed_fields(note, fields))


def void(account: Account, given: Json, identifier: str) -> Json:
    """Take one of an open invoice back."""
    note = existing(account, "credit_note", identifier)
    invoice = account.get("invoice", note["invoice"])
    if note["status"] == "void" or invoice["status"] != "open":
        raise ApiError(400, "You can only void credit notes of open invoices.")
    aftermath.void_credit_note(account, note)
    return note


OPERATIONS = {
    "POST /v1/credit_notes": create,
    "POST /v1/credit_notes/{}": update,
    "POST /v1/credit_notes/{}/void": void,
}
