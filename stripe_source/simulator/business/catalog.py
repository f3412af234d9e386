"""Products, prices with their plans, coupons, promotion codes and a tax rate."""

from __future__ import annotations

from dataclasses import dataclass

from stripe_source.simulator.business.books import DAY, Books
from stripe_source.simulator.shapes import part
from stripe_source.simulator.types import Json

CURRENCIES = {"usd": 1.0, "eur": 0.9, "gbp": 0.8, "jpy": 1.5, "kwd": 3.0}
"""Price level in minor units against the dollar's cents: yen have none, dinars have three."""
PRODUCTS = ("Starter", "Team", "Business", "Enterprise", "Seats", "API calls", "Storage", "Setup",
            "Ünïcode 製品 🚀", "Old plan")  # fmt: skip
BASE_CENTS = (900, 2900, 9900, 49900, 700, 1, 5, 15000, 1900, 500)


@dataclass(frozen=True)
class Terms:
    """How a price is charged."""

    currency: str = "usd"
    interval: str | None = "month"
    count: int = 1
    usage: str = "licensed"
    tiers: str | None = None
    active: bool = True


def fill_catalog(books: Books) -> None:
    """Everything that is for sale, from the first day on."""
    at = books.start
    rate = books.new("tax_rate", "txr", at, active=True, display_name="VAT", percentage=20.0,
                     effective_percentage=20.0, country="GB", jurisdiction="GB", inclusive=False,
                     rate_type="percentage", tax_type="vat", metadata={})  # fmt: skip
    books.tax_rate = books.keep(rate, at)
    for number, (name, cents) in enumerate(zip(PRODUCTS, BASE_CENTS, strict=True)):
        product = make_product(books, name, at + number * 60)
        books.products.append(product)
        for offset, terms in enumerate(terms_of(name)):
            price = make_price(books, product, cents, terms, at + number * 60 + offset)
            books.prices.append(price)
            if offset == 0:
                product["default_price"] = price["id"]
    fill_coupons(books, at)


def terms_of(name: str) -> list[Terms]:
    """The prices of one product."""
    if name == "Setup":
        return [Terms(c, None) for c in CURRENCIES]
    if name == "API calls":
        return [Terms(c, usage="metered", tiers="graduated") for c in CURRENCIES]
    if name == "Storage":
        return [Terms(c, tiers="volume") for c in CURRENCIES]
    if name == "Old plan":
        return [Terms(active=False), Terms(interval="day", count=30, active=False)]
    terms = [Terms(c, i) for c in CURRENCIES for i in ("month", "year")]
    extra = [Terms(interval="week"), Terms(interval="month", count=3)]
    return [*terms, *(extra if name == "Starter" else [])]


def make_product(books: Books, name: str, at: int) -> Json:
    """One product."""
    product = books.new("product", "prod", at, name=name, active=name != "Old plan", updated=at,
                        type="service", description=f"{name} of the business",
                        metadata={"family": name.lower()}, unit_label="seat",
                        marketing_features=[{"name": "Support"}])  # fmt: skip
    return books.keep(product, at)


def make_price(books: Books, product: Json, cents: int, terms: Terms, at: int) -> Json:
    """One price; a recurring one has a plan with the same id."""
    amount = round(cents * CURRENCIES[terms.currency] * (10 if terms.interval == "year" else 1))
    amount = max(amount, 1)
    price = books.new(
        "price", "price", at, active=terms.active, currency=terms.currency, product=product["id"],
        billing_scheme="tiered" if terms.tiers else "per_unit", tiers_mode=terms.tiers,
        type="recurring" if terms.interval else "one_time", tax_behavior="exclusive",
        unit_amount=None if terms.tiers else amount,
        unit_amount_decimal=None if terms.tiers else str(amount),
        nickname=f"{product['name']} {terms.interval or 'once'}",
        lookup_key=f"{product['metadata']['family']}_{terms.currency}_{terms.interval}_{at}",
        metadata={},
    )  # fmt: skip
    if terms.interval:
        price["recurring"] = part("price", "recurring", interval=terms.interval,
                                  interval_count=terms.count, usage_type=terms.usage)  # fmt: skip
    price["tiers"] = tiers_of(amount) if terms.tiers else None
    price["currency_options"] = {terms.currency: currency_option(price)}
    books.keep(price, at)
    if terms.interval:
        books.keep(plan_of(books, price), at)
    return price


def tiers_of(amount: int) -> list[Json]:
    """Three steps; the last has no end."""
    steps = [(100, amount * 3, 0), (1000, amount * 2, None), (None, amount, 500)]
    return [
        {
            "flat_amount": flat,
            "flat_amount_decimal": None if flat is None else str(flat),
            "unit_amount": unit,
            "unit_amount_decimal": str(unit),
            "up_to": end,
        }
        for end, unit, flat in steps
    ]


def currency_option(price: Json) -> Json:
    """The price in one currency."""
    return {
        "custom_unit_amount": None,
        "tax_behavior": price["tax_behavior"],
        "tiers": price["tiers"],
        "unit_amount": price["unit_amount"],
        "unit_amount_decimal": price["unit_amount_decimal"],
    }


def plan_of(books: Books, price: Json) -> Json:
    """The plan that a recurring price has for older clients."""
    recurring = price["recurring"]
    return books.new(
        "plan", "plan", price["created"], id=price["id"], active=price["active"],
        amount=price["unit_amount"], amount_decimal=price["unit_amount_decimal"],
        billing_scheme=price["billing_scheme"], currency=price["currency"], metadata={},
        interval=recurring["interval"], interval_count=recurring["interval_count"],
        nickname=price["nickname"], product=price["product"], tiers=price["tiers"],
        tiers_mode=price["tiers_mode"], usage_type=recurring["usage_type"],
    )  # fmt: skip


def fill_coupons(books: Books, at: int) -> None:
    """Percent and amount off; forever, once, repeating; one for two products only."""
    kinds = [
        {"percent_off": 10.0, "duration": "forever", "name": "Ten percent for ever"},
        {"percent_off": 50.0, "duration": "once", "name": "Half off"},
        {"percent_off": 25.0, "duration": "repeating", "duration_in_months": 3, "name": "Quarter"},
        {"amount_off": 500, "currency": "usd", "duration": "forever", "name": "Five dollars"},
        {"percent_off": 33.3, "duration": "once", "name": "Two products"},
        {"percent_off": 100.0, "duration": "forever", "name": "Free", "valid": False,
         "redeem_by": at + 30 * DAY},
    ]  # fmt: skip
    for number, kind in enumerate(kinds):
        values = {"valid": True, "metadata": {}, "currency_options": {}} | kind
        coupon = books.new("coupon", "coupon", at + number, **values)
        coupon["id"] = f"SAVE{number}{books.account.config.seed}"
        if number == 4:
            coupon["applies_to"] = {"products": [p["id"] for p in books.products[:2]]}
        books.coupons.append(books.keep(coupon, at + number))
        code = books.new("promotion_code", "promo", at + number, active=coupon["valid"],
                         code=f"CODE{number}", metadata={},
                         promotion={"coupon": coupon["id"], "type": "coupon"})  # fmt: skip
        books.keep(code, at + number)
