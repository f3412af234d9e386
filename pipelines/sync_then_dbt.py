"""Sync ./stripe_source.duckdb, then have dbt build the models of ./stripe_dbt, to be scheduled.

Needs STRIPE_SECRET_KEY in the environment, and dbt: pip install 'stripe-source[dbt]'. Ends with
0 where all is done, 1 where a model or test of dbt's fails, and with the exit code of the sync
where that says otherwise.
"""

import subprocess
import sys
from pathlib import Path

import dlt

from stripe_source import StripeSourceError, duckdb, sync
from stripe_source.dbt import export, online

PROJECT = Path("stripe_dbt")

if __name__ == "__main__":
    file = duckdb("stripe_source.duckdb")
    pipeline = dlt.pipeline("stripe_source", destination=file, dataset_name="stripe")
    try:
        result = sync(pipeline, resources="models")
        made = export(online(pipeline), PROJECT)
    except StripeSourceError as failure:
        print(f"Error: {failure}", file=sys.stderr)
        sys.exit(failure.exit_code)
    print(f"{sum(result.rows.values()):,} rows, {len(made.models)} models", flush=True)
    # The same folder for both: dbt looks for profiles.yml where it runs.
    dbt = [sys.executable, "-c", "from dbt.cli.main import cli; cli()", "build"]
    built = subprocess.run(dbt, cwd=PROJECT, check=False)
    sys.exit(result.exit_code or bool(built.returncode))
