"""Ids that look like Stripe's and are never given twice."""

from __future__ import annotations

import random


class Ids:
    """Random, seeded ids; a running number at the end keeps them apart."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.given = 0

    def new(self, prefix: str, length: int = 24) -> str:
        """``prefix`` and an underscore before ``length`` hexadecimal digits."""
        self.given += 1
        digits = max(length - 6, 4)
        return f"{prefix}_{self._random.getrandbits(4 * digits):0{digits}x}{self.given:06x}"
