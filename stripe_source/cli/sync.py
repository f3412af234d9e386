"""``sync``: load an account, or bring it up to date."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from stripe_source.cli.console import document, err, note, some, table
from stripe_source.cli.deployed import show_deployed
from stripe_source.cli.options import (
    as_json,
    destination_options,
    named,
    names_given,
    place,
    progress_style,
    resource_options,
)
from stripe_source.cli.progress import Reading, showing
from stripe_source.dates import span_of
from stripe_source.errors import UsageError

if TYPE_CHECKING:
    from stripe_source.pipeline import SyncResult
    from stripe_source.tables.compare import Drift


@click.command()
@resource_options
@click.option("--start-date", metavar="DATE", help="Only objects created since then (UTC).")
@click.option(
    "--end-date", metavar="DATE", help="Only objects created before then: a one-off window."
)
@click.option(
    "--reconcile",
    is_flag=False,
    flag_value="all",
    metavar="[NAME,NAME]",
    help="List these objects whole, or all without a name; load what differs, mark what is gone.",
)
@click.option(
    "--refresh",
    metavar="NAME,NAME",
    help="Drop the tables of these objects, and load them anew.",
)
@click.option(
    "--relist-every",
    type=click.FloatRange(min=0),
    metavar="HOURS",
    help="How often what Stripe has no events for is listed again.  [default: 1]",
)
@click.option(
    "--include-test-clocks",
    is_flag=True,
    default=None,
    help="Objects that live on a test clock, too.",
)
@click.option("--stripe-account", metavar="ID", help="A connected account to read.")
@click.option(
    "--models/--no-models",
    default=None,
    help="Whether to deploy the data models afterwards.  [default: models]",
)
@destination_options
@progress_style
@click.option("--quiet", "-q", is_flag=True, help="Print nothing but errors.")
@as_json
def sync(
    resources: tuple[str, ...],
    everything: bool,
    start_date: str | None,
    end_date: str | None,
    reconcile: str | None,
    refresh: str | None,
    destination: str | None,
    dataset: str | None,
    pipeline_name: str | None,
    models: bool | None,
    progress: str,
    quiet: bool,
    as_json: bool,
    **source: Any,
) -> int:
    """Load a Stripe account into ./stripe_source.duckdb, or bring it up to date.

    Interrupted or failed, it goes on where it was the next time.

    \b
    Examples:
      stripe-source sync
      stripe-source sync --resources charges,refunds,disputes
      stripe-source sync --all --start-date 2025-01-01
      stripe-source sync --destination postgres --dataset stripe_raw
      stripe-source sync --reconcile
      stripe-source sync --reconcile invoices,customers
      stripe-source sync --refresh products
    """
    span_of(start_date, end_date, ("--start-date", "--end-date"))
    if end_date is not None and (reconcile is not None or refresh is not None):
        raise UsageError("--end-date makes a one-off window: not with --reconcile or --refresh")
    source |= {
        "resources": named(resources, everything),
        "start_date": start_date,
        "end_date": end_date,
        "reconcile": _to_reconcile(reconcile),
        "refresh": None if refresh is None else names_given("--refresh", refresh),
        "models": models,
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


def _to_reconcile(names: str | None) -> list[str] | str | None:
    """The option without a value is ``all``, which the source takes for all that is selected."""
    return names if names in (None, "all") else names_given("--reconcile", names)


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

    from stripe_source.pipeline import sync as bring_up_to_date
    from stripe_source.report import Report

    where = place(destination, dataset, pipeline_name)
    pipeline = dlt.pipeline(
        where.pipeline_name, destination=where.target, dataset_name=where.dataset
    )
    report = Report()
    with showing(style, Reading(report)):
        return bring_up_to_date(pipeline, report=report, **source)


def summary(result: "SyncResult") -> dict[str, Any]:
    """A result as plain data."""
    return {
        "rows": result.rows,
        "skipped": result.skipped,
        "outcomes": result.outcomes,
        "misfits": result.misfits,
        "left": result.left,
        "relisted": result.relisted,
        "drift": {name: asdict(drift) for name, drift in result.drift.items()},
        "requests": result.traffic.requests,
        "rate_limited": result.traffic.limited,
        "retried": result.traffic.retried,
        "seconds_waited_for_limits": round(result.traffic.waited, 3),
        "seconds": round(result.seconds, 3),
        "models": None if result.models is None else asdict(result.models),
        "models_failed": result.models_failed,
        "models_left": result.models_left,
        "exit_code": result.exit_code,
    }


def show(result: "SyncResult") -> None:
    """A result for a person: rows by table, and what was found on the way."""
    read = [[name, f"{rows:,}"] for name, rows in result.rows.items() if rows]
    if read:
        table(["table", "rows read"], read)
    total = sum(result.rows.values())
    note(f"{total:,} rows, {result.traffic.requests:,} requests, {result.seconds:.1f} s")
    show_drift(result)
    if result.left:
        note(f"loaded before, and not part of this sync: {some(result.left)}")
    missing = [name for name, outcome in result.outcomes.items() if outcome == "not enabled"]
    if missing:
        note(f"not enabled in this account: {', '.join(sorted(missing))}")
    if result.models:
        show_deployed(result.models)
    if result.models_left:
        note(f"no data models: {result.models_left}")
    for column, values in sorted(result.misfits.items()):
        note(f"did not fit: {values:,} values of {column}, kept in its _extra")


def show_drift(result: "SyncResult") -> None:
    """What re-lists of whole resources found: a line for each table, or one for all of them."""
    reasons = {why for why in result.relisted.values() if why != "asked for"}
    for why in sorted(reasons):
        those = sorted(name for name, reason in result.relisted.items() if reason == why)
        note(f"{some(those)} {'was' if len(those) == 1 else 'were'} listed again: {why}")
    for name, drift in result.drift.items():
        if drift:
            note(f"{name}: {in_words(drift)}")
    if same := [name for name, drift in result.drift.items() if not drift]:
        note(f"no drift in {some(same)}")


def in_words(drift: "Drift") -> str:
    """How many rows were not as Stripe has them."""
    numbers = {"missing": drift.missing, "stale": drift.stale, "gone": drift.gone}
    return (
        ", ".join(f"{number:,} {word}" for word, number in numbers.items() if number) or "no drift"
    )


def show_trouble(result: "SyncResult") -> None:
    """One line for each resource that the key may not read, or that failed, and for the models."""
    if result.models_failed:
        err(f"the data models are as they were: {result.models_failed}")
    for name, outcome in sorted(result.outcomes.items()):
        if outcome != "not enabled":
            what = "is incomplete" if result.rows.get(name) else "is left out"
            err(f"{name} {what}: {result.skipped[name]}")
