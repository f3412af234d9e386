"""Discounts: Stripe lists them nowhere; they come expanded with what they are applied to."""

from stripe_source.catalog.resource import Embedded, types


def discounts(*fields: str, history: bool = False) -> Embedded:
    """The ``discounts`` table, filled from these fields of a row."""
    events = types("customer.discount", "created deleted updated")
    return Embedded("discounts", "discount", fields, events, history=history)
