"""Ids that look like Stripe's and are never given twice."""

from __future__ import annotations

import random
import string

ALPHABET = string.ascii_letters + string.digits


class Ids:
    """Random, seeded ids; a running number inside keeps them apart."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._given = 0

    def new(self, prefix: str, length: int = 24) -> str:
        """``prefix`` and an underscore before ``length`` characters."""
        self._given += 1
        number = _base62(self._given).rjust(6, "0")
        body = "".join(self._random.choices(ALPHABET, k=max(length - 6, 4)))
        return f"{prefix}_{body}{number}"


def _base62(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 62)
        digits = ALPHABET[rest] + digits
    return digits
