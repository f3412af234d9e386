"""Balance transactions by payout, which they do not show."""

from __future__ import annotations

from stripe_source.simulator.api.filters import equal
from stripe_source.simulator.api.registry import Special

SPECIALS = [Special("/v1/balance_transactions", filters={"payout": equal("payout")})]
