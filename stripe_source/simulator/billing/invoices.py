"""The life of an invoice: drafted, finalized, and then paid, voided or given up.

Totals follow from the lines; the customer's balance is applied when it is finalized. Source:
https://docs.stripe.com/invoicing/overview and .../invoicing/customer/balance
"""

from __future__ import annotations

from typing import Any

from stripe_source.simulator.billing import discounts, payments
from stripe_source.simulator.billing.amounts import DAY
from stripe_source.simulator.billing.customer_balance import move_balance
from stripe_source.simulator.billing.lines import summed, tax_lines
from stripe_source.simulator.billing.making import new, stripe_list
from stripe_source.simulator.shapes import part
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.store.timeline import task
from stripe_source.simulator.types import Json

FINALIZED_AFTER = 3600
"""A renewal's invoice stays a draft for an hour."""


def draft(
    account: Account, customer: Json, lines: list[Json], *, subscription: Json | None = None,
    reason: str = "manual", event: str | None = "created", **values: Any,
) -> Json:  # fmt: skip
    """A draft of these lines; ``event`` of None makes a preview that is not stored."""
    now = account.clock.now
    invoice = new(
        account, "invoice", "in", customer=customer["id"], customer_name=customer["name"],
        customer_email=customer["email"], customer_address=customer["address"],
        customer_phone=customer["phone"], customer_shipping=customer["shipping"],
        customer_tax_exempt=customer["tax_exempt"], customer_tax_ids=[], account_country="US",
        account_name="Simulated Business", billing_reason=reason, auto_advance=True,
        collection_method="charge_automatically", period_start=now, period_end=now, status="draft",
        currency=customer["currency"] or "usd", metadata={}, default_tax_rates=[],
        discounts=[customer["discount"]] if customer["discount"] else [],
        issuer={"account": None, "type": "self"}, webhooks_delivered_at=now,
        test_clock=customer["test_clock"],
        total_discount_amounts=[], total_pretax_credit_amounts=[], total_taxes=[],
    )  # fmt: skip
    if subscription is not None:
        invoice.update(of_subscription(subscription, invoice["discounts"], now))
    invoice.update(values)
    invoice["lines"] = stripe_list([], f"/v1/invoices/{invoice['id']}/lines")
    put_lines(account, invoice, lines)
    if event:
        account.add(invoice, hidden={}, event=event)
    return invoice


def of_subscription(subscription: Json, discounts: list[str], now: int) -> Json:
    """What an invoice takes over from its subscription, whose discounts replace the customer's."""
    details = part("invoice", "parent.subscription_details", metadata=subscription["metadata"],
                   subscription=subscription["id"])  # fmt: skip
    days = subscription["days_until_due"]
    return {
        "parent": part("invoice", "parent", subscription_details=details,
                       type="subscription_details"),
        "currency": subscription["currency"],
        "discounts": list(subscription["discounts"]) or discounts,
        "default_tax_rates": list(subscription["default_tax_rates"]),
        "collection_method": subscription["collection_method"],
        "due_date": None if days is None else now + days * DAY,
    }  # fmt: skip


def put_lines(account: Account, invoice: Json, lines: list[Json]) -> None:
    """Add lines to a draft and work its totals out anew."""
    for each in lines:
        each["invoice"] = invoice["id"]
    rows = [*invoice["lines"]["data"], *lines]
    invoice["lines"]["data"] = rows
    if rows:
        invoice["period_start"] = min(r["period"]["start"] for r in rows)
        invoice["period_end"] = max(invoice["period_start"], account.clock.now)
    work_out(account, invoice)


def replace_item_line(account: Account, invoice: Json, item: Json, line: Json | None) -> None:
    """Put a draft's line of an invoice item anew, or take it out, and work the totals out."""
    invoice["total_discount_amounts"], invoice["total_taxes"] = [], []
    rows = []
    for row in invoice["lines"]["data"]:
        details = row["parent"][row["parent"]["type"]]
        if details["invoice_item"] != item["id"]:
            rows.append(row)
        elif line is not None:
            rows.append(line | {"id": row["id"], "invoice": invoice["id"]})
    invoice["lines"]["data"] = rows
    work_out(account, invoice)
    account.emit("updated", invoice, {})


def work_out(account: Account, invoice: Json) -> None:
    """Discounts, taxes and totals from the lines."""
    rows = invoice["lines"]["data"]
    if invoice["discounts"] or any(row["discounts"] or row["discount_amounts"] for row in rows):
        discounts.apply(account, rows, invoice["discounts"])
        invoice["total_discount_amounts"] = summed(rows, "discount_amounts", "discount")
    if invoice["default_tax_rates"] or any(row["taxes"] for row in rows):
        tax_lines(account, rows, invoice["default_tax_rates"])
        invoice["total_taxes"] = summed(rows, "taxes", "tax_rate_details")
    subtotal = sum(row["amount"] for row in rows)
    off = sum(each["amount"] for each in invoice["total_discount_amounts"])
    taxes = invoice["total_taxes"]
    added = sum(t["amount"] for t in taxes if t["tax_behavior"] == "exclusive")
    inside = sum(t["amount"] for t in taxes if t["tax_behavior"] == "inclusive")
    total = subtotal - off + added
    due = max(total, 0)
    invoice.update(
        subtotal=subtotal, subtotal_excluding_tax=subtotal - inside, total=total,
        total_excluding_tax=total - added - inside, amount_due=due, amount_remaining=due,
        starting_balance=0,
    )  # fmt: skip


@task
def finalize_due(account: Account, invoice_id: str) -> None:
    """The hour is over: finalize and collect, unless somebody did or it waits."""
    invoice = account.find("invoice", invoice_id)
    if invoice is None or account.find("customer", invoice["customer"]) is None:
        return
    if invoice["status"] == "draft" and invoice["auto_advance"]:
        finalize(account, invoice)
        advance(account, invoice)


def finalize(account: Account, invoice: Json) -> None:
    """Give it a number and apply the customer's balance; with nothing due it is paid."""
    now = account.clock.now
    customer = account.get("customer", invoice["customer"])
    sequence = customer["next_invoice_sequence"] or 1
    customer["next_invoice_sequence"] = sequence + 1
    apply_balance(account, customer, invoice)
    changes = {
        "status": "open",
        "effective_at": now,
        "number": f"{customer['invoice_prefix']}-{sequence:04d}",
        "status_transitions": {"finalized_at": now},
        "hosted_invoice_url": f"https://invoice.stripe.com/i/{invoice['id']}",
        "invoice_pdf": f"https://pay.stripe.com/invoice/{invoice['id']}/pdf",
    }
    account.modify(invoice, changes, event="finalized")
    if invoice["amount_due"] == 0:
        payments.settle_without_payment(account, invoice)


def apply_balance(account: Account, customer: Json, invoice: Json) -> None:
    """A credit pays for the invoice, a debt is added to it; a negative total becomes a credit."""
    before = customer["balance"]
    total = invoice["total"]
    due = max(total + before, 0)
    used = due - total
    invoice.update(starting_balance=before, ending_balance=before - used, amount_due=due,
                   amount_remaining=due)  # fmt: skip
    if used:
        move_balance(account, customer, -used, kind="applied_to_invoice", invoice=invoice["id"])


def advance(account: Account, invoice: Json) -> None:
    """What Stripe does with an open invoice by itself: charge it, or send it and wait."""
    if invoice["status"] != "open":
        return
    if invoice["collection_method"] == "charge_automatically":
        payments.collect(account, invoice)
    else:
        send(account, invoice)


def send(account: Account, invoice: Json) -> None:
    """Send it; when it is due and still open it is overdue."""
    due = invoice["due_date"] or account.clock.now + 30 * DAY
    account.modify(invoice, {"due_date": due}, event="sent")
    account.ledger.sent_invoices.append(invoice["id"])
    account.plan(due, overdue, invoice["id"])


@task
def overdue(account: Account, invoice_id: str) -> None:
    """Past its due date."""
    invoice = account.find("invoice", invoice_id)
    if invoice and invoice["status"] == "open":
        account.emit("overdue", invoice)


def void(account: Account, invoice: Json) -> None:
    """It counts as never issued."""
    close(account, invoice, "void", "voided_at", "voided")


def give_up(account: Account, invoice: Json) -> None:
    """Mark it uncollectible."""
    close(account, invoice, "uncollectible", "marked_uncollectible_at", "marked_uncollectible")


def close(account: Account, invoice: Json, status: str, field: str, event: str) -> None:
    """End an open invoice without payment."""
    changes = {
        "status": status,
        "auto_advance": False,
        "next_payment_attempt": None,
        "status_transitions": {field: account.clock.now},
    }
    payments.cancel_open(account, invoice)
    account.modify(invoice, changes, event=event)
