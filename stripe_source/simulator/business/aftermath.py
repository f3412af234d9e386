"""What follows payments: refunds, credit notes, disputes and payouts."""

from __future__ import annotations

from stripe_source.simulator.business.books import DAY, Books
from stripe_source.simulator.business.payments import enter, settled
from stripe_source.simulator.shapes import blank, part
from stripe_source.simulator.types import Json

WEEK = 7 * DAY


def refund_some(books: Books) -> None:
    """Of the paid charges, four in a hundred are refunded and one is disputed."""
    by_intent = {p["payment"]["payment_intent"]: p["invoice"]
                 for p in books.account.objects("/v1/invoice_payments")}  # fmt: skip
    paid = [c for c in reversed(books.account.objects("/v1/charges")) if c["paid"]]
    for number, charge in enumerate(paid):
        at = min(charge["created"] + books.rng.randrange(3600, 20 * DAY), books.now)
        if number % 25 == 3:
            refund(books, charge, by_intent[charge["payment_intent"]], at, whole=number % 2 == 0)
        elif number % 100 == 7:
            dispute(books, charge, at, lost=number % 200 == 7)


def refund(books: Books, charge: Json, invoice_id: str, at: int, *, whole: bool) -> None:
    """A refund; a partial one comes with a credit note."""
    amount = charge["amount"] if whole else max(charge["amount"] // 3, 1)
    made = books.new(
        "refund", "re", at, amount=amount, charge=charge["id"], currency=charge["currency"],
        customer=charge["customer"], payment_intent=charge["payment_intent"], metadata={},
        payment_method=charge["payment_method"], reason="requested_by_customer", status="succeeded",
    )  # fmt: skip
    entry = enter(books, made, at, -settled(amount, charge["currency"]), kind="refund")
    made["balance_transaction"] = entry["id"]
    books.keep(made, at)
    before = {"amount_refunded": charge["amount_refunded"], "refunded": False}
    charge.update(amount_refunded=amount, refunded=whole)
    books.tell("refunded", charge, at, before)
    if not whole:
        credit_note(books, made, invoice_id, at)


def credit_note(books: Books, refunded: Json, invoice_id: str, at: int) -> None:
    """A credit note over a refund."""
    invoice = books.account.find("invoice", invoice_id) or {}
    amount = refunded["amount"]
    note = books.new(
        "credit_note", "cn", at, amount=amount, currency=refunded["currency"], metadata={},
        customer=refunded["customer"], invoice=invoice["id"], number=f"{invoice['number']}-CN-01",
        reason="product_unsatisfactory", status="issued", subtotal=amount, total=amount,
        subtotal_excluding_tax=amount, total_excluding_tax=amount, type="post_payment",
        post_payment_amount=amount, effective_at=at,
        pdf=f"https://pay.stripe.com/credit_notes/{invoice['id']}/pdf",
        refunds=[part("credit_note", "refunds", amount_refunded=amount, refund=refunded["id"],
                      type="refund")],
    )  # fmt: skip
    line = books.new(
        "credit_note_line_item", "cnli", at, amount=amount, description="Goodwill", quantity=1,
        invoice_line_item=None, type="custom_line_item", unit_amount=amount, metadata={},
        unit_amount_decimal=str(amount),
    )  # fmt: skip
    url = f"/v1/credit_notes/{note['id']}/lines"
    note["lines"] = {"object": "list", "data": [line], "has_more": False, "url": url}
    books.keep(note, at)
    previous = {"post_payment_credit_notes_amount": invoice["post_payment_credit_notes_amount"]}
    invoice["post_payment_credit_notes_amount"] += amount
    books.tell("updated", invoice, at, previous)


def dispute(books: Books, charge: Json, at: int, *, lost: bool) -> None:
    """A dispute takes the amount and a fee; a won one gives the amount back."""
    made = books.new(
        "dispute", "du", at, amount=charge["amount"], charge=charge["id"], metadata={},
        currency=charge["currency"], payment_intent=charge["payment_intent"], reason="fraudulent",
        status="lost" if lost else "won", is_charge_refundable=False, network_reason_code="10.4",
    )  # fmt: skip
    made["evidence_details"].update(due_by=at + 7 * DAY, submission_count=1, has_evidence=True,
                                    submission_method="manual")  # fmt: skip
    amount = settled(charge["amount"], charge["currency"])
    entries = [enter(books, made, at, -amount, kind="adjustment", fee=1500)]
    if not lost:
        entries.append(enter(books, made, min(at + 5 * DAY, books.now), amount, kind="adjustment"))
    made["balance_transactions"] = entries
    charge["disputed"] = True
    books.keep(made, at)
    books.tell("closed", made, min(at + 5 * DAY, books.now))


def pay_out(books: Books) -> None:
    """Every week and currency, what has become available goes to the bank."""
    bank = blank("bank_account", id=books.account.ids.new("ba"), bank_name="STRIPE TEST BANK",
                 country="US", currency="usd", last4="6789", status="verified",
                 account=books.account.id)  # fmt: skip
    books.account.put("bank_account", bank, at=books.start)
    due: dict[tuple[int, str], list[Json]] = {}
    for entry in reversed(books.account.objects("/v1/balance_transactions")):
        week = entry["available_on"] // WEEK * WEEK + WEEK
        if week < books.now:
            due.setdefault((week, entry["currency"]), []).append(entry)
    for (at, currency), entries in sorted(due.items()):
        amount = sum(e["net"] for e in entries)
        if amount > 0:
            make_payout(books, bank["id"], amount, currency, at, entries)


def make_payout(
    books: Books, bank: str, amount: int, currency: str, at: int, entries: list[Json]
) -> None:
    """One payout with its own balance transaction; it knows what it paid out."""
    arrival = at + 2 * DAY
    payout = books.new(
        "payout", "po", at, amount=amount, arrival_date=arrival, automatic=True, currency=currency,
        description="STRIPE PAYOUT", destination=bank, metadata={}, method="standard",
        reconciliation_status="completed", source_type="card", type="bank_account",
        status="paid" if arrival <= books.now else "in_transit",
        trace_id={"status": "supported", "value": f"TRACE{at}"},
    )  # fmt: skip
    own = enter(books, payout, at, -amount, kind="payout")
    own.update(available_on=at, status="available")
    payout["balance_transaction"] = own["id"]
    books.keep(payout, at)
    if arrival <= books.now:
        books.tell("paid", payout, arrival)
    collection = books.account.collection("/v1/balance_transactions")
    for entry in [*entries, own]:
        collection.by_id[entry["id"]].hidden = {"payout": payout["id"]}
