"""When a subscription is billed, and for what.

Licensed items are billed for the period that begins, metered ones for the one that ended. Source:
https://docs.stripe.com/billing/subscriptions/billing-cycle
"""

from __future__ import annotations

import random
from functools import cache

from stripe_source.simulator.billing.amounts import plus
from stripe_source.simulator.billing.lines import item_line
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.types import Json


def items_of(subscription: Json) -> list[Json]:
    """The subscription's items."""
    rows: list[Json] = subscription["items"]["data"]
    return rows


def period_end(account: Account, item: Json, start: int, anchor: int) -> int:
    """When the period that begins at ``start`` ends."""
    recurring = account.get("price", item["price"])["recurring"]
    return plus(start, recurring["interval"], recurring["interval_count"], anchor)


def current_end(subscription: Json) -> int:
    """The end of the current period; all items share it."""
    end: int = items_of(subscription)[0]["current_period_end"]
    return end


def period_lines(
    account: Account, subscription: Json, start: int, end: int, *, before: int | None
) -> list[Json]:
    """The lines of a period; ``before`` is the start of the one that ended, if one did."""
    currency = subscription["currency"]
    lines = []
    for item in items_of(subscription):
        if not is_metered(account, item):
            lines.append(item_line(account, item, item["quantity"], start, end, currency))
        elif before is not None:
            lines.append(item_line(account, item, usage(item, before), before, start, currency))
    return lines


def usage_lines(account: Account, subscription: Json, since: int) -> list[Json]:
    """The usage since the last bill, when a subscription ends in mid-period."""
    now, currency = account.clock.now, subscription["currency"]
    return [item_line(account, item, usage(item, since), since, now, currency)
            for item in items_of(subscription) if is_metered(account, item)]  # fmt: skip


def is_metered(account: Account, item: Json) -> bool:
    """Whether an item is billed by usage."""
    return bool(account.get("price", item["price"])["recurring"]["usage_type"] == "metered")


@cache
def level(item_id: str) -> int:
    """About how much an item uses in a period."""
    return random.Random(item_id).randrange(1, 1800)


def usage(item: Json, since: int) -> int:
    """What a metered item used in the period from ``since``: the same whenever it is asked."""
    return max(level(item["id"]) + random.Random(f"{item['id']} {since}").randrange(-200, 400), 0)
