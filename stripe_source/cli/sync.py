"""``sync``: load an account, or bring it up to date."""

import re
from typing import TYPE_CHECKING, Any

import click

from stripe_source.cli.console import document, note, table
from stripe_source.cli.options import as_json, named, progress_style, selection
from stripe_source.cli.progress import showing
from stripe_source.dates import span_of
from stripe_source.errors import UsageError

if TYPE_CHECKING:
    from stripe_source.pipeline import SyncResult

NAME = re.compile(r"[\w][\w.-]*")


@click.command()
@selection
@click.option("--start-date", metavar="DATE", help="Only objects created since then (UTC).")
@click.option(
    "--end-date", metavar="DATE", help="Only objects created before then: a one-off window."
)
@click.option("--destination", default="duckdb", show_default=True, help="Any dlt destination.")
@click.option("--dataset", default="stripe", show_default=True, help="The schema for the tables.")
@click.option(
    "--pipeline-name",
    default="stripe",
    show_default=True,
    help="Names dlt's pipeline, and the DuckDB file in this folder.",
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
    destination: str,
    dataset: str,
    pipeline_name: str,
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
        if not NAME.fullmatch(value):
            raise UsageError(f"{option} may have letters, digits, _, - and . in it: {value!r}")
    given = {"resources": named(resources, everything), "start_date": start_date} | source
    given = {k: v for k, v in (given | {"end_date": end_date}).items() if v is not None}
    result = run(
        destination, dataset, pipeline_name, style="off" if quiet else progress, source=given
    )
    if as_json:
        document(summary(result))
    elif not quiet:
        show(result)
    return result.exit_code


def run(
    destination: str, dataset: str, pipeline_name: str, *, style: str, source: dict[str, Any]
) -> "SyncResult":
    """Sync with a progress display."""
    import dlt

    from stripe_source import pipeline as syncing
    from stripe_source.destination import named_destination
    from stripe_source.report import Report

    target = named_destination(destination, f"{pipeline_name}.duckdb")
    try:
        pipeline = dlt.pipeline(pipeline_name, destination=target, dataset_name=dataset)
    except Exception as failure:
        raise syncing.explained(failure) from failure
    report = Report()
    with showing(style, report):
        return syncing.sync(pipeline, report=report, **source)


def summary(result: "SyncResult") -> dict[str, Any]:
    """A result as plain data."""
    return {
        "rows": result.rows,
        "skipped": result.skipped,
        "denied": sorted(result.denied),
        "misfits": result.misfits,
        "requests": result.requests,
        "seconds": round(result.seconds, 3),
        "exit_code": result.exit_code,
    }


def show(result: "SyncResult") -> None:
    """A result for a person: rows by table, and one line for whatever is not as it should be."""
    table(
        ["table", "rows read"], [[n, f"{rows:,}"] for n, rows in sorted(result.rows.items())], (1,)
    )
    total = sum(result.rows.values())
    note(f"{total:,} rows, {result.requests:,} requests, {result.seconds:.1f} s")
    for name, why in sorted(result.skipped.items()):
        note(f"left out: {name}: {why}")
    for column, values in sorted(result.misfits.items()):
        note(f"did not fit: {values:,} values of {column}, kept in its _extra")
