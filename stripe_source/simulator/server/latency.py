"""How long an answer takes, so that a client's concurrency shows.

The preset ``"stripe"`` is inferred: lists take 100-400 ms as clients report, everything else is set
beside that, and every expanded path adds to it.
"""

from __future__ import annotations

import random

from stripe_source.simulator.api.messages import Request
from stripe_source.simulator.config import SimulatorConfig

LISTS = (100.0, 400.0)
SINGLE = (50.0, 200.0)
WRITES = (150.0, 600.0)
"""Milliseconds."""
PER_EXPAND = 0.5
"""The share by which each expanded path makes an answer slower."""


def seconds_for(
    request: Request, config: SimulatorConfig, rng: random.Random, *, listed: bool
) -> float:
    """How long to wait before an answer: short waits are more frequent than long ones."""
    span = config.latency_ms
    if isinstance(span, str):
        low, high = WRITES if request.method != "GET" else LISTS if listed else SINGLE
        wait = rng.triangular(low, high, low + (high - low) / 5)
        return wait * (1 + PER_EXPAND * request.query.count("expand")) / 1000
    low, high = span
    return rng.uniform(low, high) / 1000 if high else 0.0
