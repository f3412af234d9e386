"""Where the rows of nested lists come from: inside the parent, or another list's by parent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stripe_source.simulator.api.errors import resource_missing
from stripe_source.simulator.api.filters import Filter
from stripe_source.simulator.api.registry import Rows, Special
from stripe_source.simulator.store.collection import at_path
from stripe_source.simulator.store.ordered import Ordered
from stripe_source.simulator.store.row import Row
from stripe_source.simulator.types import Json

if TYPE_CHECKING:
    from stripe_source.simulator.store.account import Account


def embedded(objects: list[Json]) -> Ordered:
    """Rows of an owned list, in the order in which the parent holds them."""
    last = len(objects)
    rows = []
    for number, obj in enumerate(objects):
        row = Row(obj.get("id") or str(number), (0, last - number))
        row.live = obj
        rows.append(row)
    return Ordered(rows)


def inside(name: str, field: str) -> Rows:
    """The rows under ``field`` of the parent; ``name`` is the parent's object name."""

    def rows(account: Account, values: Json) -> Ordered:
        parent = values["parent"]
        found = account.find(name, parent)
        if found is None:
            raise resource_missing(name, parent)
        owned: Json | None = found
        for key in field.split("."):
            owned = (owned or {}).get(key)
        return embedded((owned or {}).get("data", []))

    return rows


def beside(name: str, home: str, field: str) -> Rows:
    """The rows of the list at ``home`` whose ``field`` is the parent's id."""

    def rows(account: Account, values: Json) -> Ordered:
        parent = values["parent"]
        if account.find(name, parent) is None:
            raise resource_missing(name, parent)
        return account.collection(home).where(field, parent)

    return rows


def by_parent(account: Account, home: str, field: str, parent: Json, url: str) -> Json:
    """A list object of such rows, newest first, as an expanded field shows it."""
    rows = account.collection(home).where(field, at_path(parent, "id")).rows
    return {
        "object": "list",
        "data": [row.data for row in reversed(rows)],
        "has_more": False,
        "url": url,
    }


CUSTOMER = "/v1/customers/{customer}"
SPECIALS = [
    Special("/v1/invoices/{invoice}/lines", rows=inside("invoice", "lines")),
    Special("/v1/credit_notes/{credit_note}/lines", rows=inside("credit_note", "lines")),
    Special("/v1/application_fees/{id}/refunds", rows=inside("application_fee", "refunds")),
    Special("/v1/transfers/{id}/reversals", rows=inside("transfer", "reversals")),
    Special(
        "/v1/accounts/{account}/external_accounts", rows=inside("account", "external_accounts")
    ),
    Special(
        "/v1/checkout/sessions/{session}/line_items", rows=inside("checkout.session", "line_items")
    ),
    Special(
        "/v1/payment_links/{payment_link}/line_items", rows=inside("payment_link", "line_items")
    ),
    Special("/v1/quotes/{quote}/line_items", rows=inside("quote", "line_items")),
    Special(
        "/v1/quotes/{quote}/computed_upfront_line_items",
        rows=inside("quote", "computed.upfront.line_items"),
    ),
    Special(
        "/v1/payment_intents/{intent}/amount_details_line_items",
        rows=inside("payment_intent", "amount_details.line_items"),
    ),
    Special(f"{CUSTOMER}/tax_ids", rows=beside("customer", "/v1/tax_ids", "customer")),
    Special(
        f"{CUSTOMER}/payment_methods", rows=beside("customer", "/v1/payment_methods", "customer")
    ),
    Special(
        f"{CUSTOMER}/balance_transactions",
        rows=beside("customer", "#customer_balance_transaction", "customer"),
    ),
    Special(
        f"{CUSTOMER}/cash_balance_transactions",
        rows=beside("customer", "#customer_cash_balance_transaction", "customer"),
    ),
    Special(f"{CUSTOMER}/sources", rows=beside("customer", "#card", "customer")),
    Special(
        f"{CUSTOMER}/subscriptions",
        condition=lambda account, values: lambda row: row.data["status"] != "canceled",
        rows=beside("customer", "/v1/subscriptions", "customer"),
        objects=("subscription",),
    ),
    Special(
        "/v1/charges/{charge}/refunds",
        rows=beside("charge", "/v1/refunds", "charge"),
        objects=("refund",),
    ),
    Special("/v1/accounts/{account}/persons", rows=beside("account", "#person", "account")),
    Special(
        "/v1/accounts/{account}/capabilities", rows=beside("account", "#capability", "account")
    ),
    Special(
        "/v1/products/{product}/features", rows=beside("product", "#product_feature", "product")
    ),
    Special(
        "/v1/billing/meters/{id}/event_summaries",
        filters={
            "start_time": Filter(lambda row, low: bool(row.data["start_time"] >= low)),
            "end_time": Filter(lambda row, high: bool(row.data["end_time"] <= high)),
        },
        rows=beside("billing.meter", "#billing.meter_event_summary", "meter"),
    ),
    Special(
        "/v1/financial_connections/accounts/{account}/owners",
        rows=beside(
            "financial_connections.account", "#financial_connections.account_owner", "account"
        ),
    ),
    Special(
        "/v1/sources/{source}/source_transactions",
        rows=beside("source", "#source_transaction", "source"),
    ),
    Special(
        "/v1/tax/calculations/{calculation}/line_items",
        rows=inside("tax.calculation", "line_items"),
    ),
    Special(
        "/v1/tax/transactions/{transaction}/line_items",
        rows=inside("tax.transaction", "line_items"),
    ),
]
