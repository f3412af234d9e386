"""The first customers of every account: one for each state that a subscription can be in.

They are timed backwards from the moment at which the account is first looked at, so that even an
account of nine customers has one of each.
"""

from __future__ import annotations

from dataclasses import dataclass

from stripe_source.simulator.billing import subscriptions
from stripe_source.simulator.billing.amounts import DAY
from stripe_source.simulator.billing.renewals import ENDED
from stripe_source.simulator.billing.subscriptions import Terms, open_subscription
from stripe_source.simulator.business.customers import set_declines
from stripe_source.simulator.business.state import business_of
from stripe_source.simulator.shapes import part
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.store.timeline import task
from stripe_source.simulator.types import Json

HOUR = 3600


@dataclass(frozen=True)
class Ending:
    """When it is subscribed to, and when the card fails or the end is asked for.

    All in seconds before the moment; ``opens`` of None is a day after joining.
    """

    opens: int | None = None
    fails: int | None = None
    leaves: int | None = None
    interval: str = "month"
    trial: int = 0
    card: bool = True
    after_dunning: str = "past_due"


ENDINGS = {
    "active": Ending(),
    "canceled": Ending(leaves=11 * DAY),
    "trialing": Ending(opens=5 * DAY, trial=14 * DAY),
    "past_due": Ending(opens=33 * DAY, fails=5 * DAY + HOUR, interval="week"),
    "unpaid": Ending(opens=34 * DAY, fails=20 * DAY + HOUR, interval="week",
                     after_dunning="unpaid"),
    "incomplete": Ending(opens=6 * HOUR, fails=7 * HOUR),
    "incomplete_expired": Ending(opens=3 * DAY, fails=3 * DAY + HOUR),
    "paused": Ending(opens=30 * DAY, trial=14 * DAY, card=False),
    "canceling": Ending(leaves=2 * DAY),
}  # fmt: skip


def begin_ending(account: Account, customer: Json, name: str) -> None:
    """Plan one of these lives."""
    ending, until = ENDINGS[name], business_of(account).until
    soon = account.clock.now + DAY
    opens = soon if ending.opens is None else max(until - ending.opens, account.clock.now)
    if ending.fails is not None:
        account.plan(until - ending.fails, break_card, customer["id"])
    account.plan(opens, open_ending, customer["id"], name)


@task
def break_card(account: Account, customer_id: str) -> None:
    """The card declines everything from now on."""
    customer = account.find("customer", customer_id)
    if customer is not None:
        set_declines(account, customer, -1)


@task
def open_ending(account: Account, customer_id: str, name: str) -> None:
    """The subscription of one of these customers."""
    ending, business = ENDINGS[name], business_of(account)
    customer = account.find("customer", customer_id)
    if customer is None:
        return
    offer = next(o for o in business.offers("usd") if o.interval == ending.interval)
    values: Json = {"metadata": {"source": "simulator"}}
    if not ending.card:
        account.modify(customer, {"invoice_settings": {"default_payment_method": None}})
        pause = part("subscription", "trial_settings.end_behavior", missing_payment_method="pause")
        values["trial_settings"] = {"end_behavior": pause}
    trial_end = account.clock.now + ending.trial if ending.trial else None
    terms = Terms([(offer.price, 1)], trial_end, ending.after_dunning, values=values)
    subscription = open_subscription(account, customer, terms)
    if ending.leaves is not None:
        account.plan(business.until - ending.leaves, leave_ending, subscription["id"], name)


@task
def leave_ending(account: Account, subscription_id: str, name: str) -> None:
    """The canceled one leaves at once, the canceling one at the period's end."""
    subscription = account.find("subscription", subscription_id)
    if subscription is None or subscription["status"] in ENDED:
        return
    if name == "canceled":
        subscriptions.cancel(account, subscription, details={"feedback": "unused"})
    elif subscription["status"] == "active":
        subscriptions.cancel_later(account, subscription)
