"""Invoices whose totals equal their lines: renewals, prorations, discounts and tax."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from stripe_source.simulator.business.books import DAY, Books
from stripe_source.simulator.business.payments import pay, take_payment
from stripe_source.simulator.shapes import part
from stripe_source.simulator.types import Json


@dataclass
class Line:
    """What one line of an invoice charges."""

    amount: int
    description: str
    price: Json
    quantity: int
    start: int
    end: int
    item: Json | None = None
    invoice_item: Json | None = None


def tiered_amount(price: Json, quantity: int) -> int:
    """The amount of a tiered price; the last tier has no end."""
    total: int = 0
    before: int = 0
    for tier in price["tiers"]:
        end = tier["up_to"]
        last = end is None or quantity <= end
        if price["tiers_mode"] == "volume":
            if last:
                return int(quantity * tier["unit_amount"] + (tier["flat_amount"] or 0))
            continue
        inside = (quantity if last else end) - before
        total += inside * tier["unit_amount"] + (tier["flat_amount"] or 0)
        if last:
            return total
        before = end
    return total


def item_lines(books: Books, items: list[Json], start: int, end: int) -> list[Line]:
    """One line for each item; what is metered gets a usage."""
    return [item_line(books, item, start, end) for item in items]


def item_line(books: Books, item: Json, start: int, end: int) -> Line:
    """The line of one item for one period."""
    price = item["price"]
    quantity = item["quantity"] or books.rng.randrange(1, 2000)
    flat = price["unit_amount"]
    amount = tiered_amount(price, quantity) if flat is None else flat * quantity
    return Line(amount, f"{quantity} x {price['nickname']}", price, quantity, start, end, item)


def proration(
    books: Books, customer: Json, item: Json, new: Json, at: int, end: int, left: float
) -> list[Line]:
    """The credit for what is unused and the charge for the rest, as pending invoice items."""
    old, count = item["price"], item["quantity"] or 1
    credit = -round(old["unit_amount"] * count * left)
    debit = round(new["unit_amount"] * count * left)
    lines = [
        Line(credit, f"Unused time on {old['nickname']}", old, count, at, end, item),
        Line(debit, f"Remaining time on {new['nickname']}", new, count, at, end, item),
    ]
    for line in lines:
        line.invoice_item = make_invoice_item(books, customer, line, at, prorated=True)
    return lines


def make_invoice_item(
    books: Books, customer: Json, line: Line, at: int, *, prorated: bool = False
) -> Json:
    """A pending invoice item."""
    item = books.new(
        "invoiceitem", "ii", at, amount=line.amount, net_amount=line.amount, date=at,
        currency=line.price["currency"], customer=customer["id"], description=line.description,
        discountable=not prorated, metadata={}, period={"start": line.start, "end": line.end},
        pricing=pricing("invoiceitem", line), proration=prorated, quantity=line.quantity,
        quantity_decimal=str(line.quantity), discounts=[], tax_rates=[], invoicing_rules=[],
    )  # fmt: skip
    if line.item is not None:
        details = part(
            "invoiceitem",
            "parent.subscription_details",
            subscription=line.item["subscription"],
            subscription_item=line.item["id"],
        )
        item["parent"] = {"subscription_details": details, "type": "subscription_details"}
    return books.keep(item, at)


def pricing(name: str, line: Line) -> Json:
    """Which price a line or an item charges."""
    details = {"price": line.price["id"], "product": line.price["product"]}
    unit = None if line.price["unit_amount"] is None else str(line.price["unit_amount"])
    return part(name, "pricing", price_details=details, type="price_details",
                unit_amount_decimal=unit)  # fmt: skip


def bill(
    books: Books,
    customer: Json,
    lines: list[Line],
    at: int,
    *,
    subscription: Json | None = None,
    reason: str = "manual",
    outcome: str = "paid",
) -> Json:
    """An invoice for the lines, brought to its outcome.

    That is draft, open, overdue, paid, void or uncollectible. A paid one has its payment, charge
    and balance transaction.
    """
    invoice = draft(books, customer, at, subscription, reason)
    fill_lines(books, invoice, lines, subscription)
    books.keep(invoice, at)
    if outcome == "draft":
        return invoice
    finalized = at if reason == "subscription_create" else min(at + 3600, books.now)
    invoice.update(status="open", effective_at=finalized, number=number_of(customer))
    invoice["status_transitions"]["finalized_at"] = finalized
    invoice["hosted_invoice_url"] = f"https://invoice.stripe.com/i/{invoice['id']}"
    invoice["invoice_pdf"] = f"https://pay.stripe.com/invoice/{invoice['id']}/pdf"
    books.tell("finalized", invoice, finalized, {"status": "draft"})
    settle(books, customer, invoice, finalized, outcome)
    return invoice


def settle(books: Books, customer: Json, invoice: Json, at: int, outcome: str) -> None:
    """From open to the outcome."""
    steps = invoice["status_transitions"]
    if outcome == "paid":
        pay(books, customer, invoice, at)
    elif outcome in ("void", "uncollectible"):
        field = {"void": "voided_at", "uncollectible": "marked_uncollectible_at"}[outcome]
        steps[field] = at = min(at + DAY, books.now)
        invoice["status"] = outcome
        action = {"void": "voided", "uncollectible": "marked_uncollectible"}[outcome]
        books.tell(action, invoice, at, {"status": "open"})
    elif outcome == "overdue":
        invoice.update(collection_method="send_invoice", due_date=at + 7 * DAY)
        books.tell("sent", invoice, at)
    else:
        invoice.update(attempted=True, attempt_count=1, next_payment_attempt=books.now + 3 * DAY)
        take_payment(books, customer, invoice, at, succeeds=False)
        books.tell("payment_failed", invoice, at)


def draft(books: Books, customer: Json, at: int, subscription: Json | None, reason: str) -> Json:
    """An empty draft."""
    invoice = books.new(
        "invoice", "in", at, customer=customer["id"], customer_name=customer["name"],
        customer_email=customer["email"], customer_address=customer["address"],
        customer_tax_exempt="none", customer_tax_ids=[], account_country="US",
        account_name="Simulated Business", billing_reason=reason, auto_advance=True,
        collection_method="charge_automatically", currency=customer["currency"], period_start=at,
        period_end=at, status="draft", metadata={}, default_tax_rates=[], discounts=[],
        issuer={"account": None, "type": "self"}, ending_balance=0, webhooks_delivered_at=at,
        total_discount_amounts=[], total_pretax_credit_amounts=[], total_taxes=[],
    )  # fmt: skip
    if subscription is not None:
        details = part("invoice", "parent.subscription_details", metadata=subscription["metadata"],
                       subscription=subscription["id"])  # fmt: skip
        invoice["parent"] = part("invoice", "parent", subscription_details=details,
                                 type="subscription_details")  # fmt: skip
        invoice["currency"] = subscription["currency"]
        invoice["discounts"] = list(subscription["discounts"])
        invoice["default_tax_rates"] = list(subscription["default_tax_rates"])
    return invoice


def number_of(customer: Json) -> str:
    """The customer's next invoice number."""
    sequence = customer["next_invoice_sequence"]
    customer["next_invoice_sequence"] = sequence + 1
    return f"{customer['invoice_prefix']}-{sequence:04d}"


def fill_lines(books: Books, invoice: Json, lines: list[Line], subscription: Json | None) -> None:
    """Lines and the totals that follow from them."""
    percent = discount_percent(books, invoice["discounts"])
    rows = [make_line(books, invoice, line, percent) for line in lines]
    invoice["lines"] = {
        "object": "list",
        "data": rows,
        "has_more": False,
        "url": f"/v1/invoices/{invoice['id']}/lines",
    }
    if lines:
        invoice["period_start"] = min(invoice["period_start"], lines[-1].start)
    subtotal = sum(r["amount"] for r in rows)
    off = sum(d["amount"] for r in rows for d in r["discount_amounts"])
    taxes = sum(t["amount"] for r in rows for t in r["taxes"])
    total = subtotal - off + taxes
    if off:
        amount = {"amount": off, "discount": invoice["discounts"][0]}
        invoice["total_discount_amounts"] = [amount]
    if invoice["default_tax_rates"]:
        invoice["total_taxes"] = [tax(books, subtotal - off, taxes)]
    invoice.update(subtotal=subtotal, subtotal_excluding_tax=subtotal, total=total,
                   total_excluding_tax=subtotal - off, amount_due=total, amount_remaining=total,
                   starting_balance=0)  # fmt: skip


def discount_percent(books: Books, discounts: list[str]) -> float:
    """What the invoice's discount takes off, in percent."""
    if not discounts:
        return 0.0
    discount = books.account.find("discount", discounts[0]) or {}
    coupon = books.account.find("coupon", discount["source"]["coupon"]) or {}
    return float(coupon.get("percent_off") or 0.0)


def make_line(books: Books, invoice: Json, line: Line, percent: float) -> Json:
    """One line with its share of discount and tax."""
    off = round(line.amount * percent / 100) if line.amount > 0 else 0
    taxable = line.amount - off
    row = books.new(
        "line_item", "il", invoice["created"], amount=line.amount, subtotal=line.amount,
        currency=invoice["currency"], description=line.description, invoice=invoice["id"],
        discountable=line.invoice_item is None, metadata={}, pricing=pricing("line_item", line),
        period={"start": line.start, "end": line.end}, quantity=line.quantity,
        quantity_decimal=str(line.quantity), pretax_credit_amounts=[],
        discounts=list(invoice["discounts"]), discount_amounts=[], taxes=[],
        parent=line_parent(line), subscription=line.item and line.item["subscription"],
    )  # fmt: skip
    if off:
        row["discount_amounts"] = [{"amount": off, "discount": invoice["discounts"][0]}]
    if invoice["default_tax_rates"]:
        row["taxes"] = [tax(books, taxable, round(taxable * 0.2))]
    if line.invoice_item is not None:
        line.invoice_item["invoice"] = invoice["id"]
    return row


def tax(books: Books, taxable: int, amount: int) -> Json:
    """A tax amount of the one rate."""
    details = {"tax_rate": books.tax_rate["id"]}
    return {"amount": amount, "tax_behavior": "exclusive", "tax_rate_details": details,
            "taxability_reason": "standard_rated", "taxable_amount": taxable,
            "type": "tax_rate_details"}  # fmt: skip


def line_parent(line: Line) -> Json:
    """What a line comes from: a subscription item or an invoice item."""
    prorated = line.invoice_item is not None and line.item is not None
    item = line.invoice_item and line.invoice_item["id"]
    made: dict[str, Any] = {"invoice_item_details": None, "subscription_item_details": None}
    if line.item is not None:
        made["type"] = "subscription_item_details"
        made["subscription_item_details"] = part(
            "line_item", "parent.subscription_item_details", invoice_item=item, proration=prorated,
            subscription=line.item["subscription"], subscription_item=line.item["id"],
        )  # fmt: skip
    else:
        made["type"] = "invoice_item_details"
        made["invoice_item_details"] = part(
            "line_item", "parent.invoice_item_details", invoice_item=item, proration=False
        )
    return made
