"""What the server keeps of each account that it serves."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from stripe_source.simulator.config import SimulatorConfig
from stripe_source.simulator.server.idempotency import Idempotency
from stripe_source.simulator.server.limits import Limits
from stripe_source.simulator.server.stats import Stats
from stripe_source.simulator.store.account import Account


@dataclass
class Served:
    """One account with its counters, buckets and idempotency keys."""

    account: Account
    stats: Stats
    limits: Limits
    idempotency: Idempotency


def serve_account(account: Account, config: SimulatorConfig) -> Served:
    """An account as the server first meets it; ``config`` is the platform's, whose knobs count."""
    stats = Stats(deque(maxlen=config.request_log))
    return Served(account, stats, Limits(config), Idempotency(account.clock))
