"""Invoices, their payments, charges, refunds and balance transactions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stripe_source.simulator.api.filters import Filter, equal
from stripe_source.simulator.api.registry import Special
from stripe_source.simulator.resources.nesting import by_parent
from stripe_source.simulator.search.fields import METADATA, NUMERIC, STRING, TOKEN
from stripe_source.simulator.store.row import Row
from stripe_source.simulator.types import Json

if TYPE_CHECKING:
    from stripe_source.simulator.store.account import Account


def payments(account: Account, invoice: Json) -> Json:
    """``invoice.payments``."""
    url = f"/v1/invoice_payments?invoice={invoice['id']}"
    return by_parent(account, "/v1/invoice_payments", "invoice", invoice, url)


def refunds(account: Account, charge: Json) -> Json:
    """``charge.refunds``."""
    url = f"/v1/charges/{charge['id']}/refunds"
    return by_parent(account, "/v1/refunds", "charge", charge, url)


def pays_with(row: Row, payment: Json) -> bool:
    """``payment[type]`` and ``payment[payment_intent]`` of an invoice payment."""
    return all(row.data["payment"].get(key) == value for key, value in payment.items())


def is_pending(row: Row, wanted: bool) -> bool:
    """A pending invoice item is on no invoice yet."""
    return bool((row.data["invoice"] is None) == wanted)


def refund_token(charge: Json) -> bool | None:
    """``refunded`` as search sees it: null where there is nothing that could be refunded."""
    return bool(charge["refunded"]) if charge["paid"] else None


INCLUDES = {"invoice": {"payments": payments}, "charge": {"refunds": refunds}}
SPECIALS = [
    Special(
        "/v1/invoices", filters={"subscription": equal("parent.subscription_details.subscription")}
    ),
    Special("/v1/invoice_payments", filters={"payment": Filter(pays_with)}),
    Special("/v1/invoiceitems", filters={"pending": Filter(is_pending)}),
    Special("/v1/balance_transactions", filters={"payout": equal("payout")}),
]

CARDS = ("card", "card_present", "interac_present")
CARD_FIELDS = ("last4", "exp_month", "exp_year", "brand", "fingerprint", "reader", "location")
SEARCH = {
    "charge": {
        "amount": NUMERIC,
        "billing_details.address.postal_code": TOKEN,
        "created": NUMERIC,
        "currency": TOKEN,
        "customer": TOKEN,
        "disputed": TOKEN,
        "metadata": METADATA,
        "refunded": TOKEN.by(refund_token),
        "status": TOKEN,
        **{
            f"payment_method_details.{card}.{name}": TOKEN for card in CARDS for name in CARD_FIELDS
        },
    },
    "payment_intent": {
        "amount": NUMERIC,
        "created": NUMERIC,
        "currency": TOKEN,
        "customer": TOKEN,
        "metadata": METADATA,
        "status": TOKEN,
    },
    "invoice": {
        "created": NUMERIC,
        "currency": TOKEN,
        "customer": TOKEN,
        "last_finalization_error_code": TOKEN.at("last_finalization_error.code"),
        "last_finalization_error_type": TOKEN.at("last_finalization_error.type"),
        "metadata": METADATA,
        "number": STRING,
        "receipt_number": STRING,
        "status": STRING,
        "subscription": STRING.at("parent.subscription_details.subscription"),
        "total": NUMERIC,
    },
}
"""https://docs.stripe.com/search#query-fields-for-charges and its neighbours."""
