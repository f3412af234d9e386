"""``sync``: load an account, or bring it up to date."""

import re
from typing import TYPE_CHECKING, Any

import click

from stripe_source.cli.console import document, err, note, table
from stripe_source.cli.options import as_json, named, progress_style, resource_options
from stripe_source.cli.progress import showing
from stripe_source.dates import span_of
from stripe_source.errors import UsageError

if TYPE_CHECKING:
    from stripe_source.pipeline import SyncResult

NAME = re.compile(r"\w[\w-]*")


@click.command()
@resource_options
@click.option("--start-date", metavar="DATE", help="Only objects created since then (UTC).")
@click.option(
    "--end-date", metavar="DATE", help="Only objects created before then: a one-off window."
)
@click.option("--destination", help="Any dlt destination.  [default: duckdb]")
@click.option("--dataset", help="The schema for the tables.  [default: stripe]")
@click.option(
    "--pipeline-name",
    help="Names dlt's pipeline, and the DuckDB file in this folder.  [default: stripe]",
)
@click.option("--stripe-account", metavar="ID", help="A connected account to read.")
@progress_style
@click.option("--quiet", "-q", is_flag=True, help="Print nothing but errors.")
@as_json
def sync(
    resources: tuple[str, ...],
    everything: bool,
    start_date: str | None,
    end_date: str | None,
    destination: str | None,
    dataset: str | None,
    pipeline_name: str | None,
    progress: str,
    quiet: bool,
    as_json: bool,
    **source: Any,
) -> int:
    """Load a Stripe account into ./stripe.duckdb, or bring it up to date.

    Interrupted or failed, it goes on where it was the next time.

    \b
    Examples:
      stripe-source sync
      stripe-source sync --resources charges,refunds,disputes
      stripe-source sync --all --start-date 2025-01-01
      stripe-source sync --destination postgres --dataset stripe_raw
    """
    span_of(start_date, end_date, ("--start-date", "--end-date"))
    for option, value in (("--pipeline-name", pipeline_name), ("--dataset", dataset)):
        if value is not None and not NAME.fullmatch(value):
            raise UsageError(f"{option} may have letters, digits, _ and - in it: {value!r}")
    source |= {
        "resources": named(resources, everything),
        "start_date": start_date,
        "end_date": end_date,
    }
    result = run(
        destination,
        dataset,
        pipeline_name,
        style="off" if quiet else progress,
        source={name: value for name, value in source.items() if value is not None},
    )
    if as_json:
        document(summary(result))
    elif not quiet:
        show(result)
    show_trouble(result)
    return result.exit_code


def run(
    destination: str | None,
    dataset: str | None,
    pipeline_name: str | None,
    *,
    style: str,
    source: dict[str, Any],
) -> "SyncResult":
    """Sync with a progress display. None is what dlt's configuration says, or the default."""
    import dlt

    from stripe_source import pipeline as syncing
    from stripe_source.destination import named_destination
    from stripe_source.report import Report

    pipeline_name = pipeline_name or dlt.config.get("pipeline_name", str) or "stripe"
    dataset = dataset or dlt.config.get("dataset_name", str) or "stripe"
    destination = destination or dlt.config.get("destination_type", str) or "duckdb"
    target = named_destination(destination, f"{pipeline_name}.duckdb")
    try:
        pipeline = dlt.pipeline(pipeline_name, destination=target, dataset_name=dataset)
    except Exception as failure:
        syncing.raise_explained(failure)
    report = Report()
    with showing(style, report):
        return syncing.sync(pipeline, report=report, **source)


def summary(result: "SyncResult") -> dict[str, Any]:
    """A result as plain data."""
    return {
        "rows": result.rows,
        "skipped": result.skipped,
        "outcomes": result.outcomes,
        "misfits": result.misfits,
        "requests": result.traffic.requests,
        "rate_limited": result.traffic.limited,
        "retried": result.traffic.retried,
        "seconds_waited_for_limits": round(result.traffic.waited, 3),
        "seconds": round(result.seconds, 3),
        "exit_code": result.exit_code,
    }


def show(result: "SyncResult") -> None:
    """A result for a person: rows by table, and what was found on the way."""
    read = [[name, f"{rows:,}"] for name, rows in result.rows.items() if rows]
    if read:
        table(["table", "rows read"], read)
    total = sum(result.rows.values())
    note(f"{total:,} rows, {result.traffic.requests:,} requests, {result.seconds:.1f} s")
    missing = [name for name, outcome in result.outcomes.items() if outcome == "not enabled"]
    if missing:
        note(f"not enabled in this account: {', '.join(sorted(missing))}")
    for column, values in sorted(result.misfits.items()):
        note(f"did not fit: {values:,} values of {column}, kept in its _extra")


def show_trouble(result: "SyncResult") -> None:
    """One line for each resource that the key may not read, or that failed."""
    for name, outcome in sorted(result.outcomes.items()):
        if outcome != "not enabled":
            what = "is incomplete" if result.rows.get(name) else "is left out"
            err(f"{name} {what}: {result.skipped[name]}")
