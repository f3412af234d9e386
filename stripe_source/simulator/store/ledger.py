"""What the simulator keeps track of beside the objects that clients see."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Ledger:
    """Ids by what is still to happen to them.

    ``pending_items`` are invoice items by customer, ``pending`` and ``available`` balance
    transactions by the day from which they are available and, from then on, by currency until a
    payout takes them; ``fresh_charges`` and ``sent_invoices`` are those that nothing has followed
    yet; ``invoice_of`` is the invoice of a payment intent.
    """

    bank_account: str = ""
    payouts: int = 0
    pending_items: dict[str, list[str]] = field(default_factory=dict)
    pending: dict[int, list[str]] = field(default_factory=dict)
    available: dict[str, list[str]] = field(default_factory=dict)
    fresh_charges: list[str] = field(default_factory=list)
    sent_invoices: list[str] = field(default_factory=list)
    invoice_of: dict[str, str] = field(default_factory=dict)
