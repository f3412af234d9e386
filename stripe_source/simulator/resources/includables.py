"""Fields that are stored with an object and shown only when expanded."""

from __future__ import annotations

INCLUDES = {
    "checkout.session": {"line_items": None},
    "payment_link": {"line_items": None},
    "quote": {"line_items": None},
    "issuing.card": {"number": None, "cvc": None},
}
