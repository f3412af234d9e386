"""Balance transactions and payouts: every movement of money, and what reaches the bank.

An entry is available two days later; every Monday what has become available is paid out, by
currency. The parts of a payout, itself included, add up to nothing.
"""

from __future__ import annotations

from typing import Any

from stripe_source.simulator.billing.amounts import DAY, SETTLED_AS, midnight
from stripe_source.simulator.billing.making import new
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.store.timeline import task
from stripe_source.simulator.types import Json

CATEGORIES = {"adjustment": "dispute", "payout_failure": "payout_reversal",
              "payout_cancel": "payout_reversal"}  # fmt: skip
"""``reporting_category`` where it is not the type."""
WEEK = 7 * DAY
MONDAY = 4 * DAY
"""1970-01-01 was a Thursday: the first Monday came four days later."""


def enter(
    account: Account, source: Json, amount: int, *, kind: str, fee: int = 0, delay: int = 2
) -> Json:
    """A balance transaction in the settlement currency of its source."""
    now = account.clock.now
    currency, rate = SETTLED_AS.get(source["currency"], (source["currency"], None))
    available = midnight(now) + delay * DAY if delay else now
    fees = [{"amount": fee, "application": None, "currency": currency,
             "description": "Stripe processing fees", "type": "stripe_fee"}]  # fmt: skip
    entry = new(
        account, "balance_transaction", "txn", amount=amount, fee=fee, net=amount - fee, type=kind,
        currency=currency, exchange_rate=rate, available_on=available, source=source["id"],
        fee_details=fees if fee else [], reporting_category=CATEGORIES.get(kind, kind),
        balance_type="payments", status="pending" if delay else "available",
        description=source.get("description"),
    )  # fmt: skip
    account.add(entry, hidden={"payout": None}, event=None)
    ledger = account.ledger
    if not delay:
        ledger.available.setdefault(currency, []).append(entry["id"])
    elif available not in ledger.pending:
        ledger.pending[available] = [entry["id"]]
        account.plan(available, become_available, available)
    else:
        ledger.pending[available].append(entry["id"])
    return entry


@task
def become_available(account: Account, day: int) -> None:
    """Midnight: what was pending until this day is now available. No entry has an event."""
    for identifier in account.ledger.pending.pop(day, []):
        entry = account.get("balance_transaction", identifier)
        entry["status"] = "available"
        account.ledger.available.setdefault(entry["currency"], []).append(identifier)
    account.emit("balance.available", balance(account))


def balance(account: Account) -> Json:
    """The account's balance, from the entries that no payout has taken."""
    made = new(account, "balance", "", available=[], pending=[], connect_reserved=None,
               instant_available=None, issuing=None)  # fmt: skip
    ledger = account.ledger
    waiting = [i for day in ledger.pending.values() for i in day]
    made["available"] = amounts(account, [i for ids in ledger.available.values() for i in ids])
    made["pending"] = amounts(account, waiting)
    return made


def amounts(account: Account, entries: list[str]) -> list[Json]:
    """Sums by currency."""
    sums: dict[str, int] = {}
    for identifier in entries:
        entry = account.get("balance_transaction", identifier)
        sums[entry["currency"]] = sums.get(entry["currency"], 0) + entry["net"]
    return [{"amount": amount, "currency": currency, "source_types": {"card": amount}}
            for currency, amount in sorted(sums.items())]  # fmt: skip


def next_monday(at: int) -> int:
    """The next start of a Monday, UTC."""
    return (at - MONDAY) // WEEK * WEEK + MONDAY + WEEK


@task
def pay_out(account: Account) -> None:
    """Monday: each currency's available entries, where they add up to something to pay."""
    account.plan(next_monday(account.clock.now), pay_out)
    for currency, entries in sorted(account.ledger.available.items()):
        amount = sum(account.get("balance_transaction", i)["net"] for i in entries)
        if amount > 0:
            account.ledger.available[currency] = []
            make_payout(account, amount, currency, entries)


def make_payout(
    account: Account, amount: int, currency: str, entries: list[str], **values: Any
) -> Json:
    """A payout of these entries with a balance transaction of its own."""
    now = account.clock.now
    payout = new(
        account, "payout", "po", amount=amount, arrival_date=midnight(now) + 2 * DAY,
        automatic=True, currency=currency, description="STRIPE PAYOUT", metadata={},
        destination=account.ledger.bank_account, method="standard", source_type="card",
        reconciliation_status="completed", status="pending", type="bank_account",
        trace_id={"status": "pending", "value": None},
    ) | values  # fmt: skip
    own = enter(account, payout, -amount, kind="payout", delay=0)
    if entries:
        account.ledger.available[currency].remove(own["id"])
    payout["balance_transaction"] = own["id"]
    account.add(payout)
    rows = account.home("balance_transaction").by_id
    for identifier in (*entries, own["id"]):
        rows[identifier].hidden = {"payout": payout["id"]}
    if payout["automatic"]:
        account.emit("reconciliation_completed", payout)
    account.plan(payout["arrival_date"], arrive, payout["id"])
    return payout


def cancel_payout(account: Account, payout: Json) -> None:
    """What was on its way comes back."""
    back = enter(account, payout, payout["amount"], kind="payout_cancel", delay=0)
    account.modify(payout, {"status": "canceled", "failure_balance_transaction": back["id"]},
                   event="canceled")  # fmt: skip


@task
def arrive(account: Account, payout_id: str) -> None:
    """The money reaches the bank; one payout in fifty does not, and the money comes back."""
    payout = account.get("payout", payout_id)
    if payout["status"] not in ("pending", "in_transit"):
        return
    account.ledger.payouts += 1
    if account.ledger.payouts % 50 == 0:
        back = enter(account, payout, payout["amount"], kind="payout_failure", delay=0)
        account.modify(
            payout,
            {
                "status": "failed",
                "failure_code": "account_closed",
                "failure_message": "The bank account has been closed.",
                "failure_balance_transaction": back["id"],
            },
            event="failed",
        )
        return
    trace = {"status": "supported", "value": f"TRACE{payout['created']}"}
    account.modify(payout, {"status": "paid", "trace_id": trace}, event="updated")
    account.emit("paid", payout)
