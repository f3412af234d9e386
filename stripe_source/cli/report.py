"""``report``: the charts of the business as one HTML page."""

import os
from pathlib import Path

import click

from stripe_source.cli.console import note
from stripe_source.cli.options import destination_options, place
from stripe_source.errors import StripeSourceError, UsageError


@click.command()
@click.option(
    "--output",
    "-o",
    default="report.html",
    show_default=True,
    metavar="FILE",
    help="Where the page goes; - is stdout.",
)
@destination_options
def report(
    output: str, destination: str | None, dataset: str | None, pipeline_name: str | None
) -> None:
    """Write one HTML page: MRR, churn, retention, revenue and overdue invoices.

    It is made from the data models, without a request to Stripe, and opens without a network. It
    has names of customers in it: mind whom you send it to.

    \b
    Examples:
      stripe-source report
      stripe-source report --output monday.html
      stripe-source report --destination postgres --dataset stripe_raw --output -
    """
    target = None if output == "-" else _target(output)
    from stripe_source.models.warehouse import warehouse
    from stripe_source.page import read_figures, render
    from stripe_source.status import restored

    where = place(destination, dataset, pipeline_name)
    with (
        restored(where.target, where.dataset, where.pipeline_name) as (pipeline, source),
        warehouse(pipeline) as there,
    ):
        figures = read_figures(there, source)
    page = render(figures).encode()
    if target is None:
        click.echo(page, nl=False)
        return
    _write(target, page)
    note(f"the report is in {output}")


def _target(output: str) -> Path:
    """The file to write, behind links. Raises UsageError for what can't be one."""
    if not output:
        raise UsageError("--output is empty")
    target = Path(output).resolve()
    if target.is_dir():
        raise UsageError(f"--output is a folder: {output}")
    if target.exists() and not target.is_file():
        raise UsageError(f"--output is no file: {output}; for stdout say '--output -'")
    if not target.parent.is_dir():
        raise UsageError(f"there is no folder {target.parent}")
    return target


def _write(target: Path, page: bytes) -> None:
    """Write it whole or not at all, so that whoever has the old one open never sees a half."""
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        try:
            draft.write_bytes(page)
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as failure:
        raise StripeSourceError(f"can't write {target}: {failure.strerror}") from None
