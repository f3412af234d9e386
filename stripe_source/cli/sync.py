"""``sync``: load an account, or bring it up to date."""

from typing import TYPE_CHECKING, Any

import click

from stripe_source.cli.console import document
from stripe_source.cli.options import (
    accounts_option,
    as_json,
    destination_options,
    named,
    names_given,
    place,
    progress_style,
    resource_options,
)
from stripe_source.cli.progress import Reading, showing
from stripe_source.cli.synced import show, show_trouble, summary
from stripe_source.cli.watch import keep_watching
from stripe_source.dates import span_of
from stripe_source.errors import UsageError

if TYPE_CHECKING:
    from stripe_source.result import SyncResult


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
@click.option(
    "--exclude-columns",
    metavar="NAME,NAME",
    help="Columns to leave out: customers.email, or email in every table; 'personal' for all that "
    "may hold something personal.",
)
@click.option(
    "--hash-columns",
    metavar="NAME,NAME",
    help="Texts to load as HMAC-SHA256 with the secret SOURCES__STRIPE_SOURCE__HASH_SECRET.",
)
@click.option("--stripe-account", metavar="ID", help="A connected account to read.")
@accounts_option
@click.option(
    "--models/--no-models",
    default=None,
    help="Whether to deploy the data models afterwards.  [default: models]",
)
@click.option(
    "--fivetran/--no-fivetran",
    default=None,
    help="Whether to load what views in the shape of Fivetran's tables read, and deploy them in "
    "the schema <dataset>_fivetran.  [default: no-fivetran]",
)
@click.option(
    "--watch",
    "interval",
    metavar="TIME",
    help="Sync, deploy the models and run the plays again and again, this far apart: 60s, 5m.",
)
@click.option(
    "--health",
    "health_port",
    type=click.IntRange(0, 65_535),
    metavar="PORT",
    help="With --watch: say at http://127.0.0.1:PORT/health whether all is well.",
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
    fivetran: bool | None,
    interval: str | None,
    health_port: int | None,
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
      stripe-source sync --fivetran
      stripe-source sync --accounts all
      stripe-source sync --exclude-columns personal
      stripe-source sync --watch 60s --health 8080
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
        "fivetran": fivetran,
    }
    source = {name: value for name, value in source.items() if value is not None}
    if interval is not None:
        if once := {"end_date", "reconcile", "refresh"} & set(source):
            raise UsageError(f"--watch goes on for good: not with --{min(once).replace('_', '-')}")
        return keep_watching(
            interval,
            health_port,
            (destination, dataset, pipeline_name),
            style=progress,
            as_json=as_json,
            quiet=quiet,
            source=source,
        )
    if health_port is not None:
        raise UsageError("--health is for --watch")
    style = "off" if quiet else progress
    result = run(destination, dataset, pipeline_name, style=style, source=source)
    if as_json:
        document(summary(result))
    elif not quiet:
        show(result)
    show_trouble(result)
    return result.exit_code


def _to_reconcile(names: str | None) -> list[str] | str | None:
    """The option without a value is ``all``, which the source takes for all that is selected."""
    return names if names is None or names == "all" else names_given("--reconcile", names)


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
