"""The plain way, to compare with: the official SDK, its objects as dicts, and dlt's defaults.

``python -m tests.benchmarks.plain invoices 5000`` reads the newest so many objects and prints how
long that took.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from itertools import islice
from typing import Any

import dlt
import stripe


def objects(client: stripe.StripeClient, name: str, count: int) -> Iterator[dict[str, Any]]:
    """The newest objects of a list, one by one."""
    service = getattr(client.v1, name)
    for each in islice(service.list({"limit": 100}).auto_paging_iter(), count):
        yield each.to_dict()


def main(name: str, count: int) -> None:
    """Load them into DuckDB; the time is without that of the imports."""
    client = stripe.StripeClient(
        os.environ["STRIPE_SECRET_KEY"], base_addresses={"api": os.environ["STRIPE_API_BASE"]}
    )
    began = time.monotonic()
    pipeline = dlt.pipeline("plain", destination="duckdb", dataset_name="stripe")
    rows = dlt.resource(objects, name=name, primary_key="id", write_disposition="merge")
    pipeline.run(rows(client, name, count))
    print(json.dumps({"seconds": time.monotonic() - began, "rows": count}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
