"""What happens in the account: seeded, the same for the same seed.

The past is made by the clock: it is set to the first day, customers do what they do, and what falls
due happens, until the present. From then on the same goes on whenever the clock is advanced.
"""

from __future__ import annotations

import gc
import random

from stripe_source.simulator.billing.amounts import DAY
from stripe_source.simulator.billing.balance import next_monday, pay_out
from stripe_source.simulator.business.catalog import fill_catalog
from stripe_source.simulator.business.endings import ENDINGS
from stripe_source.simulator.business.fixtures import fill_account_object, fill_fixtures
from stripe_source.simulator.business.following import follow_up
from stripe_source.simulator.business.mutations import mutate
from stripe_source.simulator.business.oddities import plan_oddities
from stripe_source.simulator.business.people import join
from stripe_source.simulator.business.state import Business
from stripe_source.simulator.shapes import blank
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.store.events import RETENTION

__all__ = ["fill_account", "mutate"]


def fill_account(account: Account) -> None:
    """Make the account's objects; lists without a business get fixture objects."""
    config = account.config
    start = config.now - int(config.years * 365 * DAY)
    gc.disable()  # nothing of what is made here is garbage, and looking for it takes a quarter
    try:
        fill_account_object(account, start)
        if config.customers:
            run_business(account, start)
        fill_fixtures(account)
        account.settle()
        account.recent.clear()  # the search index has long caught up with the past
    finally:
        gc.enable()


def run_business(account: Account, start: int) -> None:
    """Catalog, customers, what they subscribe to, and what follows."""
    config = account.config
    business = Business(random.Random(config.seed), start, config.now)
    account.business = business
    account.journal.since = config.now - RETENTION - DAY
    with account.clock.standing():
        account.clock.at(start)
        account.ledger.bank_account = bank_account(account)
        fill_catalog(account, business)
        account.plan(next_monday(start), pay_out)
        account.plan(next_monday(start) + DAY + 9 * 3600, follow_up)
        for number, at in enumerate(joining_times(account, business)):
            account.plan(at, join, number)
        plan_oddities(account)
    account.timeline.run(account, config.now)


def joining_times(account: Account, business: Business) -> list[int]:
    """When each customer joins: growing, with the tied ones in one second in the middle."""
    config = account.config
    span = business.until - business.start - 3 * DAY
    first = min(len(ENDINGS), config.customers - config.ties)
    early = [business.start + DAY + number * span // 200 for number in range(first)]
    times = [business.start + DAY + int(span * business.rng.random() ** 0.7)
             for _ in range(config.customers - config.ties - first)]  # fmt: skip
    return early + sorted(times + [business.start + span // 2] * config.ties)


def bank_account(account: Account) -> str:
    """Where payouts go."""
    bank = blank("bank_account", id=account.ids.new("ba"), bank_name="STRIPE TEST BANK",
                 country="US", currency="usd", last4="6789", status="verified",
                 account=account.id)  # fmt: skip
    account.add(bank, at=account.clock.now, event=None)
    made: str = bank["id"]
    return made
