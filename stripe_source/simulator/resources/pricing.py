"""What a price or plan may ask: one amount, tiers, or an amount of the customer's own choice."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from stripe_source.simulator.api.errors import ApiError
from stripe_source.simulator.api.query import inside
from stripe_source.simulator.resources.fields import complete
from stripe_source.simulator.resources.lookup import exclusive
from stripe_source.simulator.types import Json

LONGEST = {"day": 1095, "week": 156, "month": 36, "year": 3}
"""The most ``interval_count`` of each interval: three years
(https://docs.stripe.com/api/prices/create#create_price-recurring-interval_count)."""


def amounts(given: Json, within: str = "") -> Json:
    """The fields ``unit_amount``, ``unit_amount_decimal``, ``custom_unit_amount`` and ``tiers``."""
    exclusive(given, "unit_amount", "unit_amount_decimal", "custom_unit_amount")
    custom = given.get("custom_unit_amount")
    unit, exact = both_forms(given, "unit_amount", within)
    return {
        "custom_unit_amount": custom and complete("price", "custom_unit_amount", custom),
        "tiers": tiers(given["tiers"], inside(within, "tiers")) if given.get("tiers") else None,
        "unit_amount": unit,
        "unit_amount_decimal": exact,
    }


def both_forms(given: Json, name: str, within: str = "") -> tuple[int | None, str | None]:
    """An amount as a whole number, where it is one, and as a decimal."""
    whole: Any = given.get(name)
    exact: str | None = given.get(f"{name}_decimal")
    if whole is None and exact is None:
        return None, None
    number = Decimal(exact if exact is not None else whole)
    if number < 0:
        raise ApiError(
            400,
            "Invalid non-negative integer",
            code="parameter_invalid_integer",
            param=inside(within, name),
        )
    fits = number == number.to_integral_value()
    return int(number) if fits else None, exact if exact is not None else str(whole)


def tiers(given: list[Json], within: str) -> list[Json]:
    """Tiers in rising order; the last is open, which the object shows as null."""
    ends = [tier["up_to"] for tier in given]
    bounded = ends[:-1]
    if ends[-1] != "inf" or "inf" in bounded or sorted(set(bounded)) != bounded:
        raise ApiError(
            400,
            "Tiers must be in ascending order of `up_to`, and the last one must be `inf`.",
            param=within,
        )
    return [_tier(tier, f"{within}[{number}]") for number, tier in enumerate(given)]


def _tier(given: Json, within: str) -> Json:
    exclusive(given, "unit_amount", "unit_amount_decimal")
    exclusive(given, "flat_amount", "flat_amount_decimal")
    unit, exact = both_forms(given, "unit_amount", within)
    flat, flat_exact = both_forms(given, "flat_amount", within)
    if exact is None and flat_exact is None:
        raise ApiError(
            400, "Each tier must have at least one of `unit_amount` or `flat_amount`.", param=within
        )
    return {
        "flat_amount": flat,
        "flat_amount_decimal": flat_exact,
        "unit_amount": unit,
        "unit_amount_decimal": exact,
        "up_to": None if given["up_to"] == "inf" else given["up_to"],
    }


def check_scheme(given: Json) -> None:
    """Tiers come with ``billing_scheme=tiered`` and a mode, and then with no other amount."""
    tiered = given.get("billing_scheme") == "tiered"
    if tiered:
        for name in ("tiers", "tiers_mode"):
            if not given.get(name):
                text = f"`{name}` must be set when `billing_scheme=tiered`."
                raise ApiError(400, text, code="parameter_missing", param=name)
        for name in ("unit_amount", "unit_amount_decimal", "custom_unit_amount"):
            if given.get(name) is not None:
                raise ApiError(
                    400, f"`{name}` cannot be set when `billing_scheme=tiered`.", param=name
                )
        return
    for name in ("tiers", "tiers_mode"):
        if given.get(name):
            raise ApiError(
                400, f"`{name}` can only be set when `billing_scheme=tiered`.", param=name
            )


def check_interval(interval: str, count: int, param: str) -> None:
    """From once a day to once in three years."""
    if not 1 <= count <= LONGEST[interval]:
        raise ApiError(
            400,
            f"Invalid {param}: must be between 1 and {LONGEST[interval]} for {interval}.",
            param=param,
        )
