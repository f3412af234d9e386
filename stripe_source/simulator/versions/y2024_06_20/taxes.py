"""Tax amounts: ``taxes`` and ``total_taxes`` were ``tax_amounts`` and ``total_tax_amounts``.

https://docs.stripe.com/changelog/basil/2025-03-31/invoice-tax-configurations
"""

from __future__ import annotations

from decimal import Decimal

from stripe_source.simulator.types import Json
from stripe_source.simulator.versions.lookup import Lookup, inner


def tax_amounts(taxes: list[Json] | None) -> list[Json]:
    """``[{amount, inclusive, tax_rate, taxability_reason, taxable_amount}]``; never null."""
    return [
        {
            "amount": tax["amount"],
            "inclusive": tax["tax_behavior"] == "inclusive",
            "tax_rate": inner(tax, "tax_rate_details", "tax_rate"),
            "taxability_reason": _reason(tax["taxability_reason"]),
            "taxable_amount": tax["taxable_amount"],
        }
        for tax in taxes or ()
    ]


def _reason(reason: str | None) -> str | None:
    """Basil says ``not_available`` where there was null."""
    return None if reason == "not_available" else reason


def total_tax(taxes: list[Json] | None) -> int | None:
    """Their sum, in minor units; null where nothing was taxed."""
    return sum(tax["amount"] for tax in taxes) if taxes else None


def tax_rates(taxes: list[Json] | None, lookup: Lookup) -> list[Json]:
    """The rates behind them.

    The old line listed the rates set on itself, not the invoice's default ones; the present shape
    does not tell them apart, so all are listed.
    """
    names = dict.fromkeys(inner(tax, "tax_rate_details", "tax_rate") for tax in taxes or ())
    found = (lookup.find(["tax_rate"], name) for name in names if name)
    return [rate for rate in found if rate is not None]


def excluding_tax(obj: Json) -> Json:
    """``amount_excluding_tax`` and ``unit_amount_excluding_tax`` (a decimal text) of a line.

    Before discounts; only what is included can be taken out.
    """
    taxes = obj.get("taxes") or ()
    included = sum(tax["amount"] for tax in taxes if tax["tax_behavior"] == "inclusive")
    amount = obj["amount"] - included
    quantity = obj.get("quantity")
    unit = decimal_text(Decimal(amount) / quantity) if quantity else None
    return {"amount_excluding_tax": amount, "unit_amount_excluding_tax": unit}


def decimal_text(value: Decimal) -> str:
    """At most 12 decimal places, without an exponent or zeros at the end."""
    text = f"{value:.12f}"
    return text.rstrip("0").rstrip(".")
