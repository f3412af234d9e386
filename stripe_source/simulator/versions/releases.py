"""The versions that Stripe has released, and which of them we render.

The list is the SDK's own (``api_version`` of a webhook endpoint's parameters, stripe 16.1.0).
"""

from __future__ import annotations

from stripe_source.simulator.api.errors import ApiError

CURRENT = "2026-10-28.endive"
"""The version of the stored objects."""
VERSIONS = (CURRENT, "2025-03-31.basil", "2024-06-20")
"""What we render, newest first."""
RELEASES = (
    "2024-06-20",
    "2024-09-30.acacia", "2024-10-28.acacia", "2024-11-20.acacia", "2024-12-18.acacia",
    "2025-01-27.acacia", "2025-02-24.acacia",
    "2025-03-31.basil", "2025-04-30.basil", "2025-05-28.basil", "2025-06-30.basil",
    "2025-07-30.basil", "2025-08-27.basil",
    "2025-09-30.clover", "2025-10-29.clover", "2025-11-17.clover", "2025-12-15.clover",
    "2026-01-28.clover", "2026-02-25.clover",
    "2026-03-25.dahlia", "2026-04-22.dahlia", "2026-05-27.dahlia", "2026-06-24.dahlia",
    "2026-07-29.dahlia", "2026-08-26.dahlia",
    "2026-09-30.endive", "2026-10-28.endive",
)  # fmt: skip
"""Every release from our oldest on; the older ones, which Stripe still serves, are errors here."""


def resolve(header: str | None, default: str) -> str:
    """Which of ``VERSIONS`` answers a ``Stripe-Version`` header; ``default`` where there is none.

    A release between two of ours is rendered as the next older one: acacia as 2024-06-20, clover
    and dahlia as basil. A month of the current release is rendered as the current one, for
    Stripe's monthly releases only add (https://docs.stripe.com/api/versioning). What Stripe never
    released is a 400.
    """
    asked = header or default
    if asked not in RELEASES:
        raise ApiError(400, f"Invalid Stripe API version: {asked}")
    if _release(asked) == _release(CURRENT):
        return CURRENT
    return next(version for version in VERSIONS if version[:10] <= asked[:10])


def _release(version: str) -> str:
    """``endive`` of ``2026-10-28.endive``."""
    return version.partition(".")[2]
