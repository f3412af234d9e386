"""What happened in the account before the first request: seeded, the same for the same seed."""

from __future__ import annotations

import random

from stripe_source.simulator.business.aftermath import pay_out, refund_some
from stripe_source.simulator.business.books import DAY, Books
from stripe_source.simulator.business.catalog import fill_catalog
from stripe_source.simulator.business.customers import make_customer
from stripe_source.simulator.business.fixtures import fill_account_object, fill_fixtures
from stripe_source.simulator.business.oddities import add_oddities, prices_for
from stripe_source.simulator.business.subscriptions import ENDINGS, subscribe
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.types import Json


def fill_account(account: Account) -> None:
    """Make the account's objects; lists without a business get fixture objects."""
    config = account.config
    start = config.now - int(config.years * 365 * DAY)
    fill_account_object(account, start)
    if config.customers:
        run_business(Books(account, random.Random(config.seed), config.now, start))
    fill_fixtures(account)


def run_business(books: Books) -> None:
    """Catalog, customers, what they subscribe to, and what follows."""
    fill_catalog(books)
    customers = []
    for number, at in enumerate(joining_times(books)):
        customer = make_customer(books, number, at)
        customers.append(customer)
        if number % 12 != 11:
            first_subscription(books, customer, number)
    add_oddities(books, customers)
    refund_some(books)
    pay_out(books)


def joining_times(books: Books) -> list[int]:
    """When each customer joins: growing, with the tied ones in one second in the middle."""
    config = books.account.config
    span = books.now - books.start - 3 * DAY
    times = [
        books.start + DAY + int(span * books.rng.random() ** 0.7)
        for _ in range(config.customers - config.ties)
    ]
    return sorted(times + [books.start + span // 2] * config.ties)


def first_subscription(books: Books, customer: Json, number: int) -> None:
    """A subscription to one or two prices; every ending occurs among the first customers."""
    endings = list(ENDINGS)
    ending = books.rng.choices(endings, list(ENDINGS.values()))[0]
    if number < len(endings):
        ending = endings[number]
    choice = books.rng.choice(prices_for(books, customer["currency"], recurring=True))
    prices = [choice]
    if books.rng.random() < 0.25:
        same = [
            p
            for p in prices_for(books, customer["currency"], recurring=True)
            if p["recurring"]["interval"] == choice["recurring"]["interval"]
            and p["recurring"]["interval_count"] == choice["recurring"]["interval_count"]
        ]
        prices.append(books.rng.choice(same))
    at = min(customer["created"] + books.rng.randrange(60, DAY), books.now - 3600)
    subscribe(books, customer, prices, ending, at)
