"""What is kept to answer quickly is never seen to be old: texts, indexes, and objects at work.

``REPLAY_EXAMPLES`` works as in ``test_replay.py``.
"""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from stripe_source.simulator import Simulator
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.store.collection import Index

from .conftest import Wire, sdk
from .histories import STEPS, Player, Step, histories, small
from .replaying import LISTS

Json = dict[str, Any]
EXPANDED = (
    "/v1/charges?expand[]=data.refunds&expand[]=data.customer&expand[]=data.payment_intent",
    "/v1/coupons?expand[]=data.applies_to",
    "/v1/customers?expand[]=data.subscriptions&expand[]=data.tax_ids",
    "/v1/customers?expand[]=data.invoice_settings.default_payment_method",
    "/v1/customers?expand[]=data.discount.source.coupon",
    "/v1/disputes?expand[]=data.charge.customer",
    "/v1/invoices?expand[]=data.payments&expand[]=data.customer",
    "/v1/invoices?expand[]=data.discounts.source.coupon",
    "/v1/payment_intents?expand[]=data.latest_charge.refunds",
    "/v1/prices?expand[]=data.product&expand[]=data.currency_options",
    "/v1/products?expand[]=data.default_price",
    "/v1/promotion_codes?expand[]=data.promotion.coupon",
    "/v1/refunds?expand[]=data.charge&expand[]=data.balance_transaction",
    "/v1/subscriptions?status=all&expand[]=data.customer&expand[]=data.discounts",
    "/v1/subscriptions?status=all&expand[]=data.default_payment_method.customer",
    "/v1/subscriptions?status=all&expand[]=data.latest_invoice.payments",
)
BY_CUSTOMER = (
    "charges", "credit_notes", "invoiceitems", "invoices", "payment_intents", "payment_methods",
    "promotion_codes", "setup_intents", "subscriptions",
)  # fmt: skip
INDEXED = (
    "/v1/invoices?status=open",
    "/v1/invoices?status=draft",
    "/v1/plans?active=true",
    "/v1/prices?active=true",
    "/v1/products?active=true",
    "/v1/subscriptions?status=active",
    "/v1/subscriptions?status=canceled",
    *(f"/v1/{name}?customer=cus_none" for name in BY_CUSTOMER),
)
"""Pages that make lists keep indexes from then on."""
PAGES = (*LISTS.values(), *EXPANDED, *INDEXED)


@histories(25)
@given(steps=STEPS, seed=st.integers(1, 20))
def test_nothing_that_is_kept_is_old(steps: list[Step], seed: int) -> None:
    """After any history pages are as if rendered anew, indexes as if built anew, no object open."""
    with small(seed) as sim:
        wire = Wire(sim)
        play(sim, [("sync",), *steps], wire)
        account = sim.account
        assert not live(account)
        assert broken_indexes(account) == []
        served = {page: body(wire, page) for page in PAGES}
        assert not live(account)
        forget_texts(account)
        assert [page for page in PAGES if body(wire, page) != served[page]] == []


@histories(25)
@given(steps=STEPS, seed=st.integers(1, 20))
def test_reading_changes_nothing(steps: list[Step], seed: int) -> None:
    """The account comes out the same whether it was read in between or not."""
    with small(seed) as read, small(seed) as unread:
        play(read, [each for step in steps for each in (step, ("sync",))], Wire(read))
        play(unread, steps)
        for path in read.account.collections:
            assert dump(read.account, path) == dump(unread.account, path)


def test_what_a_write_makes_due_at_once_happens_with_it(own: Simulator) -> None:
    """A trial of less than three days is about to end: nobody need read first for the event."""
    v1 = sdk(own).v1
    customer = v1.customers.create({"name": "New"}).id
    price = v1.prices.list({"type": "recurring", "active": True, "limit": 1}).data[0].id
    v1.subscriptions.create(
        {"customer": customer, "items": [{"price": price}], "trial_period_days": 2}
    )
    types = [event["type"] for event in own.account.objects("/v1/events")[:4]]
    assert "customer.subscription.trial_will_end" in types


def play(sim: Simulator, steps: list[Step], wire: Wire | None = None) -> None:
    """Let steps happen; a sync reads every page, if there is somebody to read."""
    player = Player(sim)
    for step in steps:
        if step[0] != "sync":
            player.play(step)
        elif wire is not None:
            for page in PAGES:
                body(wire, page)


def body(wire: Wire, page: str) -> bytes:
    """A page of a hundred."""
    answer = wire.get(f"{page}{'&' if '?' in page else '?'}limit=100")
    assert answer.status == 200, answer.data
    return answer.data


def live(account: Account) -> list[str]:
    """The objects that are dicts."""
    rows = [row for each in account.collections.values() for row in each.ordered]
    return [row.id for row in rows if row.live is not None]


def forget_texts(account: Account) -> None:
    """Leave of every row only what is stored."""
    for collection in account.collections.values():
        for row in collection.ordered:
            row.text, row.shown, row.expanded, row.stamp = row.stored, None, None, 0


def broken_indexes(account: Account) -> list[str]:
    """The lists and fields whose indexes find other rows than there are."""
    found = []
    for path, collection in account.collections.items():
        rows = collection.ordered.rows
        if collection.by_id != {row.id: row for row in rows}:
            found.append(f"{path} by id")
        if collection.ordered.keys != sorted(row.key for row in rows):
            found.append(f"{path} in order")
        for field, index in collection.indexes.items():
            if entries(index) != entries(Index(field, collection.ordered)):
                found.append(f"{path} by {field}")
    return found


def entries(index: Index) -> dict[Any, list[str]]:
    """Value to ids in order."""
    return {v: [row.id for row in rows] for v, rows in index.by_value.items() if len(rows)}


def dump(account: Account, path: str) -> list[Json]:
    """A list's objects; requests are numbered, and reads count."""
    return [{k: v for k, v in obj.items() if k != "request"} for obj in account.objects(path)]
