"""What a request asks of a subscription: create, change, cancel, resume.

Source: https://docs.stripe.com/api/subscriptions
"""

from __future__ import annotations

from typing import Any

from stripe_source.simulator.api.errors import ApiError, missing_parameter, resource_missing
from stripe_source.simulator.billing import discounts, invoices, renewals, subscriptions
from stripe_source.simulator.billing.amounts import DAY
from stripe_source.simulator.billing.charges import declined_by
from stripe_source.simulator.billing.renewals import ENDED
from stripe_source.simulator.billing.subscriptions import Terms, open_subscription
from stripe_source.simulator.resources import subscription_items
from stripe_source.simulator.resources.fields import changed_fields, complete, new_fields
from stripe_source.simulator.resources.lookup import (
    exclusive,
    existing,
    referenced,
    tax_rates_exist,
)
from stripe_source.simulator.resources.redeeming import redeemable, redeemed
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.types import Json

PLAIN = ("metadata", "description", "collection_method", "days_until_due", "default_tax_rates",
         "default_payment_method", "default_source", "trial_settings", "pause_collection",
         "payment_settings", "invoice_settings", "automatic_tax", "application_fee_percent",
         "on_behalf_of", "transfer_data", "billing_thresholds",
         "pending_invoice_item_interval")  # fmt: skip
"""Parameters that are fields of the subscription."""
AFTER_END = {"metadata", "cancellation_details"}
"""All that may still be changed when it is canceled."""


def create(account: Account, given: Json) -> Json:
    """A subscription with its first invoice."""
    if not given.get("customer"):
        raise missing_parameter("customer")
    customer = referenced(account, "customer", given["customer"], "customer")
    exclusive(given, "trial_end", "trial_period_days")
    cancellation_ahead(account, given)
    tax_rates_exist(account, given, "default_tax_rates")
    wanted = subscription_items.wanted(account, given.get("items") or [])
    currency = {account.get("price", each.price)["currency"] for each in wanted}
    if not wanted:
        raise missing_parameter("items")
    if len(currency) > 1:
        raise ApiError(400, "All prices on a subscription must have the same currency.",
                       param="items")  # fmt: skip
    found = redeemable(account, given.get("discounts"))
    method = (
        given.get("default_payment_method")
        or (customer["invoice_settings"]["default_payment_method"])
    )
    check_payment(account, given, method)
    values = new_fields("subscription", {k: given[k] for k in PLAIN if k in given})
    values = {name: value for name, value in values.items() if value is not None}
    values |= cancellation(given)
    if customer["currency"] is None:
        account.modify(customer, {"currency": currency.pop()})
    subscription_id = account.ids.new("sub")
    values["id"] = subscription_id
    values["discounts"] = redeemed(account, found, customer["id"], subscription=subscription_id)
    trial = trial_end(account, given)
    charged = given.get("payment_behavior") != "default_incomplete"
    items = [(each.price, each.quantity) for each in wanted]
    terms = Terms(items, trial, charged=charged, values=values)
    return open_subscription(account, customer, terms)


def cancellation_ahead(account: Account, given: Json) -> None:
    """The end can't be asked for in the past."""
    at = given.get("cancel_at")
    if isinstance(at, int) and at <= account.clock.now:
        raise ApiError(400, "Invalid timestamp: must be an integer Unix timestamp in the future.",
                       param="cancel_at")  # fmt: skip


def cancellation(given: Json) -> Json:
    """When it is to end, where that is asked for at the start."""
    made: Json = {"cancel_at_period_end": bool(given.get("cancel_at_period_end"))}
    if isinstance(given.get("cancel_at"), int):
        made["cancel_at"] = given["cancel_at"]
    return made


def trial_end(account: Account, given: Json) -> int | None:
    """A time, ``now``, or some days from now."""
    days, end = given.get("trial_period_days"), given.get("trial_end")
    if days:
        return account.clock.now + int(days) * DAY
    if end is None or end == "now":
        return None
    if int(end) <= account.clock.now:
        raise ApiError(400, "Invalid timestamp: must be an integer Unix timestamp in the future.",
                       param="trial_end")  # fmt: skip
    return int(end)


def check_payment(account: Account, given: Json, method: str | None) -> None:
    """What can't be paid is refused where the request wants it so, or where nothing could pay."""
    if given.get("collection_method") == "send_invoice":
        if given.get("days_until_due") is None:
            raise ApiError(400, "You must pass `days_until_due` when `collection_method` is "
                           "`send_invoice`.", param="days_until_due")  # fmt: skip
        return
    free = trial_end(account, given) is not None
    behavior = given.get("payment_behavior", "allow_incomplete")
    if method is None and not free and behavior != "default_incomplete":
        raise ApiError(
            400, "This customer has no attached payment source or default payment method. Please "
            "consider adding a default payment method. For more information, visit "
            "https://stripe.com/docs/billing/subscriptions/payment-methods-setting"
            "#payment-method-priority.", code="resource_missing",
        )  # fmt: skip
    code = None if free or behavior != "error_if_incomplete" else declined_by(account, method)
    if code:
        raise ApiError(402, code[1], code=code[0], kind="card_error")


def update(account: Account, given: Json, identifier: str) -> Json:
    """Fields, items, discounts, the trial's end, and whether and when it is to end."""
    subscription = existing(account, "subscription", identifier)
    if subscription["status"] in ENDED and not set(given) <= AFTER_END:
        raise ApiError(
            400, "A canceled subscription can only update its cancellation_details and metadata.",
            code="invalid_canceled_subscription_fields",
        )  # fmt: skip
    exclusive(given, "cancel_at", "cancel_at_period_end")
    cancellation_ahead(account, given)
    tax_rates_exist(account, given, "default_tax_rates")
    wanted = subscription_items.wanted(account, given.get("items") or [], subscription)
    found = redeemable(account, given.get("discounts"))
    changes: Json = changed_fields(subscription, {k: given[k] for k in PLAIN if k in given})
    if "cancellation_details" in given:
        changes["cancellation_details"] = given["cancellation_details"]
    if "discounts" in given:
        kept = {each.get("discount") for each in found}
        for gone in [each for each in subscription["discounts"] if each not in kept]:
            discounts.end(account, gone)
        changes["discounts"] = redeemed(account, found, subscription["customer"],
                                        subscription=identifier)  # fmt: skip
    account.modify(subscription, changes)
    subscription_items.change(account, subscription, wanted, given)
    if "trial_end" in given:
        move_trial(account, subscription, trial_end(account, given))
    change_end(account, subscription, given)
    return subscription


def change_end(account: Account, subscription: Json, given: Json) -> None:
    """Cancel at the period's end or at a time, or take that back."""
    details = given.get("cancellation_details")
    if given.get("cancel_at_period_end"):
        subscriptions.cancel_later(account, subscription, details=details)
    elif isinstance(given.get("cancel_at"), int):
        subscriptions.cancel_later(account, subscription, at=given["cancel_at"], details=details)
    elif "cancel_at_period_end" in given or "cancel_at" in given:
        subscriptions.keep(account, subscription)


def move_trial(account: Account, subscription: Json, end: int | None) -> None:
    """The trial ends at another time, or at once: then the first period begins and is billed."""
    until = account.clock.now if end is None else end
    rows = [item | {"current_period_end": until} for item in subscription["items"]["data"]]
    changes: Json = {"trial_end": until, "billing_cycle_anchor": until, "items": {"data": rows}}
    if subscription["trial_start"] is None:
        changes["trial_start"] = account.clock.now
    if end is not None:
        changes["status"] = "trialing"
    account.modify(subscription, changes)
    if end is None:
        renewals.renew(account, subscription["id"], until)
        invoices.finalize_due(account, subscription["latest_invoice"])
    else:
        renewals.renews_at(account, subscription)


def cancel(account: Account, given: Json, identifier: str) -> Json:
    """Cancel at once; a second time it is not there (rule 3.5c of the tests)."""
    subscription = existing(account, "subscription", identifier)
    if subscription["status"] in ENDED:
        raise resource_missing("subscription", identifier)
    named = given.get("cancellation_details") or {}
    details: Any = complete("subscription", "cancellation_details", named)
    details["reason"] = "cancellation_requested"
    return subscriptions.cancel(
        account, subscription, details=details, prorate=bool(given.get("prorate")),
        invoice_now=bool(given.get("invoice_now")),
    )  # fmt: skip


def resume(account: Account, given: Json, identifier: str) -> Json:
    """Go on after a pause."""
    subscription = existing(account, "subscription", identifier)
    if subscription["status"] != "paused":
        raise ApiError(400, "Only subscriptions with a status of `paused` can be resumed.")
    subscriptions.resume(account, subscription)
    return subscription


def delete_discount(account: Account, given: Json, identifier: str) -> Json:
    """Take the discounts off; the first one is shown."""
    subscription = existing(account, "subscription", identifier)
    if not subscription["discounts"]:
        text = f"No active discount for subscription: {identifier}"
        raise ApiError(404, text, code="resource_missing")
    first = account.get("discount", subscription["discounts"][0])
    for each in list(subscription["discounts"]):
        discounts.end(account, each)
    return first | {"deleted": True}


ANCHORS = frozenset({"add_invoice_items", "billing_cycle_anchor", "billing_cycle_anchor_config",
                     "backdate_start_date", "pending_invoice_item_interval",
                     "billing_thresholds"})  # fmt: skip
UNDONE = {"POST /v1/subscriptions": ANCHORS, "POST /v1/subscriptions/{}": ANCHORS}
OPERATIONS = {
    "POST /v1/subscriptions": create,
    "POST /v1/subscriptions/{}": update,
    "DELETE /v1/subscriptions/{}": cancel,
    "POST /v1/subscriptions/{}/resume": resume,
    "DELETE /v1/subscriptions/{}/discount": delete_discount,
}
