"""Numbers, months and times as the page writes them."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from stripe_source.models.functions import THREE_DECIMALS, ZERO_DECIMALS
from stripe_source.page.figures import Number

NOTHING = "\u2013"
"""For a rate where there is nothing to divide by."""


def decimals(currency: str) -> int:
    """How many decimals amounts in a currency have, as Stripe counts them."""
    if currency in ZERO_DECIMALS.split():
        return 0
    return 3 if currency in THREE_DECIMALS.split() else 2


def rounded(value: Number, places: int) -> Decimal:
    """A number with so many decimals, halves away from 0, and never -0."""
    step = Decimal(1).scaleb(-places)
    return Decimal(value).quantize(step, rounding=ROUND_HALF_UP) + 0


def amount(value: Number | None, currency: str) -> str:
    """An amount without its currency: 1,234.50."""
    return NOTHING if value is None else f"{rounded(value, decimals(currency)):,}"


def money(value: Number | None, currency: str) -> str:
    """An amount with its currency: USD 1,234.50."""
    return NOTHING if value is None else f"{currency.upper()} {amount(value, currency)}"


def percent(share: Number | None, places: int = 1) -> str:
    """A share of 1 in percent: 12.3%."""
    return NOTHING if share is None else f"{rounded(Decimal(share) * 100, places):,}%"


def month_name(month: date) -> str:
    """A month: Nov 2026."""
    return f"{month:%b %Y}"


def day_name(day: date) -> str:
    """A day: 3 Nov 2026."""
    return f"{day.day} {day:%b %Y}"


def counted(number: int, singular: str, plural: str | None = None) -> str:
    """A number and what it counts: 1 invoice, 2 invoices."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"
