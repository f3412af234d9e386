"""Which test clock a write happens on: that of the object or the customer that it names."""

from __future__ import annotations

from stripe_source.simulator.store.account import Account
from stripe_source.simulator.types import Json

NAMED = {"customer": "customer", "subscription": "subscription", "invoice": "invoice"}
"""Parameters that name an object which may be on a clock."""


def clock_of(account: Account, path: str, ids: list[str], given: Json) -> str | None:
    """The clock's id; ``path`` is that of the list to which the first of the ids belongs."""
    row = account.collection(path).by_id.get(ids[0]) if ids else None
    found = [row.data] if row else []
    named = ((name, given.get(parameter)) for parameter, name in NAMED.items())
    found += [obj for name, each in named if (obj := account.find(name, each))]
    for obj in found:
        customer = account.find("customer", obj.get("customer"))
        clock = obj.get("test_clock") or (customer or {}).get("test_clock")
        if clock:
            return str(clock)
    clock = given.get("test_clock")
    return clock if account.find("test_helpers.test_clock", clock) else None
