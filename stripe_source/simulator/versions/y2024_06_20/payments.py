"""Charges and payment intents: ``invoice``, which basil turned into a list of invoice payments.

https://docs.stripe.com/changelog/basil/2025-03-31/add-support-for-multiple-partial-payments-on-invoices
"""

from __future__ import annotations

from stripe_source.simulator.types import Json
from stripe_source.simulator.versions.lookup import Lookup, id_of, inner


def charge(obj: Json, lookup: Lookup) -> Json:
    """The invoice that its payment intent paid, or that it paid by itself."""
    intent = id_of(obj.get("payment_intent"))
    return {"invoice": paid_by("payment_intent", intent, lookup) if intent is not None
            else paid_by("charge", obj["id"], lookup)}  # fmt: skip


def payment_intent(obj: Json, lookup: Lookup) -> Json:
    """The invoice that it paid."""
    return {"invoice": paid_by("payment_intent", obj["id"], lookup)}


def paid_by(kind: str, identifier: str, lookup: Lookup) -> str | None:
    """The id of the invoice with such a payment."""
    found = lookup.where("invoice_payment", f"payment.{kind}", identifier)
    return id_of(inner(found[0], "invoice")) if found else None


CHANGES = {"charge": charge, "payment_intent": payment_intent}
