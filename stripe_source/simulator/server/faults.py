"""Scripted faults: which requests are to go wrong, and how.

A fault is a dict: ``path`` (prefix; all paths where absent), ``nth`` (the first request of that
path to fail, from 1), ``times`` (how many in a row, 1), ``kind`` and, for a stall, ``seconds``.
"""

from __future__ import annotations

from collections.abc import Callable

from stripe_source.simulator.api.errors import ApiError, lock_timeout
from stripe_source.simulator.types import Json

KINDS = {
    "500", "502_html", "503", "reset", "truncate", "stall", "429_lock_timeout", "401", "redirect",
    "garbage",
}  # fmt: skip
ERRORS: dict[str, Callable[[], ApiError]] = {
    "500": lambda: ApiError(500, "An unknown error occurred"),
    "503": lambda: ApiError(503, "Stripe is temporarily unavailable. Please try again."),
    "429_lock_timeout": lock_timeout,
    "401": lambda: ApiError(401, "Invalid API Key provided: sk_test_****gone"),
}
BODIES = {
    "502_html": (502, b"<html><head><title>502 Bad Gateway</title></head></html>", "text/html"),
    "garbage": (200, b"<!doctype html>not json", "application/json"),
    "redirect": (302, b"", "text/html"),
}


def due(faults: list[Json], path: str) -> Json | None:
    """The fault that this request meets. Each fault counts the requests to its path by itself."""
    met = None
    for fault in faults:
        if fault["kind"] not in KINDS:
            raise ValueError(f"unknown fault kind {fault['kind']!r}")
        if not path.startswith(fault.get("path", "/")):
            continue
        fault["seen"] = fault.get("seen", 0) + 1
        first = fault.get("nth", 1)
        if met is None and first <= fault["seen"] < first + fault.get("times", 1):
            met = fault
    return met
