"""The ``discounts`` parameter: coupons, promotion codes, or discounts that are there already."""

from __future__ import annotations

from stripe_source.simulator.api.errors import ApiError, missing_parameter
from stripe_source.simulator.billing.discounts import redeem
from stripe_source.simulator.resources.lookup import referenced
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.types import Json


def redeemable(account: Account, given: list[Json] | None) -> list[Json]:
    """The named coupons with how they were named; refused before anything is written."""
    found = []
    for number, each in enumerate(given or []):
        where = f"discounts[{number}]"
        if each.get("discount"):
            kept = referenced(account, "discount", each["discount"], f"{where}[discount]")
            found.append({"discount": kept["id"]})
        elif each.get("promotion_code"):
            code = referenced(
                account, "promotion_code", each["promotion_code"], f"{where}[promotion_code]"
            )
            found.append({"coupon": code["promotion"]["coupon"], "promotion_code": code["id"]})
        elif each.get("coupon"):
            found.append({"coupon": each["coupon"], "promotion_code": None})
        else:
            raise missing_parameter(f"{where}[coupon]")
        if "coupon" in found[-1]:
            coupon = referenced(account, "coupon", found[-1]["coupon"], f"{where}[coupon]")
            if not coupon["valid"]:
                raise ApiError(400, f"Coupon expired: {coupon['id']}", code="coupon_expired",
                               param=f"{where}[coupon]")  # fmt: skip
    return found


def redeemed(account: Account, found: list[Json], customer: str, **owner: str | None) -> list[str]:
    """The ids of their discounts, made where they were not there."""
    made: list[str] = []
    for each in found:
        if "discount" in each:
            made.append(each["discount"])
            continue
        coupon = account.get("coupon", each["coupon"])
        code = each["promotion_code"]
        made.append(redeem(account, coupon, customer, promotion_code=code, **owner)["id"])
    return made
