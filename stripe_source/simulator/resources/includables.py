"""Products, prices, plans, coupons and promotion codes."""

from __future__ import annotations

from stripe_source.simulator.api.filters import among, equal
from stripe_source.simulator.api.registry import Special
from stripe_source.simulator.search.fields import METADATA, STRING, TOKEN

INCLUDES = {
    "price": {"tiers": None, "currency_options": None},
    "plan": {"tiers": None},
    "coupon": {"applies_to": None, "currency_options": None},
    "checkout.session": {"line_items": None},
    "payment_link": {"line_items": None},
    "quote": {"line_items": None},
    "issuing.card": {"number": None, "cvc": None},
}
"""Stored with the object and dropped unless expanded."""

SPECIALS = [
    Special("/v1/products", filters={"ids": among("id")}),
    Special("/v1/prices", filters={"lookup_keys": among("lookup_key")}),
    Special("/v1/promotion_codes", filters={"coupon": equal("promotion.coupon")}),
]

SEARCH = {
    "product": {
        "active": TOKEN,
        "description": STRING,
        "metadata": METADATA,
        "name": STRING,
        "shippable": TOKEN,
        "url": STRING,
    },
    "price": {
        "active": TOKEN,
        "currency": TOKEN,
        "lookup_key": STRING,
        "metadata": METADATA,
        "product": STRING,
        "type": TOKEN,
    },
}
"""https://docs.stripe.com/search#query-fields-for-products and ``-prices``"""
