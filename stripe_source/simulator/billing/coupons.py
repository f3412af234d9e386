"""When a coupon and its codes can no longer be redeemed: out of time, used up, or deleted.

Source: https://docs.stripe.com/api/coupons/object#coupon_object-valid and
https://docs.stripe.com/api/promotion_codes/object#promotion_code_object-active ("only active if the
coupon is also valid").
"""

from __future__ import annotations

from stripe_source.simulator.store.account import Account
from stripe_source.simulator.store.timeline import task
from stripe_source.simulator.types import Json


def count(account: Account, coupon: Json, promotion_code: str | None) -> None:
    """One more redemption, of the coupon and of the code that it came by; no event tells of it."""
    used = coupon["times_redeemed"] + 1
    account.modify(coupon, {"times_redeemed": used}, event=None)
    code = account.find("promotion_code", promotion_code)
    if code is not None:
        account.modify(code, {"times_redeemed": code["times_redeemed"] + 1}, event=None)
        if code["times_redeemed"] == code["max_redemptions"]:
            account.modify(code, {"active": False})
    if used == coupon["max_redemptions"]:
        invalidate(account, coupon)


@task
def expire_coupon(account: Account, coupon_id: str) -> None:
    """``redeem_by`` has come."""
    coupon = account.find("coupon", coupon_id)
    if coupon is not None:
        invalidate(account, coupon)


@task
def expire_code(account: Account, code_id: str) -> None:
    """``expires_at`` has come."""
    account.modify(account.get("promotion_code", code_id), {"active": False})


def invalidate(account: Account, coupon: Json) -> None:
    """No event tells that a coupon is no longer valid, but its codes' do."""
    account.modify(coupon, {"valid": False}, event=None)
    end_codes(account, coupon["id"])


def end_codes(account: Account, coupon_id: str) -> None:
    """The codes for a coupon are inactive from now on."""
    for code in account.where("promotion_code", "promotion.coupon", coupon_id):
        account.modify(code, {"active": False})
