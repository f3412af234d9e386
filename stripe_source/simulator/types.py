"""The names that every part of the simulator shares."""

from __future__ import annotations

from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]
"""An object as Stripe's API writes it."""
