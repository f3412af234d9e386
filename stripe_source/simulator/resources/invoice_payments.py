"""Invoice payments by what paid them."""

from __future__ import annotations

from stripe_source.simulator.api.filters import Filter
from stripe_source.simulator.api.registry import Special
from stripe_source.simulator.store.row import Row
from stripe_source.simulator.types import Json


def pays_with(row: Row, payment: Json) -> bool:
    """``payment[type]`` and ``payment[payment_intent]``."""
    return all(row.data["payment"].get(key) == value for key, value in payment.items())


SPECIALS = [Special("/v1/invoice_payments", filters={"payment": Filter(pays_with)})]
