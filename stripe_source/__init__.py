"""Stripe into DuckDB or any dlt destination: every object, typed, incremental, and right.

import dlt
from stripe_source import duckdb, stripe_source, sync

file = duckdb("stripe_source.duckdb")
pipeline = dlt.pipeline("stripe_source", destination=file, dataset_name="stripe")
sync(pipeline)                      # or: pipeline.run(stripe_source())
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from stripe_source.settings import VERSION

if TYPE_CHECKING:
    from stripe_source.destination import duckdb as duckdb
    from stripe_source.errors import StripeSourceError as StripeSourceError
    from stripe_source.lake import filesystem as filesystem
    from stripe_source.pipeline import sync as sync
    from stripe_source.result import SyncResult as SyncResult
    from stripe_source.source import stripe_source as stripe_source
    from stripe_source.tables.latest import latest_query as latest_query

__version__ = VERSION

# Public names and their rooms, imported on first use: `stripe-source --help` needs no dlt.
_HOMES = {
    "StripeSourceError": "stripe_source.errors",
    "duckdb": "stripe_source.destination",
    "filesystem": "stripe_source.lake",
    "latest_query": "stripe_source.tables.latest",
    "stripe_source": "stripe_source.source",
    "sync": "stripe_source.pipeline",
    "SyncResult": "stripe_source.result",
}
__all__ = [
    "StripeSourceError",
    "SyncResult",
    "__version__",
    "duckdb",
    "filesystem",
    "latest_query",
    "stripe_source",
    "sync",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'stripe_source' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
