"""Customers with their payment methods, tax ids, discounts and odd names."""

from __future__ import annotations

from stripe_source.simulator.business.books import DAY, Books
from stripe_source.simulator.business.catalog import CURRENCIES
from stripe_source.simulator.shapes import part
from stripe_source.simulator.types import Json

FIRST = ("Ada", "Grace", "Linus", "Zoë", "Søren", "José", "Nguyễn", "李", "Иван", "O'Neil")
LAST = ("Lovelace", "Hopper", "Müller", "Østergård", "Núñez", "山田", "Петров", "Smith-Jones")
ODD = ('Robert"); DROP TABLE invoices;--', "Line\nbreak", "Tab\there", "🚀 Rockets 🚀", "", " ",
       "Ω" * 200, "back\\slash", "comma, quote \" and 'apostrophe'", "null",
       "\u202eright to left", "1e309")  # fmt: skip
PLACES = (("US", "San Francisco", "CA", "94105"), ("GB", "London", None, "EC1A 1BB"),
          ("DE", "Köln", None, "50667"), ("JP", "東京", None, "100-0001"),
          ("KW", "Kuwait", None, None))  # fmt: skip
WEIGHTS = (60, 20, 10, 6, 4)


def make_customer(books: Books, number: int, at: int) -> Json:
    """One customer with a card; the currency is kept for its subscriptions."""
    rng = books.rng
    name = ODD[number] if number < len(ODD) else f"{rng.choice(FIRST)} {rng.choice(LAST)}"
    country, city, state, code = rng.choice(PLACES)
    currency = rng.choices(list(CURRENCIES), WEIGHTS)[0]
    customer = books.new(
        "customer", "cus", at, id=books.account.ids.new("cus", 14), name=name,
        email=f"customer{number}@example.com", currency=currency, balance=0, delinquent=False,
        description=f"Customer {number}" if rng.random() < 0.5 else None, tax_exempt="none",
        address={"city": city, "country": country, "line1": f"{number} Main St", "line2": None,
                 "postal_code": code, "state": state} if rng.random() < 0.8 else None,
        metadata=metadata(books, number), preferred_locales=[], next_invoice_sequence=1,
        invoice_prefix=f"INV{number:06d}", invoice_credit_balance={},
        invoice_settings=part("customer", "invoice_settings"),
    )  # fmt: skip
    books.keep(customer, at)
    method = make_method(books, customer, at + 1)
    customer["invoice_settings"]["default_payment_method"] = method["id"]
    books.tell("updated", customer, at + 1,
               {"invoice_settings": {"default_payment_method": None}})  # fmt: skip
    if rng.random() < 0.15:
        make_tax_id(books, customer, country, at + 2)
    if rng.random() < 0.05:
        discount_customer(books, customer, at + 3)
    if rng.random() < 0.05:
        customer["balance"] = -rng.randrange(100, 5000)
        balance_entry(books, customer, at + 4)
    return customer


def metadata(books: Books, number: int) -> Json:
    """Most have some; one key in ten has a name that no column would like."""
    data: Json = {"crm_id": str(10000 + number), "plan": books.rng.choice(("a", "b"))}
    if number % 10 == 0:
        data["Strange Key-ü.1"] = "v" * 50
    return {} if number % 7 == 3 else data


def make_method(books: Books, customer: Json, at: int) -> Json:
    """A card."""
    last4 = f"{books.rng.randrange(10000):04d}"
    card = part("payment_method", "card", brand="visa", country="US", exp_month=12, exp_year=2030,
                fingerprint=books.account.ids.new("fp")[3:19], funding="credit", last4=last4,
                display_brand="visa")  # fmt: skip
    billing = part("payment_method", "billing_details", email=customer["email"],
                   name=customer["name"], address=customer["address"])  # fmt: skip
    method = books.new("payment_method", "pm", at, type="card", card=card, metadata={},
                       customer=customer["id"], billing_details=billing)  # fmt: skip
    return books.keep(method, at, event="attached")


def make_tax_id(books: Books, customer: Json, country: str, at: int) -> None:
    """A VAT number."""
    value = f"GB{books.rng.randrange(10**9):09d}"
    owner = part("tax_id", "owner", customer=customer["id"], type="customer")
    check = part("tax_id", "verification", status="verified")
    books.keep(books.new("tax_id", "txi", at, country=country, customer=customer["id"],
                         type="gb_vat", value=value, owner=owner, verification=check),
               at)  # fmt: skip


def make_discount(books: Books, coupon: Json, customer: Json, at: int, **values: str) -> Json:
    """A discount; only expanded is it more than an id, and no list has it."""
    months = coupon["duration_in_months"]
    discount = books.new("discount", "di", at, customer=customer["id"], start=at,
                         end=at + months * 30 * DAY if months else None,
                         source={"coupon": coupon["id"], "type": "coupon"}, **values)  # fmt: skip
    coupon["times_redeemed"] += 1
    return books.keep(discount, at)


def discount_customer(books: Books, customer: Json, at: int) -> None:
    """A customer's own discount comes embedded."""
    customer["discount"] = make_discount(books, books.coupons[0], customer, at)


def balance_entry(books: Books, customer: Json, at: int) -> None:
    """Where the customer's balance comes from."""
    entry = books.new("customer_balance_transaction", "cbtxn", at, amount=customer["balance"],
                      currency=customer["currency"], customer=customer["id"], type="adjustment",
                      ending_balance=customer["balance"], metadata={})  # fmt: skip
    books.keep(entry, at)
