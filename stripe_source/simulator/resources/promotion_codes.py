"""Promotion codes: what customers type for a coupon. An active code is not given twice."""

from __future__ import annotations

from stripe_source.simulator.api.errors import ApiError, missing_parameter
from stripe_source.simulator.api.filters import equal
from stripe_source.simulator.api.registry import Special
from stripe_source.simulator.billing.coupons import expire_code
from stripe_source.simulator.billing.making import new
from stripe_source.simulator.resources.codes import random_code
from stripe_source.simulator.resources.fields import changed_fields, new_fields
from stripe_source.simulator.resources.lookup import existing, referenced
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.types import Json


def create(account: Account, given: Json) -> Json:
    """A code for a coupon that can still be redeemed."""
    named = given["promotion"].get("coupon")
    if not named:
        raise missing_parameter("promotion[coupon]")
    coupon = referenced(account, "coupon", named, "promotion[coupon]")
    if given.get("customer"):
        referenced(account, "customer", given["customer"], "customer")
    if not coupon["valid"]:
        text = f"Coupon expired: {coupon['id']}"
        raise ApiError(400, text, code="coupon_expired", param="promotion[coupon]")
    check_limits(account, given, coupon)
    values = {"active": True, "code": random_code(account)}
    made = new(account, "promotion_code", "promo") | values | new_fields("promotion_code", given)
    if made["active"]:
        must_be_unused(account, made)
    if made["expires_at"]:
        account.plan(made["expires_at"], expire_code, made["id"])
    return account.add(made)


def check_limits(account: Account, given: Json, coupon: Json) -> None:
    """Not more than its coupon allows."""
    now = account.clock.now
    if given.get("expires_at", now + 1) <= now:
        raise ApiError(400, "`expires_at` must be in the future.", param="expires_at")
    for name, most in (("expires_at", "redeem_by"), ("max_redemptions", "max_redemptions")):
        if given.get(name) and coupon[most] and given[name] > coupon[most]:
            text = f"`{name}` cannot be greater than the coupon's `{most}`."
            raise ApiError(400, text, param=name)
    limits = given.get("restrictions") or {}
    if (limits.get("minimum_amount") is None) != (limits.get("minimum_amount_currency") is None):
        text = "`minimum_amount` and `minimum_amount_currency` must be passed together."
        raise ApiError(400, text, param="restrictions")


def must_be_unused(account: Account, code: Json) -> None:
    """No customer can have two active codes of one name; case does not count."""
    wanted = code["code"].lower()
    for other in account.where("promotion_code", "active", True):
        whose = {other["customer"], code["customer"]}
        if other["code"].lower() == wanted and (None in whose or len(whose) == 1):
            raise ApiError(
                400,
                f"An active promotion code with `code: {code['code']}` already exists.",
                param="code",
            )


def update(account: Account, given: Json, identifier: str) -> Json:
    """On or off, metadata, and minimums in further currencies."""
    code = existing(account, "promotion_code", identifier)
    if given.get("active") and not code["active"]:
        check_usable(account, code)
    return account.modify(code, changed_fields(code, given))


def check_usable(account: Account, code: Json) -> None:
    """A code comes back only if it could still be redeemed."""
    coupon = account.find("coupon", code["promotion"]["coupon"]) or {}
    expired = code["expires_at"] is not None and code["expires_at"] <= account.clock.now
    most = code["max_redemptions"]
    used = most is not None and code["times_redeemed"] >= most
    if not coupon.get("valid") or expired or used:
        raise ApiError(
            400, "This promotion code cannot be activated because it can no longer be redeemed.",
            param="active",
        )  # fmt: skip
    must_be_unused(account, code)


SPECIALS = [Special("/v1/promotion_codes", filters={"coupon": equal("promotion.coupon")})]
OPERATIONS = {"POST /v1/promotion_codes": create, "POST /v1/promotion_codes/{}": update}
