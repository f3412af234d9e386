"""Amounts and periods: tiers, exact unit amounts, intervals, settlement currencies."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal

from stripe_source.simulator.types import Json

DAY = 86400
SETTLED_AS = {"jpy": ("usd", 0.66), "kwd": ("usd", 0.325)}
"""Currencies without a bank account: settled in dollars, cents for one minor unit."""


def rounded(value: Decimal | float) -> int:
    """To a whole minor unit, half away from zero."""
    return int(Decimal(value).quantize(Decimal(1), ROUND_HALF_UP))


def charge_for(price: Json, quantity: int) -> int:
    """What a price asks for a quantity, in minor units."""
    if price["billing_scheme"] == "tiered":
        return tiered_amount(price, quantity)
    if price["unit_amount"] is not None:
        return int(price["unit_amount"]) * quantity
    return rounded(Decimal(price["unit_amount_decimal"] or 0) * quantity)


def tiered_amount(price: Json, quantity: int) -> int:
    """Volume: all units at the tier that holds the last one; graduated: each tier's own units.

    A tier is for the units up to and including ``up_to``; the last has none. Source:
    https://docs.stripe.com/products-prices/pricing-models#tiered-pricing
    """
    total, before = Decimal(0), 0
    for tier in price["tiers"]:
        end = tier["up_to"]
        last = end is None or quantity <= end
        if last or price["tiers_mode"] == "graduated":
            units = quantity if price["tiers_mode"] == "volume" else min(quantity, end or quantity)
            units -= 0 if price["tiers_mode"] == "volume" else before
            total += units * unit_of(tier) + flat_of(tier)
        if last:
            break
        before = end
    return rounded(total)


def unit_of(tier: Json) -> Decimal:
    """The amount of one unit."""
    return Decimal(tier["unit_amount_decimal"] or tier["unit_amount"] or 0)


def flat_of(tier: Json) -> Decimal:
    """The amount for entering the tier."""
    return Decimal(tier["flat_amount_decimal"] or tier["flat_amount"] or 0)


def plus(at: int, interval: str, count: int, anchor: int | None = None) -> int:
    """``at`` moved by an interval; a month's day is the anchor's, or the month's last.

    Source: https://docs.stripe.com/billing/subscriptions/billing-cycle (an anchor on the 31st
    renews on the last day of shorter months).
    """
    if interval in ("day", "week"):
        return at + count * (DAY if interval == "day" else 7 * DAY)
    when = datetime.fromtimestamp(at, UTC)
    wanted = when.day if anchor is None else datetime.fromtimestamp(anchor, UTC).day
    total = when.month - 1 + count * (12 if interval == "year" else 1)
    year, month = when.year + total // 12, total % 12 + 1
    day = min(wanted, monthrange(year, month)[1])
    return int(when.replace(year=year, month=month, day=day).timestamp())


def settled(amount: int, currency: str) -> int:
    """An amount in the currency that it is settled in."""
    return round(amount * SETTLED_AS.get(currency, ("", 1.0))[1])


def midnight(at: int) -> int:
    """The start of the day, UTC."""
    return at - at % DAY
