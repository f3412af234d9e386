"""The books balance: of two years of business, and of a month more after the clock was advanced."""

from __future__ import annotations

from collections import defaultdict
from copy import deepcopy
from itertools import pairwise
from typing import Any

import pytest

from stripe_source.simulator import Simulator, SimulatorConfig
from stripe_source.simulator.store.changes import merge
from stripe_source.simulator.store.events import SILENT

Json = dict[str, Any]


@pytest.fixture(scope="module", params=["as it was made", "forty days later", "a small one"])
def books(request: pytest.FixtureRequest) -> Simulator:
    """A business of some size; not served, for everything here is about what is stored."""
    if request.param == "a small one":
        return Simulator(SimulatorConfig(seed=12, customers=6, years=0.5))
    sim = Simulator(SimulatorConfig(seed=11, customers=300, years=2))
    if request.param == "forty days later":
        sim.advance(40 * 86400)
    return sim


def small(sim: Simulator) -> bool:
    """Whether the account is too small to hold one of everything."""
    return sim.config.customers < 100


def all_of(sim: Simulator, name: str) -> list[Json]:
    """All objects of a list, oldest first."""
    return sim.account.objects(f"/v1/{name}")[::-1]


def by_id(rows: list[Json]) -> dict[str, Json]:
    """Rows by their id."""
    return {row["id"]: row for row in rows}


def test_invoice_totals_follow_from_their_lines(books: Simulator) -> None:
    """subtotal, discounts, taxes and total are what the lines add up to."""
    for invoice in all_of(books, "invoices"):
        lines = invoice["lines"]["data"]
        off = sum(d["amount"] for line in lines for d in line["discount_amounts"])
        taxes = [t for line in lines for t in line["taxes"]]
        added = sum(t["amount"] for t in taxes if t["tax_behavior"] == "exclusive")
        inside = sum(t["amount"] for t in taxes if t["tax_behavior"] == "inclusive")
        subtotal = sum(line["amount"] for line in lines)
        assert invoice["subtotal"] == subtotal
        assert invoice["subtotal_excluding_tax"] == subtotal - inside
        assert invoice["total"] == subtotal - off + added
        assert invoice["total_excluding_tax"] == invoice["total"] - added - inside
        assert off == sum(d["amount"] for d in invoice["total_discount_amounts"])
        assert added + inside == sum(t["amount"] for t in invoice["total_taxes"])
        for line in lines:
            assert sum(d["amount"] for d in line["discount_amounts"]) <= max(line["amount"], 0)


def test_what_is_due_is_the_total_with_the_balance(books: Simulator) -> None:
    """The customer's balance and credit notes explain what is due, paid and left."""
    for invoice in all_of(books, "invoices"):
        finalized = invoice["status_transitions"]["finalized_at"] is not None
        before = invoice["starting_balance"] if finalized else 0
        noted = invoice["pre_payment_credit_notes_amount"]
        assert invoice["amount_due"] == max(invoice["total"] + before, 0) - noted
        if finalized:
            used = max(invoice["total"] + before, 0) - invoice["total"]
            assert invoice["ending_balance"] == before - used
        if invoice["status"] == "paid":
            assert invoice["amount_remaining"] == 0
        assert invoice["amount_remaining"] == invoice["amount_due"] - invoice["amount_paid"]


def test_payments_add_up_to_what_invoices_were_paid(books: Simulator) -> None:
    """Each paid one has its charge; they, and what came from elsewhere, are the amount paid."""
    paid: dict[str, int] = defaultdict(int)
    intents = by_id(all_of(books, "payment_intents"))
    charges = by_id(all_of(books, "charges"))
    for payment in all_of(books, "invoice_payments"):
        if payment["status"] != "paid":
            assert payment["amount_paid"] is None
            continue
        intent = intents[payment["payment"]["payment_intent"]]
        charge = charges[intent["latest_charge"]]
        assert intent["status"] == charge["status"] == "succeeded"
        assert payment["amount_paid"] == intent["amount_received"] == charge["amount_captured"]
        paid[payment["invoice"]] += payment["amount_paid"]
    for invoice in all_of(books, "invoices"):
        elsewhere = invoice["amount_paid_off_stripe"] or 0
        assert invoice["amount_paid"] == paid[invoice["id"]] + elsewhere


def test_refunds_add_up_on_their_charges(books: Simulator) -> None:
    """amount_refunded is the refunds that did not fail."""
    back: dict[str, int] = defaultdict(int)
    for refund in all_of(books, "refunds"):
        if refund["status"] == "succeeded":
            back[refund["charge"]] += refund["amount"]
    assert back
    for charge in all_of(books, "charges"):
        assert charge["amount_refunded"] == back[charge["id"]]
        assert charge["refunded"] == (0 < back[charge["id"]] == charge["amount"])


def test_credit_notes_add_up_on_their_invoices(books: Simulator) -> None:
    """Notes before and after payment are what the invoice says."""
    before: dict[str, int] = defaultdict(int)
    after: dict[str, int] = defaultdict(int)
    for note in all_of(books, "credit_notes"):
        if note["status"] == "issued":
            before[note["invoice"]] += note["pre_payment_amount"]
            after[note["invoice"]] += note["post_payment_amount"]
        assert note["amount"] == sum(line["amount"] for line in note["lines"]["data"])
    assert before
    assert after
    for invoice in all_of(books, "invoices"):
        assert invoice["pre_payment_credit_notes_amount"] == before[invoice["id"]]
        assert invoice["post_payment_credit_notes_amount"] == after[invoice["id"]]


def test_customer_balances_are_their_entries(books: Simulator) -> None:
    """A customer's balance is the sum of its transactions and the last one's ending balance."""
    entries: dict[str, list[Json]] = defaultdict(list)
    for entry in books.account.objects("#customer_balance_transaction")[::-1]:
        entries[entry["customer"]].append(entry)
    assert entries or small(books)
    for customer in all_of(books, "customers"):
        own = entries[customer["id"]]
        assert customer["balance"] == sum(e["amount"] for e in own)
        running = 0
        for entry in own:
            running += entry["amount"]
            assert entry["ending_balance"] == running


def test_payouts_are_the_sum_of_their_transactions(books: Simulator) -> None:
    """Each payout's entries, its own included, add up to nothing, to the cent."""
    rows = books.account.collection("/v1/balance_transactions").ordered
    of_payout: dict[str, list[Json]] = defaultdict(list)
    for row in rows:
        payout = (row.hidden or {})["payout"]
        if payout:
            of_payout[payout].append(row.data)
    payouts = all_of(books, "payouts")
    assert {p["status"] for p in payouts} >= {"paid", "failed"} or small(books)
    for payout in payouts:
        entries = of_payout[payout["id"]]
        assert sum(e["net"] for e in entries) == 0
        parts = [e for e in entries if e["id"] != payout["balance_transaction"]]
        assert sum(e["net"] for e in parts) == payout["amount"]
        assert {e["currency"] for e in entries} == {payout["currency"]}


def test_the_balance_is_what_was_not_paid_out(books: Simulator) -> None:
    """/v1/balance is every transaction's net by currency: payouts have taken theirs."""
    sums: dict[str, int] = defaultdict(int)
    for entry in all_of(books, "balance_transactions"):
        assert entry["net"] == entry["amount"] - entry["fee"]
        sums[entry["currency"]] += entry["net"]
    balance = books.account.registry.singletons["/v1/balance"](books.account)
    told: dict[str, int] = defaultdict(int)
    for each in [*balance["available"], *balance["pending"]]:
        told[each["currency"]] += each["amount"]
    assert {k: v for k, v in told.items() if v} == {k: v for k, v in sums.items() if v}


def test_coupons_know_how_often_they_were_redeemed(books: Simulator) -> None:
    """times_redeemed is the number of discounts."""
    times: dict[str, int] = defaultdict(int)
    for discount in books.account.objects("#discount"):
        times[discount["source"]["coupon"]] += 1
    for coupon in all_of(books, "coupons"):
        assert coupon["times_redeemed"] == times[coupon["id"]]


def test_periods_of_a_subscription_follow_each_other(books: Simulator) -> None:
    """Each licensed item is billed for one period after the other, without gap or overlap."""
    periods: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for invoice in all_of(books, "invoices"):
        for line in invoice["lines"]["data"]:
            details = line["parent"]["subscription_item_details"]
            if details and not details["proration"]:
                period = line["period"]["start"], line["period"]["end"]
                periods[details["subscription_item"]].append(period)
    assert max(len(each) for each in periods.values()) > (5 if small(books) else 20)
    for item, spans in periods.items():
        for (_, end), (start, _) in pairwise(spans):
            assert end == start, item


def test_the_last_event_of_an_object_is_the_object(books: Simulator) -> None:
    """What the newest event tells of an object is how it is, but for what changes silently."""
    compared = 0
    for name, path in (("customer", "customers"), ("subscription", "subscriptions"),
                       ("invoice", "invoices"), ("charge", "charges"), ("payout", "payouts"),
                       ("refund", "refunds"), ("dispute", "disputes"), ("product", "products"),
                       ("credit_note", "credit_notes"), ("payment_intent", "payment_intents"),
                       ("promotion_code", "promotion_codes")):  # fmt: skip
        last = {
            event["data"]["object"].get("id"): event["data"]["object"]
            for event in all_of(books, "events")
            if event["data"]["object"]["object"] == name
        }
        for row in books.account.collection(f"/v1/{path}").ordered:
            if row.id in last:
                now = books.account.presenter.present(row.data, {})
                assert without_silent(last[row.id], name) == without_silent(now, name), row.id
                compared += 1
    assert compared > (50 if small(books) else 500)


def test_events_of_an_object_follow_from_each_other(books: Simulator) -> None:
    """An update taken back by its previous_attributes is what the event before told."""
    told: dict[str, Json] = {}
    checked = 0
    for event in all_of(books, "events"):
        shown, name = event["data"]["object"], event["data"]["object"]["object"]
        before = told.get(shown.get("id", ""))
        previous = event["data"].get("previous_attributes")
        if before is not None and previous is not None:
            restored = deepcopy(shown)
            merge(restored, previous)
            assert without_silent(restored, name) == without_silent(before, name), event["id"]
            checked += 1
        if "id" in shown:
            told[shown["id"]] = shown
    assert checked > (20 if small(books) else 50)


def without_silent(obj: Json, name: str) -> Json:
    """An object without the fields that change without an event."""
    return {key: value for key, value in obj.items() if key not in SILENT.get(name, ())}


def test_statuses_of_every_kind(books: Simulator) -> None:
    """Subscriptions, invoices, disputes and refunds occur in the states that Stripe knows."""
    if small(books):
        return  # six customers can't be in every state
    found = {path: {row["status"] for row in all_of(books, path)}
             for path in ("subscriptions", "invoices", "disputes", "refunds")}  # fmt: skip
    assert found["subscriptions"] >= {"active", "canceled", "paused", "unpaid"}
    assert found["invoices"] == {"draft", "open", "paid", "void", "uncollectible"}
    assert found["disputes"] >= {"won", "lost"}
    assert found["refunds"] == {"succeeded", "failed"}
