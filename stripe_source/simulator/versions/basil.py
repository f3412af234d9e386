"""2025-03-31.basil: what moved between it and 2026-10-28.endive.

Both moves came with 2025-09-30.clover: the coupon of a discount and of a promotion code went into
a hash (https://docs.stripe.com/changelog/clover/2025-09-30/add-discount-source-property). Before,
the whole coupon stood in both.
"""

from __future__ import annotations

from stripe_source.simulator.types import Json
from stripe_source.simulator.versions.lookup import Lookup, inner, resolved


def discount(obj: Json, lookup: Lookup) -> Json:
    """``source.coupon`` was ``coupon``."""
    return {"coupon": resolved(inner(obj, "source", "coupon"), "coupon", lookup)}


def promotion_code(obj: Json, lookup: Lookup) -> Json:
    """``promotion.coupon`` was ``coupon``."""
    return {"coupon": resolved(inner(obj, "promotion", "coupon"), "coupon", lookup)}


CHANGES = {"discount": discount, "promotion_code": promotion_code}
