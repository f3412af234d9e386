"""Load a Stripe account into ./stripe.duckdb, or bring it up to date: the script to schedule.

Needs STRIPE_SECRET_KEY in the environment, or .dlt/secrets.toml.
"""

import dlt

from stripe_source import duckdb, sync

if __name__ == "__main__":
    pipeline = dlt.pipeline("stripe", destination=duckdb("stripe.duckdb"), dataset_name="stripe")
    result = sync(pipeline)
    print(f"{sum(result.rows.values()):,} rows in {result.seconds:.1f} s")
    raise SystemExit(result.exit_code)
