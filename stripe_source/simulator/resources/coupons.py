"""Coupons: percent or amount off, once, for months or for ever. Deleting one ends no discount."""

from __future__ import annotations

from stripe_source.simulator.api.errors import ApiError
from stripe_source.simulator.billing.coupons import end_codes, expire_coupon
from stripe_source.simulator.billing.making import new
from stripe_source.simulator.resources.codes import random_code
from stripe_source.simulator.resources.currencies import currency
from stripe_source.simulator.resources.fields import changed_fields, new_fields
from stripe_source.simulator.resources.lookup import exclusive, existing, must_be_free, referenced
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.types import Json

FIVE_YEARS = 5 * 366 * 86400


def create(account: Account, given: Json) -> Json:
    """A coupon under its own id or a code."""
    check_amount(given)
    check_duration(given)
    check_limits(account, given)
    if "id" in given:
        must_be_free(account, "coupon", given["id"])
    values = {"id": random_code(account), "duration": "once", "valid": True}
    made = new(account, "coupon", "", **values) | new_fields("coupon", given)
    if "currency" in given:
        made["currency"] = currency("currency", given["currency"])
    made["currency_options"] = options(made, given.get("currency_options") or {})
    if made["redeem_by"]:
        account.plan(made["redeem_by"], expire_coupon, made["id"])
    return account.add(made)


def check_amount(given: Json) -> None:
    """One of percent and amount; an amount has a currency."""
    exclusive(given, "amount_off", "percent_off")
    if given.get("percent_off") is None and given.get("amount_off") is None:
        raise ApiError(
            400, "You must pass either `percent_off` or `amount_off`.",
            code="parameter_missing", param="percent_off",
        )  # fmt: skip
    if not 0 < given.get("percent_off", 1) <= 100:
        text = "Invalid percent_off: must be greater than 0 and at most 100."
        raise ApiError(400, text, param="percent_off")
    if given.get("amount_off", 1) < 1:
        raise ApiError(
            400, "Invalid positive integer", code="parameter_invalid_integer", param="amount_off"
        )
    if given.get("amount_off") and not given.get("currency"):
        raise ApiError(
            400, "You must pass `currency` when passing `amount_off`.",
            code="parameter_missing", param="currency",
        )  # fmt: skip
    if given.get("currency_options") and not given.get("amount_off"):
        text = "`currency_options` can only be set with `amount_off`."
        raise ApiError(400, text, param="currency_options")


def check_duration(given: Json) -> None:
    """Months belong to ``repeating``, and to nothing else."""
    repeating, months = given.get("duration") == "repeating", given.get("duration_in_months")
    if repeating and not months:
        raise ApiError(
            400, "You must pass `duration_in_months` when `duration` is `repeating`.",
            code="parameter_missing", param="duration_in_months",
        )  # fmt: skip
    if (months and not repeating) or (months is not None and months < 1):
        text = "`duration_in_months` is a positive number, and only for `duration=repeating`."
        raise ApiError(400, text, param="duration_in_months")


def check_limits(account: Account, given: Json) -> None:
    """Redemption has its bounds; what the coupon applies to is there."""
    now = account.clock.now
    if not now < given.get("redeem_by", now + 1) <= now + FIVE_YEARS:
        text = "`redeem_by` must be in the future and at most five years from now."
        raise ApiError(400, text, param="redeem_by")
    if given.get("max_redemptions", 1) < 1:
        text = "Invalid positive integer"
        raise ApiError(400, text, code="parameter_invalid_integer", param="max_redemptions")
    for product in (given.get("applies_to") or {}).get("products", []):
        referenced(account, "product", product, "applies_to[products]")


def options(coupon: Json, given: Json) -> Json:
    """The amount in the coupon's own currency and in others."""
    if coupon["amount_off"] is None:
        return {}
    own = {coupon["currency"]: {"amount_off": coupon["amount_off"]}}
    return own | {currency(f"currency_options[{c}]", c): each for c, each in given.items()}


def update(account: Account, given: Json, identifier: str) -> Json:
    """Only its name, its metadata and further currencies."""
    coupon = existing(account, "coupon", identifier)
    changes = changed_fields(coupon, given)
    if given.get("currency_options"):
        changes["currency_options"] = options(coupon, given["currency_options"])
    return account.modify(coupon, changes)


def delete(account: Account, given: Json, identifier: str) -> Json:
    """Gone for new customers; who has it keeps it, and its codes no longer work."""
    stub = account.remove(existing(account, "coupon", identifier))
    end_codes(account, identifier)
    return stub


INCLUDES = {"coupon": {"applies_to": None, "currency_options": None}}
OPERATIONS = {
    "POST /v1/coupons": create,
    "POST /v1/coupons/{}": update,
    "DELETE /v1/coupons/{}": delete,
}
