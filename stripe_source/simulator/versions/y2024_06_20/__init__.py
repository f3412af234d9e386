"""2024-06-20: what 2025-03-31.basil changed, by what it concerns.

Most of it is told in https://docs.stripe.com/changelog/basil/2025-03-31; each file says what of its
subject could not be found there and was decided.
"""

from __future__ import annotations

from stripe_source.simulator.versions.y2024_06_20 import (
    catalog,
    credit_notes,
    invoice_items,
    invoices,
    lines,
    payments,
    platform,
    subscriptions,
)

CHANGES = {
    **catalog.CHANGES,
    **credit_notes.CHANGES,
    **invoice_items.CHANGES,
    **invoices.CHANGES,
    **lines.CHANGES,
    **payments.CHANGES,
    **platform.CHANGES,
    **subscriptions.CHANGES,
}
