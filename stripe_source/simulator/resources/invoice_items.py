"""Invoice items: made, changed (without an event) and deleted while they wait.

Source: https://docs.stripe.com/api/invoiceitems
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stripe_source.simulator.api.errors import ApiError, missing_parameter
from stripe_source.simulator.api.filters import Filter
from stripe_source.simulator.api.registry import Special
from stripe_source.simulator.billing import invoices
from stripe_source.simulator.billing.amounts import charge_for
from stripe_source.simulator.billing.lines import invoice_item_line, pricing
from stripe_source.simulator.billing.pending import claim
from stripe_source.simulator.billing.prorations import make_invoice_item
from stripe_source.simulator.resources.fields import changed_fields, new_fields
from stripe_source.simulator.resources.lookup import existing, referenced, tax_rates_exist
from stripe_source.simulator.resources.test_clocks import hide_test_clocks
from stripe_source.simulator.shapes import part
from stripe_source.simulator.store.row import Row
from stripe_source.simulator.types import Json

if TYPE_CHECKING:
    from stripe_source.simulator.store.account import Account

PLAIN = ("description", "discountable", "metadata", "period", "tax_rates")
"""Parameters that are fields of the item."""


def is_pending(row: Row, wanted: bool) -> bool:
    """A pending invoice item is on no invoice yet."""
    return bool((row.data["invoice"] is None) == wanted)


def create(account: Account, given: Json) -> Json:
    """An amount or a price with a quantity, for the next invoice or a named draft."""
    if not given.get("customer"):
        raise missing_parameter("customer")
    customer = referenced(account, "customer", given["customer"], "customer")
    tax_rates_exist(account, given, "tax_rates")
    draft = None
    if given.get("invoice"):
        draft = referenced(account, "invoice", given["invoice"], "invoice")
        must_be_draft(draft)
    price = (given.get("pricing") or {}).get("price")
    found = referenced(account, "price", price, "pricing[price]") if price else None
    if found is None and given.get("amount") is None:
        raise missing_parameter("amount")
    quantity = given.get("quantity", 1)
    amount = charge_for(found, quantity) if found else given["amount"]
    currency = given.get("currency") or (found or customer)["currency"] or "usd"
    values = new_fields("invoiceitem", {k: given[k] for k in PLAIN if k in given})
    values["quantity"] = quantity
    if found is not None:
        values["pricing"] = pricing("invoiceitem", found)
    if given.get("subscription"):
        values["parent"] = parent_of(account, given["subscription"])
    if customer["currency"] is None:
        account.modify(customer, {"currency": currency})
    made = make_invoice_item(account, customer["id"], amount, currency, **values)
    if draft is not None:
        account.ledger.pending_items[customer["id"]].remove(made["id"])
        invoices.put_lines(account, draft, [invoice_item_line(account, made)])
        claim(account, draft)
        account.emit("updated", draft, {})
    return made


def parent_of(account: Account, named: str) -> Json:
    """The subscription whose next invoice takes the item."""
    found = referenced(account, "subscription", named, "subscription")
    details = part("invoiceitem", "parent.subscription_details", subscription=found["id"])
    return {"subscription_details": details, "type": "subscription_details"}


def must_be_draft(invoice: Json) -> None:
    """Lines are added to drafts only."""
    if invoice["status"] != "draft":
        raise ApiError(400, "The invoice item can only be added to a draft invoice.",
                       code="invoice_not_editable", param="invoice")  # fmt: skip


def update(account: Account, given: Json, identifier: str) -> Json:
    """Change what still waits, also on a draft; Stripe has no event for the item."""
    item = pending(account, identifier)
    tax_rates_exist(account, given, "tax_rates")
    changes = changed_fields(item, {k: given[k] for k in PLAIN if k in given})
    for name in ("amount", "quantity"):
        if given.get(name) is not None:
            changes[name] = given[name]
    if "amount" in changes:
        changes["net_amount"] = changes["amount"]
    if "quantity" in changes:
        changes["quantity_decimal"] = str(changes["quantity"])
    account.modify(item, changes)
    draft = account.find("invoice", item["invoice"])
    if draft is not None:
        invoices.replace_item_line(account, draft, item, invoice_item_line(account, item))
    return item


def delete(account: Account, given: Json, identifier: str) -> Json:
    """Take back what still waits, also from a draft."""
    item = pending(account, identifier)
    draft = account.find("invoice", item["invoice"])
    if draft is not None:
        invoices.replace_item_line(account, draft, item, None)
    waiting = account.ledger.pending_items.get(item["customer"], [])
    if identifier in waiting:
        waiting.remove(identifier)
    return account.remove(item)


def pending(account: Account, identifier: str) -> Json:
    """An item that is on no finalized invoice."""
    item = existing(account, "invoiceitem", identifier)
    invoice = account.find("invoice", item["invoice"])
    if invoice is not None and invoice["status"] != "draft":
        raise ApiError(400, "Invoice items on a finalized invoice can't be changed.",
                       code="invoice_not_editable")  # fmt: skip
    return item


SPECIALS = [
    Special("/v1/invoiceitems", filters={"pending": Filter(is_pending)}, condition=hide_test_clocks)
]
UNDONE = {
    "POST /v1/invoiceitems": frozenset({"price_data"}),
    "POST /v1/invoiceitems/{}": frozenset({"price_data", "pricing"}),
}
OPERATIONS = {
    "POST /v1/invoiceitems": create,
    "POST /v1/invoiceitems/{}": update,
    "DELETE /v1/invoiceitems/{}": delete,
}
