"""Invoices: one payment in place of a list of them, and no ``parent``.

https://docs.stripe.com/changelog/basil/2025-03-31/add-support-for-multiple-partial-payments-on-invoices
and .../adds-new-parent-field-to-invoicing-objects.
"""

from __future__ import annotations

from typing import Any

from stripe_source.simulator.types import Json
from stripe_source.simulator.versions.lookup import Lookup, id_of, inner, resolved
from stripe_source.simulator.versions.y2024_06_20.subscriptions import single_discount
from stripe_source.simulator.versions.y2024_06_20.taxes import tax_amounts, total_tax


def invoice(obj: Json, lookup: Lookup) -> Json:
    """All that basil took from an invoice."""
    return {
        **parent(obj),
        **payment(obj, lookup),
        "discount": single_discount(obj, lookup),
        "tax": total_tax(obj.get("total_taxes")),
        "total_tax_amounts": tax_amounts(obj.get("total_taxes")),
    }


def parent(obj: Json) -> Json:
    """What the invoice came from: a subscription or a quote."""
    details = inner(obj, "parent", "subscription_details")
    return {
        "quote": inner(obj, "parent", "quote_details", "quote"),
        "subscription": inner(details, "subscription"),
        "subscription_details": details and {"metadata": details.get("metadata")},
        "subscription_proration_date": inner(details, "subscription_proration_date"),
    }


def payment(obj: Json, lookup: Lookup) -> Json:
    """How it was paid; the fee and the transfer are the payment intent's, as the changelog says."""
    rows = payments_of(obj, lookup)
    made = (default_payment(rows) or {}).get("payment") or {}
    reference = made.get("payment_intent")
    intent = resolved(reference, "payment_intent", lookup) or {}
    return {
        **amounts(obj, rows),
        "application_fee_amount": intent.get("application_fee_amount"),
        "charge": id_of(made.get("charge") or intent.get("latest_charge")),
        "payment_intent": reference,
        "transfer_data": transfer_data(intent),
    }


def payments_of(obj: Json, lookup: Lookup) -> list[Json]:
    """Its payments; an upcoming invoice has no id, and none."""
    shown: list[Json] | None = inner(obj, "payments", "data")
    if shown is not None:
        return shown
    return lookup.where("invoice_payment", "invoice", obj["id"]) if "id" in obj else []


def default_payment(rows: list[Json]) -> Json | None:
    """The invoice's own payment: an old client knew of no other; else the first; else None."""
    return next((row for row in rows if row.get("is_default")), next(iter(rows), None))


def amounts(obj: Json, rows: list[Json]) -> Json:
    """Whether it was paid, and what of it on Stripe: ``amount_paid`` held nothing else.

    What was paid and is in no payment on Stripe was paid out of band. ``amount_remaining`` stays
    "the difference between amount_due and amount_paid".
    """
    paid = obj["status"] == "paid"
    on_stripe = sum(row["amount_paid"] or 0 for row in rows if not record_of(row))
    elsewhere = max(obj["amount_paid"] - on_stripe, 0)
    return {
        "amount_paid": obj["amount_paid"] - elsewhere,
        "amount_remaining": obj["amount_remaining"] + elsewhere,
        "paid": paid,
        "paid_out_of_band": paid and elsewhere > 0,
    }


def record_of(row: Json) -> Any:
    """The payment record of a payment that was made elsewhere."""
    return inner(row, "payment", "payment_record")


def transfer_data(intent: Json) -> Json | None:
    """Of the intent's, what an invoice had."""
    data = intent.get("transfer_data")
    return data and {"amount": data.get("amount"), "destination": data.get("destination")}


CHANGES = {"invoice": invoice}
