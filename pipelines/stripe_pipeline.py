"""Load a Stripe account into ./stripe_source.duckdb, or bring it up to date, to be scheduled.

Needs STRIPE_SECRET_KEY in the environment, or .dlt/secrets.toml. Ends with the exit codes of
``stripe-source sync``.
"""

import sys

import dlt

from stripe_source import StripeSourceError, duckdb, sync

if __name__ == "__main__":
    file = duckdb("stripe_source.duckdb")
    pipeline = dlt.pipeline("stripe_source", destination=file, dataset_name="stripe")
    try:
        result = sync(pipeline)
    except StripeSourceError as failure:
        print(f"Error: {failure}", file=sys.stderr)
        sys.exit(failure.exit_code)
    print(f"{sum(result.rows.values()):,} rows in {result.seconds:.1f} s")
    for resource, why in result.skipped.items():
        print(f"left out: {resource}: {why}")
    if result.models_failed:
        print(f"the data models are as they were: {result.models_failed}")
    sys.exit(result.exit_code)
