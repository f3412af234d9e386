"""The whole numbers that a parameter takes, by its name: beyond them nothing could be worked out.

An amount has at most eight digits (https://docs.stripe.com/currencies#minimum-and-maximum-charge-
amounts) and a trial at most 730 days; the other bounds are this simulator's own, far beyond what a
business asks, so that no sum passes 64 bits and no time the last year of a calendar.
"""

from __future__ import annotations

from typing import Any

from stripe_source.simulator.api.errors import ApiError

MOST = 99_999_999
"""The largest amount, in cents."""
LAST_TIME = 4_102_444_800
"""2100-01-01."""
TIMES = ("backdate_start_date", "billing_cycle_anchor", "cancel_at", "due_date", "effective_at",
         "end", "expires_at", "frozen_time", "proration_date", "redeem_by", "start",
         "trial_end")  # fmt: skip
AMOUNTS = ("amount", "amount_off", "amount_to_capture", "balance", "credit_amount", "flat_amount",
           "out_of_band_amount", "refund_amount", "unit_amount")  # fmt: skip
BOUNDS: dict[str, tuple[int, int]] = {
    "days_until_due": (0, 3650),
    "duration_in_months": (1, 1200),
    "next_invoice_sequence": (1, 10**9),
    "quantity": (0, 10**9),
    "trial_period_days": (0, 730),
    **dict.fromkeys(TIMES, (0, LAST_TIME)),
    **dict.fromkeys(AMOUNTS, (-MOST, MOST)),
}
"""Inclusive."""


def within_bounds(param: str, name: str, value: Any) -> None:
    """Refuse a number out of its bounds; ``param`` is the parameter's full name in errors."""
    if not isinstance(value, int) or name not in BOUNDS:
        return
    low, high = BOUNDS[name]
    if value > high and name in AMOUNTS:
        raise ApiError(400, "Amount must be no more than $999,999.99", code="amount_too_large",
                       param=param)  # fmt: skip
    if not low <= value <= high:
        way, bound = ("greater", low) if value < low else ("less", high)
        raise ApiError(400, f"This value must be {way} than or equal to {bound}.",
                       code="parameter_invalid_integer", param=param)  # fmt: skip
