"""Products, prices with their plans, coupons, promotion codes and a tax rate."""

from __future__ import annotations

from dataclasses import dataclass

from stripe_source.simulator.billing.making import new
from stripe_source.simulator.billing.plans import plan_of
from stripe_source.simulator.business.state import CURRENCIES, Business, Offer
from stripe_source.simulator.shapes import part
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.types import Json

PRODUCTS = ("Starter", "Team", "Business", "Enterprise", "Seats", "API calls", "Storage", "Setup",
            "Ünïcode 製品 🚀", "Old plan")  # fmt: skip
BASE_CENTS = (900, 2900, 9900, 49900, 700, 1, 5, 15000, 1900, 500)
COUPONS: tuple[Json, ...] = (
    {"percent_off": 10.0, "duration": "forever", "name": "Ten percent for ever"},
    {"percent_off": 50.0, "duration": "once", "name": "Half off"},
    {"percent_off": 25.0, "duration": "repeating", "duration_in_months": 3, "name": "Quarter"},
    {"amount_off": 500, "currency": "usd", "duration": "forever", "name": "Five dollars"},
    {"percent_off": 33.3, "duration": "once", "name": "Two products"},
    {"percent_off": 100.0, "duration": "forever", "name": "Free", "valid": False},
)
"""Percent and amount off; forever, once, repeating; one for two products only."""
TAXES = (("VAT", 20.0, "GB", False), ("MwSt", 19.0, "DE", True))


@dataclass(frozen=True)
class Terms:
    """How a price is charged."""

    currency: str = "usd"
    interval: str | None = "month"
    count: int = 1
    usage: str = "licensed"
    tiers: str | None = None
    active: bool = True


def fill_catalog(account: Account, business: Business) -> None:
    """Everything that is for sale, from the first day on; one thing a minute."""
    at = account.clock.now
    business.tax_rates = [make_tax_rate(account, *each) for each in TAXES]
    for number, (name, cents) in enumerate(zip(PRODUCTS, BASE_CENTS, strict=True)):
        account.clock.at(at + number * 60)
        product = make_product(account, name)
        business.products.append(product["id"])
        for offset, terms in enumerate(terms_of(name)):
            price = make_price(account, product, cents, terms)
            business.prices.append(Offer(price["id"], terms.currency, terms.interval, terms.count,
                                         price["unit_amount"], terms.active))  # fmt: skip
            if offset == 0:
                account.modify(product, {"default_price": price["id"]})
    for number, kind in enumerate(COUPONS):
        make_coupon(account, business, number, kind)


def make_tax_rate(account: Account, name: str, percent: float, country: str, inside: bool) -> str:
    """A tax rate; its id."""
    rate = new(account, "tax_rate", "txr", active=True, display_name=name, percentage=percent,
               effective_percentage=percent, country=country, jurisdiction=country,
               inclusive=inside, rate_type="percentage", tax_type="vat", metadata={})  # fmt: skip
    made: str = account.add(rate)["id"]
    return made


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


def make_product(account: Account, name: str) -> Json:
    """One product."""
    return account.add(
        new(account, "product", "prod", name=name, active=name != "Old plan", type="service",
            description=f"{name} of the business", metadata={"family": name.lower()},
            unit_label="seat", marketing_features=[{"name": "Support"}],
            updated=account.clock.now))  # fmt: skip


def make_price(account: Account, product: Json, cents: int, terms: Terms) -> Json:
    """One price; a recurring one has a plan with the same id."""
    amount = round(cents * CURRENCIES[terms.currency] * (10 if terms.interval == "year" else 1))
    amount = max(amount, 1)
    price = new(
        account, "price", "price", active=terms.active, currency=terms.currency,
        billing_scheme="tiered" if terms.tiers else "per_unit", tiers_mode=terms.tiers,
        product=product["id"], type="recurring" if terms.interval else "one_time",
        tax_behavior="exclusive", unit_amount=None if terms.tiers else amount, metadata={},
        unit_amount_decimal=None if terms.tiers else str(amount),
        nickname=f"{product['name']} {terms.interval or 'once'}",
    )  # fmt: skip
    price["lookup_key"] = f"{product['metadata']['family']}_{terms.currency}_{price['id'][-6:]}"
    if terms.interval:
        price["recurring"] = part("price", "recurring", interval=terms.interval,
                                  interval_count=terms.count, usage_type=terms.usage)  # fmt: skip
    price["tiers"] = tiers_of(amount) if terms.tiers else None
    price["currency_options"] = {terms.currency: currency_option(price)}
    account.add(price)
    if terms.interval:
        account.add(plan_of(account, price))
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


def make_coupon(account: Account, business: Business, number: int, kind: Json) -> None:
    """A coupon with a promotion code."""
    now = account.clock.now
    values: Json = {"valid": True, "metadata": {}, "currency_options": {}} | kind
    if not values["valid"]:
        values["redeem_by"] = now + 30 * 86400
    identifier = f"SAVE{number}{account.config.seed}"
    coupon = new(account, "coupon", "coupon", id=identifier, **values)
    if number == 4:
        coupon["applies_to"] = {"products": business.products[:2]}
    account.add(coupon)
    business.coupons.append(identifier)
    account.add(new(account, "promotion_code", "promo", active=coupon["valid"],
                    code=f"CODE{number}", metadata={},
                    promotion={"coupon": identifier, "type": "coupon"}))  # fmt: skip
