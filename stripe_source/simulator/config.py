"""What a simulated account is made of and how its server behaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

API_VERSION = "2026-10-28.endive"
DEFAULT_NOW = 1_793_448_000
"""2026-10-31T12:00:00Z: a fixed time, so that two runs give the same bytes."""


@dataclass
class SimulatorConfig:
    """One simulated account.

    ``customers`` and ``years`` size the business; ``ties`` customers share one second of
    ``created``; every list without a business behind it gets ``fixtures`` objects. ``latency_ms``
    is a range waited before each answer. Rates are requests a second, ``None`` for no limit;
    ``endpoint_rates`` overrides ``endpoint_rate`` by path. ``disabled`` path prefixes answer that
    the feature is not enabled. ``ticking`` lets the virtual clock run with real time.
    """

    seed: int = 1
    customers: int = 200
    years: float = 2.0
    ties: int = 0
    fixtures: int = 3
    now: int = DEFAULT_NOW
    ticking: bool = False
    livemode: bool = False
    account_id: str = ""
    api_version: str = API_VERSION
    latency_ms: tuple[float, float] = (0.0, 0.0)
    global_rate: float | None = None
    endpoint_rate: float | None = None
    endpoint_rates: Mapping[str, float] = field(default_factory=dict)
    max_concurrency: int | None = None
    disabled: set[str] = field(default_factory=set)
    gzip_level: int = 1
    missing_cursor_status: int = 404
    request_log: int = 1000

    def __post_init__(self) -> None:
        """Without an id of its own, an account of another size or seed is another account."""
        if not self.account_id:
            size = f"{self.seed}x{self.customers}x{self.years:g}".replace(".", "p")
            self.account_id = f"acct_1Simulator{size}"
