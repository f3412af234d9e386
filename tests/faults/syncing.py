"""A sync as somebody's script runs it, in chunks: ``syncing.py KEY ADDRESS ROWS RESOURCE ...``."""

import sys

import dlt

from stripe_source.destination import duckdb
from stripe_source.pipeline import sync


def main() -> None:
    """Sync into ``stripe.duckdb`` in the current folder."""
    key, address, chunk_rows, *names = sys.argv[1:]
    pipeline = dlt.pipeline("stripe", destination=duckdb("stripe.duckdb"), dataset_name="stripe")
    sync(
        pipeline,
        resources=names,
        stripe_secret_key=key,
        api_base=address,
        chunk_rows=int(chunk_rows),
        requests_per_second=5_000.0,
        endpoint_requests_per_second=5_000.0,
    )


if __name__ == "__main__":
    main()
