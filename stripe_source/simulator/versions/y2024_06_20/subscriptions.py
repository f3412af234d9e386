"""Subscriptions and their schedules: the billing period, and the one discount.

https://docs.stripe.com/changelog/basil/2025-03-31/deprecate-subscription-current-period-start-and-end
and .../deprecate-singular-coupon-promotion-code.
"""

from __future__ import annotations

from typing import Any

from stripe_source.simulator.types import Json
from stripe_source.simulator.versions.lookup import Lookup, inner, resolved


def subscription(obj: Json, lookup: Lookup) -> Json:
    """``current_period_*`` from the items, ``discount`` from ``discounts``."""
    return {**current_period(obj), "discount": single_discount(obj, lookup)}


def current_period(obj: Json) -> Json:
    """The period of the item that is billed next.

    All items had one period then. Which one an old client is told where they differ is not
    documented; this one keeps start and end together.
    """
    items: list[Json] = inner(obj, "items", "data") or []
    dated = [item for item in items if item.get("current_period_end") is not None]
    found: Json = min(dated, key=lambda item: int(item["current_period_end"]), default={})
    start = found.get("current_period_start", obj.get("start_date"))
    end = found.get("current_period_end", obj.get("ended_at") or obj.get("start_date"))
    return {"current_period_start": start, "current_period_end": end}


def single_discount(obj: Json, lookup: Lookup) -> Json | None:
    """The whole discount where there is just one ("not populated if there are multiple")."""
    discounts: list[Any] = obj.get("discounts") or []
    return resolved(discounts[0], "discount", lookup) if len(discounts) == 1 else None


def subscription_schedule(obj: Json, _: Lookup) -> Json:
    """``phases[].coupon``."""
    return {"phases": [phase | {"coupon": _coupon(phase)} for phase in obj.get("phases") or ()]}


def _coupon(phase: Json) -> str | None:
    discounts: list[Json] = phase.get("discounts") or []
    return discounts[0].get("coupon") if len(discounts) == 1 else None


CHANGES = {"subscription": subscription, "subscription_schedule": subscription_schedule}
