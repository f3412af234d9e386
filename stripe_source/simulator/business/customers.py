"""Customers with their payment methods, tax ids, discounts and odd names."""

from __future__ import annotations

from stripe_source.simulator.billing import discounts
from stripe_source.simulator.billing.customer_balance import move_balance
from stripe_source.simulator.billing.making import new
from stripe_source.simulator.business.state import CURRENCIES, WEIGHTS, Business
from stripe_source.simulator.shapes import part
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.types import Json

FIRST = ("Ada", "Grace", "Linus", "Zoë", "Søren", "José", "Nguyễn", "李", "Иван", "O'Neil")
LAST = ("Lovelace", "Hopper", "Müller", "Østergård", "Núñez", "山田", "Петров", "Smith-Jones")
ODD = ('Robert"); DROP TABLE invoices;--', "Line\nbreak", "Tab\there", "🚀 Rockets 🚀", "", " ",
       "Ω" * 200, "back\\slash", "comma, quote \" and 'apostrophe'", "null",
       "\u202eright to left", "1e309")  # fmt: skip
PLACES = (("US", "San Francisco", "CA", "94105"), ("GB", "London", None, "EC1A 1BB"),
          ("DE", "Köln", None, "50667"), ("JP", "東京", None, "100-0001"),
          ("KW", "Kuwait", None, None))  # fmt: skip


def make_customer(
    account: Account, business: Business, number: int, currency: str | None = None
) -> Json:
    """One customer with a card, and now and then a tax id, a discount or a credit."""
    rng = business.rng
    name = ODD[number] if number < len(ODD) else f"{rng.choice(FIRST)} {rng.choice(LAST)}"
    country, city, state, code = rng.choice(PLACES)
    currency = currency or rng.choices(list(CURRENCIES), WEIGHTS)[0]
    customer = new(
        account, "customer", "cus", id=account.ids.new("cus", 14), name=name, balance=0,
        email=f"customer{number}@example.com", currency=currency, delinquent=False,
        description=f"Customer {number}" if rng.random() < 0.5 else None, tax_exempt="none",
        address={"city": city, "country": country, "line1": f"{number} Main St", "line2": None,
                 "postal_code": code, "state": state} if rng.random() < 0.8 else None,
        metadata=metadata(business, number), preferred_locales=[], next_invoice_sequence=1,
        invoice_prefix=f"INV{number:06d}", invoice_credit_balance={},
        invoice_settings=part("customer", "invoice_settings"),
    )  # fmt: skip
    account.add(customer)
    give_card(account, business, customer)
    if rng.random() < 0.15:
        make_tax_id(account, business, customer, country)
    if rng.random() < 0.05:
        coupon = account.find("coupon", business.coupons[0])
        if coupon is not None:
            made = discounts.redeem(account, coupon, customer["id"])
            account.modify(customer, {"discount": made["id"]})
    if rng.random() < 0.05:
        move_balance(account, customer, -rng.randrange(100, 5000), kind="adjustment")
    return customer


def metadata(business: Business, number: int) -> Json:
    """Most have some; one key in ten has a name that no column would like."""
    data: Json = {"crm_id": str(10000 + number), "plan": business.rng.choice(("a", "b"))}
    if number % 10 == 0:
        data["Strange Key-ü.1"] = "v" * 50
    return {} if number % 7 == 3 else data


def give_card(account: Account, business: Business, customer: Json) -> Json:
    """A card that becomes the default; the one before is detached."""
    last4 = f"{business.rng.randrange(10000):04d}"
    card = part("payment_method", "card", brand="visa", country="US", exp_month=12, exp_year=2030,
                fingerprint=account.ids.new("fp")[3:19], funding="credit", last4=last4,
                display_brand="visa")  # fmt: skip
    billing = part("payment_method", "billing_details", email=customer["email"],
                   name=customer["name"], address=customer["address"])  # fmt: skip
    method = new(account, "payment_method", "pm", type="card", card=card, metadata={},
                 customer=customer["id"], billing_details=billing)  # fmt: skip
    account.add(method, event="attached", hidden={"declines": 0})
    account.modify(customer, {"invoice_settings": {"default_payment_method": method["id"]}})
    return method


def make_tax_id(account: Account, business: Business, customer: Json, country: str) -> None:
    """A VAT number."""
    value = f"GB{business.rng.randrange(10**9):09d}"
    owner = part("tax_id", "owner", customer=customer["id"], type="customer")
    check = part("tax_id", "verification", status="verified")
    account.add(new(account, "tax_id", "txi", country=country, customer=customer["id"],
                    type="gb_vat", value=value, owner=owner, verification=check))  # fmt: skip


def set_declines(account: Account, customer: Json, count: int) -> None:
    """Have the customer's card decline its next charges; -1 for all of them."""
    method = customer["invoice_settings"]["default_payment_method"]
    row = account.home("payment_method").by_id.get(method or "")
    if row is not None:
        row.hidden = (row.hidden or {}) | {"declines": count}
