"""What a simulated account is made of and how its server behaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from stripe_source.simulator.versions.releases import CURRENT, RELEASES

API_VERSION = CURRENT
DEFAULT_NOW = 1_793_448_000
"""2026-10-31T12:00:00Z: a fixed time, so that two runs give the same bytes."""


@dataclass
class EventQuirks:
    """How the events depart from a neat history; Stripe documents each of these.

    ``lag`` is a range of seconds after which an event shows up, so that an older one may come after
    a newer one; ``duplicates``, ``stale`` and ``older`` are the shares of changes that leave two
    events, a snapshot from just before the change, or one in ``older_version``.
    """

    lag: tuple[int, int] = (0, 0)
    duplicates: float = 0.0
    stale: float = 0.0
    older: float = 0.0
    older_version: str = "2024-06-20"


OWN_RATES = {"endpoint_rate": 25.0, "search_rate": 20.0, "files_rate": 20.0}
LIMITS: Mapping[str, Mapping[str, float]] = {
    "live": {"global_rate": 100.0} | OWN_RATES,
    "sandbox": {"global_rate": 25.0} | OWN_RATES,
}
"""Requests a second by mode (https://docs.stripe.com/rate-limits); caps on concurrency are Stripe's
secret."""


@dataclass
class SimulatorConfig:
    """One simulated account.

    ``customers`` and ``years`` size the business; ``ties`` customers share one second of
    ``created``; every list without a business behind it gets ``fixtures`` objects. ``connected``
    accounts belong to the platform, each a tenth of its size. ``live`` is how many changes a second
    happen in the platform's account while it serves.

    ``latency_ms`` is a range waited before each answer, or ``"stripe"``. ``limits`` takes the rates
    of Stripe's ``live`` mode or ``sandbox``; each can be set by itself, in requests a second, None
    for no limit. All searches share ``search_rate``, all requests for files ``files_rate``, and
    writes to one object ``resource_rate``; ``endpoint_rates`` overrides them by path.
    ``max_concurrency`` and ``endpoint_concurrency`` cap what runs at a time. A 429 asks to wait
    ``retry_after`` seconds; Stripe's does not. ``disabled`` path prefixes answer that the feature
    is not enabled. A page of a list has at most ``page_rows``, whatever was asked for: a small
    account then has long walks. ``search_lag`` is how many seconds the search index is behind; to
    an account in India search is not available. ``ticking`` lets the virtual clock run with real
    time.
    """

    seed: int = 1
    customers: int = 200
    years: float = 2.0
    ties: int = 0
    fixtures: int = 3
    connected: int = 0
    live: float = 0.0
    now: int = DEFAULT_NOW
    ticking: bool = False
    livemode: bool = False
    account_id: str = ""
    api_version: str = API_VERSION
    latency_ms: tuple[float, float] | str = (0.0, 0.0)
    limits: str | None = None
    global_rate: float | None = None
    endpoint_rate: float | None = None
    search_rate: float | None = None
    files_rate: float | None = None
    resource_rate: float | None = None
    endpoint_rates: Mapping[str, float] = field(default_factory=dict)
    max_concurrency: int | None = None
    endpoint_concurrency: int | None = None
    retry_after: float | None = None
    disabled: set[str] = field(default_factory=set)
    gzip_level: int = 1
    missing_cursor_status: int = 404
    request_log: int = 1000
    page_rows: int = 100
    search_lag: int = 5
    search_available: bool = True
    events: EventQuirks = field(default_factory=EventQuirks)

    def __post_init__(self) -> None:
        """Without an id of its own, an account of another size or seed is another account.

        Raises ValueError for a preset or an API version that there is not.
        """
        for version in (self.api_version, self.events.older_version):
            if version not in RELEASES:
                raise ValueError(f"Stripe has no API version {version!r} that is simulated here")
        if not self.account_id:
            size = f"{self.seed}x{self.customers}x{self.years:g}".replace(".", "p")
            self.account_id = f"acct_1Simulator{size}"
        if self.limits is not None:
            self.take_limits(self.limits)
        if isinstance(self.latency_ms, str) and self.latency_ms != "stripe":
            raise ValueError(f"latency_ms is a range or 'stripe', not {self.latency_ms!r}")

    def take_limits(self, mode: str) -> None:
        """Set the rates that Stripe documents, where they are not set."""
        if mode not in LIMITS:
            raise ValueError(f"limits is one of {', '.join(LIMITS)}, not {mode!r}")
        for name, rate in LIMITS[mode].items():
            if getattr(self, name) is None:
                setattr(self, name, rate)

    def of_connected(self, number: int) -> SimulatorConfig:
        """The configuration of a connected account, from 1: a smaller business of its own."""
        return replace(
            self,
            seed=self.seed * 1000 + number,
            customers=max(self.customers // 10, 2) if self.customers else 0,
            ties=0,
            account_id=f"acct_1Connected{self.seed}n{number}",
            connected=0,
            live=0.0,
            disabled=set(self.disabled),
        )
