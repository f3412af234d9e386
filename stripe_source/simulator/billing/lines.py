"""Lines of invoices: from subscription items, from pending invoice items, and their taxes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from stripe_source.simulator.billing.amounts import charge_for, rounded
from stripe_source.simulator.billing.making import new
from stripe_source.simulator.shapes import part
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.types import Json


def item_line(
    account: Account, item: Json, quantity: int, start: int, end: int, currency: str
) -> Json:
    """The line of a subscription item for one period."""
    price = account.get("price", item["price"])
    text = f"{quantity} x {price['nickname'] or 'unit'}"
    parent = part(
        "line_item", "parent.subscription_item_details", invoice_item=None, proration=False,
        subscription=item["subscription"], subscription_item=item["id"],
    )  # fmt: skip
    return line(
        account, charge_for(price, quantity), currency, text,
        period={"start": start, "end": end}, quantity=quantity, pricing=pricing("line_item", price),
        discounts=list(item["discounts"]), subscription=item["subscription"],
        parent={"invoice_item_details": None, "subscription_item_details": parent,
                "type": "subscription_item_details"},
    )  # fmt: skip


def invoice_item_line(account: Account, item: Json) -> Json:
    """The line that a pending invoice item becomes."""
    details = (item["parent"] or {}).get("subscription_details")
    parent: Json = {"invoice_item_details": None, "subscription_item_details": None}
    if details and details["subscription_item"]:
        parent["type"] = "subscription_item_details"
        parent["subscription_item_details"] = part(
            "line_item", "parent.subscription_item_details", invoice_item=item["id"],
            proration=item["proration"], subscription=details["subscription"],
            subscription_item=details["subscription_item"],
        )  # fmt: skip
    else:
        parent["type"] = "invoice_item_details"
        parent["invoice_item_details"] = part(
            "line_item", "parent.invoice_item_details", invoice_item=item["id"],
            proration=item["proration"], subscription=details and details["subscription"],
        )  # fmt: skip
    return line(
        account, item["amount"], item["currency"], item["description"], parent=parent,
        period=dict(item["period"]), quantity=item["quantity"], metadata=dict(item["metadata"]),
        pricing=item["pricing"] and dict(item["pricing"]), discountable=item["discountable"],
        discounts=list(item["discounts"] or ()),
        subscription=details and details["subscription"],
    )  # fmt: skip


def line(account: Account, amount: int, currency: str, description: Any, **values: Any) -> Json:
    """A line item; its invoice's id is filled in where it is put."""
    made = new(
        account, "line_item", "il", amount=amount, subtotal=amount, currency=currency,
        description=description, discountable=True, metadata={}, pretax_credit_amounts=[],
        discounts=[], discount_amounts=[], taxes=[],
    ) | values  # fmt: skip
    made["quantity_decimal"] = None if made["quantity"] is None else str(made["quantity"])
    return made


def pricing(name: str, price: Json) -> Json:
    """Which price a line or an item charges."""
    details = {"price": price["id"], "product": price["product"]}
    return part(name, "pricing", price_details=details, type="price_details",
                unit_amount_decimal=price["unit_amount_decimal"])  # fmt: skip


def tax_lines(account: Account, lines: list[Json], rates: list[str]) -> None:
    """Write each line's taxes, of what its discounts leave."""
    chosen = [account.get("tax_rate", rate) for rate in rates]
    for each in lines:
        off = sum(d["amount"] for d in each["discount_amounts"])
        each["taxes"] = [tax(rate, each["amount"] - off) for rate in chosen]


def tax(rate: Json, amount: int) -> Json:
    """One rate on one amount: added to it, or contained in it."""
    share = Decimal(str(rate["percentage"])) / 100
    part_of_it = amount - amount / (1 + share) if rate["inclusive"] else amount * share
    made = rounded(part_of_it)
    return {"amount": made, "tax_behavior": "inclusive" if rate["inclusive"] else "exclusive",
            "tax_rate_details": {"tax_rate": rate["id"]}, "taxability_reason": "standard_rated",
            "taxable_amount": amount - made if rate["inclusive"] else amount,
            "type": "tax_rate_details"}  # fmt: skip


def summed(lines: list[Json], field: str, key: str) -> list[Json]:
    """The lines' amounts added up by discount or by tax rate."""
    sums: dict[str, Json] = {}
    for each in lines:
        for entry in each[field]:
            name = str(entry[key])
            if name in sums:
                sums[name]["amount"] += entry["amount"]
                if "taxable_amount" in entry:
                    sums[name]["taxable_amount"] += entry["taxable_amount"]
            else:
                sums[name] = dict(entry)
    return list(sums.values())
