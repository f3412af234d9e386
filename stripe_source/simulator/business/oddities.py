"""Objects at the edges: 250 lines, 20 items, invoices in every state, deleted customers."""

from __future__ import annotations

from stripe_source.simulator.business.books import DAY, Books
from stripe_source.simulator.business.invoices import Line, bill, make_invoice_item
from stripe_source.simulator.business.subscriptions import subscribe
from stripe_source.simulator.types import Json

OUTCOMES = ("draft", "open", "overdue", "paid", "void", "uncollectible")


def add_oddities(books: Books, customers: list[Json]) -> None:
    """One of each, on the first customers with dollars, so that prices fit."""
    dollars = [c for c in customers if c["currency"] == "usd"] or customers[:1]
    customer = dollars[0]
    long_invoice(books, customer)
    wide_subscription(books, dollars[1 % len(dollars)])
    for number, outcome in enumerate(OUTCOMES):
        one_off(books, dollars[number % len(dollars)], outcome)
    delete_some(books, customers)


def prices_for(books: Books, currency: str, *, recurring: bool) -> list[Json]:
    """Active prices of a currency."""
    return [p for p in books.prices if p["currency"] == currency and p["active"]
            and (p["recurring"] is not None) == recurring]  # fmt: skip


def long_invoice(books: Books, customer: Json) -> None:
    """An invoice of 250 lines."""
    at = max(customer["created"], books.now - 40 * DAY)
    price = prices_for(books, customer["currency"], recurring=False)[0]
    lines = [Line(100 + n, f"Line {n}", price, 1, at, at, None, None) for n in range(250)]
    for line in lines:
        line.invoice_item = make_invoice_item(books, customer, line, at)
    bill(books, customer, lines, at)


def wide_subscription(books: Books, customer: Json) -> None:
    """A subscription with 20 items."""
    monthly = [
        p
        for p in prices_for(books, customer["currency"], recurring=True)
        if p["recurring"]["interval"] == "month" and p["recurring"]["interval_count"] == 1
    ]
    many = (monthly * 20)[:20]
    subscribe(books, customer, many, "active", max(customer["created"], books.now - 70 * DAY))


def one_off(books: Books, customer: Json, outcome: str) -> None:
    """A manual invoice in one state, and an invoice item that is still pending."""
    at = max(customer["created"], books.now - 20 * DAY)
    price = prices_for(books, customer["currency"], recurring=False)[0]
    amount = price["unit_amount"]
    line = Line(amount, "Setup", price, 1, at, at)
    line.invoice_item = make_invoice_item(books, customer, line, at)
    bill(books, customer, [line], at, outcome=outcome)
    make_invoice_item(books, customer, Line(amount, "Later", price, 1, at, at), at)


def delete_some(books: Books, customers: list[Json]) -> None:
    """Two customers in a hundred are deleted: those whose subscriptions have ended."""
    live = {s["customer"] for s in books.account.objects("/v1/subscriptions")
            if s["status"] not in ("canceled", "incomplete_expired")}  # fmt: skip
    gone = [c for c in customers if c["id"] not in live][: max(len(customers) // 50, 1)]
    for number, customer in enumerate(gone):
        at = books.now - number * DAY - 60
        books.tell("deleted", customer, at)
        books.account.delete("/v1/customers", customer["id"], event=False)
