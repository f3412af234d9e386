"""Changes while it serves, so that a client reads from an account that does not stand still."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from stripe_source.simulator.config import SimulatorConfig

STEP = 0.1
"""Seconds between looks at the clock, at the most."""


async def keep_changing(mutate: Callable[[int], object], config: SimulatorConfig) -> None:
    """Let ``config.live`` changes a second happen, for ever; the rate may change meanwhile.

    What falls behind by more than a second is left out, so that requests get their turn.
    """
    owed, last = 0.0, time.monotonic()
    while True:
        rate = config.live
        await asyncio.sleep(min(1 / rate, STEP) if rate else STEP)
        now = time.monotonic()
        owed, last = min(owed + rate * (now - last), max(rate, 1.0)), now
        if owed >= 1:
            mutate(int(owed))
            owed -= int(owed)
