"""``plays run``: what has changed since the last run is delivered."""

import sys
from contextlib import nullcontext, redirect_stdout
from pathlib import Path

import click

from stripe_source.cli.check import configured
from stripe_source.cli.console import document
from stripe_source.cli.opened import opened
from stripe_source.cli.options import as_json, destination_options, progress_style
from stripe_source.cli.plays.scene import names_of_plays, own_plays, plays_of
from stripe_source.cli.progress import showing
from stripe_source.cli.ran import Delivering, plain_ran, show_ran
from stripe_source.errors import UsageError


@click.command()
@names_of_plays
@own_plays
@click.option(
    "--backfill", is_flag=True, help="Start them for rows that are there and were never delivered."
)
@click.option(
    "--baseline", is_flag=True, help="Take what is there now as seen, and start nothing for it."
)
@click.option("--limit", type=click.IntRange(1), help="Rows that each may start for, this time.")
@click.option("--stripe-account", metavar="ID", help="A connected account to act for.")
@destination_options
@progress_style
@as_json
def run(
    names: tuple[str, ...],
    folder: Path | None,
    backfill: bool,
    baseline: bool,
    limit: int | None,
    stripe_account: str | None,
    destination: str | None,
    dataset: str | None,
    pipeline_name: str | None,
    progress: str,
    as_json: bool,
) -> int:
    """Find what has changed since the last run, and deliver it.

    The first run of a play only takes note of what is there. Exits with 3 where some deliveries or
    plays failed, 1 where all did.

    \b
    Examples:
      stripe-source sync && stripe-source plays run
      stripe-source plays run customer_created --backfill
      stripe-source plays run invoice_overdue --limit 5000
    """
    if backfill and baseline:
        raise UsageError("--backfill and --baseline exclude each other")
    known = plays_of(folder, names)
    if backfill and (others := [n for n in names if "added" not in known[n].on]):
        raise UsageError(f"--backfill is for what is there: {others[0]} is not on 'added'")
    connection = configured() | ({"stripe_account": stripe_account} if stripe_account else {})
    with opened(destination, dataset, pipeline_name, writing=True) as pipeline:
        from dlt.common.pipeline import get_dlt_pipelines_dir

        from stripe_source.plays import Wish, run_plays
        from stripe_source.plays.run import exit_code

        wish = Wish(backfill=backfill, baseline=baseline, limit=limit)
        shown = Delivering()
        # What plays print is no part of the JSON.
        aside = redirect_stdout(sys.stderr) if as_json else nullcontext()
        with showing(progress, shown), aside:
            ran = run_plays(
                pipeline,
                list(known.values()),
                wish=wish,
                connection=connection,
                progress=shown.update,
                locks=Path(get_dlt_pipelines_dir()),
            )
    if as_json:
        document([plain_ran(each) for each in ran])
    for each in ran:
        show_ran(each, quiet=as_json)
    return exit_code(ran)
