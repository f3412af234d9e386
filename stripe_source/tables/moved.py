"""Brings a snapshot of an older API version to where the pinned one has its fields.

An event keeps the version in which it was rendered for good. Of what has moved since, this is what
a history of revenue needs: the billing period of a subscription, its discount, the coupon of a
discount, and the price of an item (https://docs.stripe.com/changelog). Fields that are not mapped
stay, and end in ``_extra``.
"""

from collections.abc import Callable
from typing import Any

from stripe_source.settings import API_VERSION

Json = dict[str, Any]
PERIOD = ("current_period_start", "current_period_end")


def is_older(version: str | None) -> bool:
    """Whether fields may be elsewhere: Stripe moves none within a release, as ``endive``."""
    return (version or "").partition(".")[2] != API_VERSION.partition(".")[2]


def moved(obj: Json) -> Json:
    """The object, changed in place, with the fields of an older version where they are now."""
    change = CHANGES.get(str(obj.get("object")))
    if change is not None:
        change(obj)
    return obj


def _subscription(obj: Json) -> None:
    """2025-03-31.basil: the period is the items', and ``discount`` one of ``discounts``."""
    period = {name: obj.pop(name, None) for name in PERIOD}
    for item in (obj.get("items") or {}).get("data") or []:
        item |= {name: value for name, value in period.items() if item.get(name) is None}
        if item.get("price") is None and isinstance(item.get("plan"), dict):
            item["price"] = _price(item["plan"])
        _each_discount(item.get("discounts"))
    discount = obj.pop("discount", None)
    if isinstance(discount, dict):
        others = [d for d in obj.get("discounts") or [] if _id(d) != discount.get("id")]
        obj["discounts"] = [discount, *others]
    _each_discount(obj.get("discounts"))


def _customer(obj: Json) -> None:
    _each_discount([obj.get("discount")])


def _discount(obj: Json) -> None:
    """2025-09-30.clover: ``coupon`` is in ``source``."""
    coupon = obj.pop("coupon", None)
    if coupon is not None and obj.get("source") is None:
        obj["source"] = {"type": "coupon", "coupon": coupon}


def _each_discount(found: list[Any] | None) -> None:
    for discount in found or []:
        if isinstance(discount, dict):
            _discount(discount)


def _price(plan: Json) -> Json:
    """The price that a plan is: items had none before 2020-08-27."""
    same = ("id", "active", "billing_scheme", "created", "currency", "livemode", "metadata",
            "nickname", "product", "tiers_mode")  # fmt: skip
    cycle = ("interval", "interval_count", "meter", "trial_period_days", "usage_type")
    return {name: plan.get(name) for name in same} | {
        "object": "price",
        "type": "recurring",
        "recurring": {name: plan.get(name) for name in cycle},
        "transform_quantity": plan.get("transform_usage"),
        "unit_amount": plan.get("amount"),
        "unit_amount_decimal": plan.get("amount_decimal"),
    }


def _id(value: Any) -> Any:
    return value.get("id") if isinstance(value, dict) else value


CHANGES: dict[str, Callable[[Json], None]] = {
    "subscription": _subscription,
    "customer": _customer,
    "discount": _discount,
}
