"""Sync ./stripe_source.duckdb, then run the plays in ./plays, to be scheduled.

Needs STRIPE_SECRET_KEY in the environment, and the secrets that the plays name. Ends with 0 where
all is done, and with the first exit code that says otherwise.
"""

import sys

import dlt

from stripe_source import StripeSourceError, duckdb, sync
from stripe_source.plays import exit_code, folder_from, plays_in, run_plays

if __name__ == "__main__":
    file = duckdb("stripe_source.duckdb")
    pipeline = dlt.pipeline("stripe_source", destination=file, dataset_name="stripe")
    try:
        plays = plays_in(folder_from())
        result = sync(pipeline)
        ran = run_plays(pipeline, list(plays.values()))
    except StripeSourceError as failure:
        print(f"Error: {failure}", file=sys.stderr)
        sys.exit(failure.exit_code)
    for each in ran:
        print(f"{each.play}: {each.counts['delivered']:,} delivered, {each.left:,} left")
        if trouble := each.failed or each.closed:
            print(f"{each.play}: {trouble}", file=sys.stderr)
    sys.exit(result.exit_code or exit_code(ran))
