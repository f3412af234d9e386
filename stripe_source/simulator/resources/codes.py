"""Codes that Stripe makes up: coupons, promotion codes, invoice prefixes."""

from __future__ import annotations

import random
from string import ascii_uppercase, digits

from stripe_source.simulator.store.account import Account


def random_code(account: Account, length: int = 8) -> str:
    """Capitals and digits, the same for the same account."""
    chance = random.Random(account.ids.new("code"))
    return "".join(chance.choices(ascii_uppercase + digits, k=length))
