"""Bring the customers of a CRM's export, crm.csv, into Stripe, to be scheduled.

Its columns are Stripe's properties: metadata.crm_id, email, address.city ... A customer is told by
its ``metadata.crm_id``; what has not changed is not sent. What became of each row is in the table
``_stripe_actions`` and in ./stripe_actions. Needs STRIPE_SECRET_KEY, and --live for a live account.
"""

import sys
from pathlib import Path

from stripe_source import StripeSourceError, duckdb
from stripe_source.actions import (
    Dataset,
    Log,
    Plan,
    Records,
    UpsertCustomers,
    connect,
    read_rows,
    run_batch,
)

if __name__ == "__main__":
    dataset = Dataset(duckdb("stripe_source.duckdb"), "stripe", "stripe_source")
    log = Log(Path("stripe_actions"), Records(dataset))
    try:
        rows = read_rows(Path("crm.csv"))
        plan = Plan(UpsertCustomers, rows, source="crm.csv", match="metadata.crm_id")
        with connect(live="--live" in sys.argv) as session:
            result = run_batch(session, plan, log)
    except StripeSourceError as failure:
        print(f"Error: {failure}", file=sys.stderr)
        sys.exit(failure.exit_code)
    counts = ", ".join(f"{number:,} {kind}" for kind, number in sorted(result.outcomes.items()))
    print(f"{result.rows:,} rows: {counts} (batch {result.batch_id})")
    for task, outcome in result.shown:
        print(f"row {task.number} {outcome.outcome}: {outcome.why}")
    sys.exit(result.exit_code)
