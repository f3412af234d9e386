"""What customers do: join, subscribe, change their minds, pay late, leave and come back."""

from __future__ import annotations

from stripe_source.simulator.billing import discounts, subscriptions
from stripe_source.simulator.billing.amounts import DAY
from stripe_source.simulator.billing.prorations import change_item
from stripe_source.simulator.billing.renewals import ENDED
from stripe_source.simulator.billing.subscriptions import Terms, open_subscription
from stripe_source.simulator.business.customers import give_card, make_customer, set_declines
from stripe_source.simulator.business.endings import ENDINGS, begin_ending
from stripe_source.simulator.business.state import Business, Offer, business_of
from stripe_source.simulator.shapes import part
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.store.timeline import task
from stripe_source.simulator.types import Json

FEEDBACK = ("unused", "too_expensive", None, None)


@task
def join(account: Account, number: int) -> None:
    """A new customer; eleven of twelve subscribe within a day."""
    business = business_of(account)
    business.joined += 1
    endings = list(ENDINGS)
    ending = endings[number] if number < len(endings) else None
    customer = make_customer(account, business, number, "usd" if ending else None)
    if ending:
        begin_ending(account, customer, ending)
    elif number % 12 != 11:
        soon = account.clock.now + business.rng.randrange(60, DAY)
        account.plan(soon, subscribe, customer["id"])


@task
def subscribe(account: Account, customer_id: str) -> None:
    """A subscription to one or two prices, and the plans for its future."""
    customer = account.find("customer", customer_id)
    if customer is None:
        return
    business, rng = business_of(account), business_of(account).rng
    choice = rng.choice(business.offers(customer["currency"]))
    offers = [choice]
    if rng.random() < 0.25:
        offers.append(rng.choice(business.like(choice)))
    subscription = open_subscription(account, customer, terms(account, business, offers))
    decide_discounts(account, business, customer, subscription)
    plan_life(account, business, subscription["id"])


def terms(account: Account, business: Business, offers: list[Offer]) -> Terms:
    """Trial, taxes, how it is paid, and what becomes of it when it isn't."""
    rng = business.rng
    values: Json = {
        "metadata": {"source": "simulator"},
        "default_tax_rates": [rng.choice(business.tax_rates)] if rng.random() < 0.3 else [],
    }
    if rng.random() < 0.08:
        values |= {"collection_method": "send_invoice", "days_until_due": 30}
    trial = account.clock.now + 14 * DAY if rng.random() < 0.2 else None
    items: list[tuple[str, int | None]] = [
        (offer.price, rng.choice((1, 1, 1, 2, 5))) for offer in offers
    ]
    after = rng.choices(("cancel", "unpaid", "past_due"), (6, 2, 1))[0]
    return Terms(items, trial_end=trial, after_dunning=after, values=values)


def decide_discounts(
    account: Account, business: Business, customer: Json, subscription: Json
) -> None:
    """One in seven gets a coupon, a few two of them, and a few one for an item alone."""
    rng = business.rng
    if rng.random() > 0.15:
        return
    usd = subscription["currency"] == "usd"
    names = business.coupons[:5] if usd else [*business.coupons[:3], business.coupons[4]]
    choices = [name for name in names if account.find("coupon", name)]  # some may be deleted
    count = min(2 if rng.random() < 0.15 else 1, len(choices))
    made = [
        discounts.redeem(account, account.get("coupon", coupon), customer["id"],
                         subscription=subscription["id"])["id"]
        for coupon in rng.sample(choices, count)
    ]  # fmt: skip
    account.modify(subscription, {"discounts": made})
    if choices and rng.random() < 0.15:
        first, *rest = subscription["items"]["data"]
        own = discounts.redeem(account, account.get("coupon", choices[0]), customer["id"],
                               subscription=subscription["id"],
                               subscription_item=first["id"])  # fmt: skip
        changed = first | {"discounts": [own["id"]]}
        account.modify(subscription, {"items": {"data": [changed, *rest]}})


def plan_life(account: Account, business: Business, subscription_id: str) -> None:
    """When what will happen to a subscription; whoever has ended by then is left alone."""
    rng, now = business.rng, account.clock.now
    if rng.random() < 0.3:
        account.plan(now + rng.randrange(5 * DAY, 400 * DAY), change_plan, subscription_id)
    if rng.random() < 0.2:
        account.plan(now + rng.randrange(5 * DAY, 300 * DAY), change_quantity, subscription_id)
    if rng.random() < 0.12:
        account.plan(now + rng.randrange(20 * DAY, 500 * DAY), card_trouble, subscription_id)
    if rng.random() < 0.02:
        account.plan(now + rng.randrange(20 * DAY, 300 * DAY), pause_collection, subscription_id)
    leaving = now + int(rng.expovariate(1 / (600 * DAY))) + 3600
    account.plan(leaving, leave, subscription_id)


def running(account: Account, subscription_id: str) -> Json | None:
    """The subscription, unless it has ended."""
    found = account.find("subscription", subscription_id)
    return None if found is None or found["status"] in ENDED else found


@task
def change_plan(account: Account, subscription_id: str) -> None:
    """Up or down to another price of the same currency and interval."""
    subscription = running(account, subscription_id)
    if subscription is None:
        return
    business = business_of(account)
    item = subscription["items"]["data"][0]
    now = next(o for o in business.prices if o.price == item["price"])
    others = [o for o in business.like(now) if o != now and o.amount is not None]
    if others and now.amount is not None:
        chosen = business.rng.choice(others)
        change_item(account, subscription, item["id"], price_id=chosen.price)


@task
def change_quantity(account: Account, subscription_id: str) -> None:
    """More seats or fewer."""
    subscription = running(account, subscription_id)
    if subscription is None:
        return
    rng = business_of(account).rng
    item = subscription["items"]["data"][-1]
    if item["quantity"]:
        count = max(item["quantity"] + rng.choice((-1, 1, 2, 3)), 1)
        change_item(account, subscription, item["id"], quantity=count)


@task
def card_trouble(account: Account, subscription_id: str) -> None:
    """The card declines: once or twice, or until the attempts are used up."""
    subscription = running(account, subscription_id)
    if subscription is None:
        return
    customer = account.get("customer", subscription["customer"])
    set_declines(account, customer, business_of(account).rng.choice((1, 2, 2, 4)))


@task
def pause_collection(account: Account, subscription_id: str) -> None:
    """Invoices are void for two months; the status stays as it is."""
    subscription = running(account, subscription_id)
    if subscription is None:
        return
    resumes = account.clock.now + 60 * DAY
    paused = part("subscription", "pause_collection", behavior="void", resumes_at=resumes)
    account.modify(subscription, {"pause_collection": paused})
    account.plan(resumes, collect_again, subscription_id)


@task
def collect_again(account: Account, subscription_id: str) -> None:
    """``resumes_at`` has come."""
    subscription = running(account, subscription_id)
    if subscription is not None:
        account.modify(subscription, {"pause_collection": None})


@task
def leave(account: Account, subscription_id: str) -> None:
    """Cancel at once or at the period's end; one in five comes back with a new card."""
    subscription = running(account, subscription_id)
    if subscription is None:
        return
    rng = business_of(account).rng
    details = {"feedback": rng.choice(FEEDBACK), "comment": None}
    if rng.random() < 0.6 and subscription["status"] in ("active", "trialing"):
        subscriptions.cancel_later(account, subscription, details=details)
    else:
        whole = rng.random() < 0.3
        subscriptions.cancel(account, subscription, details=details, prorate=whole,
                             invoice_now=whole)  # fmt: skip
    if rng.random() < 0.2:
        later = account.clock.now + rng.randrange(30 * DAY, 200 * DAY)
        account.plan(later, come_back, subscription["customer"])


@task
def come_back(account: Account, customer_id: str) -> None:
    """A new card and a new subscription."""
    customer = account.find("customer", customer_id)
    if customer is None:
        return
    give_card(account, business_of(account), customer)
    subscribe(account, customer_id)
