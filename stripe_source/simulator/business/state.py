"""What the makers of the business share: its random numbers, its time, and what it sells."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import cast

from stripe_source.simulator.store.account import Account

CURRENCIES = {"usd": 1.0, "eur": 0.9, "gbp": 0.8, "jpy": 1.5, "kwd": 3.0}
"""Price level in minor units against the dollar's cents: yen have none, dinars have three."""
WEIGHTS = (60, 20, 10, 6, 4)


@dataclass
class Business:
    """The seeded business of one account.

    ``until`` is when the account is first looked at: endings that every account shows are timed by
    it. ``prices`` are all that was ever for sale; of the rest only the ids are kept.
    """

    rng: random.Random
    start: int
    until: int
    products: list[str] = field(default_factory=list)
    prices: list[Offer] = field(default_factory=list)
    coupons: list[str] = field(default_factory=list)
    tax_rates: list[str] = field(default_factory=list)
    joined: int = 0
    odd_customer: str | None = None

    def offers(self, currency: str, *, recurring: bool = True) -> list[Offer]:
        """What may be bought in a currency."""
        return [o for o in self.prices if o.currency == currency and o.active
                and (o.interval is not None) == recurring]  # fmt: skip

    def like(self, offer: Offer) -> list[Offer]:
        """What can stand beside an offer in one subscription: billed as often."""
        return [o for o in self.offers(offer.currency)
                if (o.interval, o.count) == (offer.interval, offer.count)]  # fmt: skip


@dataclass(frozen=True)
class Offer:
    """A price as the business chooses among them."""

    price: str
    currency: str
    interval: str | None
    count: int
    amount: int | None
    active: bool


def business_of(account: Account) -> Business:
    """The account's business."""
    return cast("Business", account.business)
