"""``dbt``: the data models as a dbt project."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stripe_source.cli.console import document, note, some
from stripe_source.cli.deployed import loaded_by
from stripe_source.cli.models import own_models
from stripe_source.cli.opened import opened
from stripe_source.cli.options import as_json, destination_options, place
from stripe_source.errors import UsageError

if TYPE_CHECKING:
    from stripe_source.dbt import Export, Subject

ADAPTERS = ("duckdb", "postgres", "snowflake", "bigquery", "redshift", "databricks", "clickhouse")


@click.group()
def dbt() -> None:
    """The data models as a dbt project, with their tests and documentation.

    dbt itself is another program: pip install 'stripe-source[dbt]' has it for DuckDB and Postgres.

    \b
    Examples:
      stripe-source dbt export stripe_dbt
      stripe-source dbt export stripe_dbt --destination postgres --dataset stripe_raw
    """


@dbt.command()
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--adapter",
    type=click.Choice(ADAPTERS),
    help="For this adapter of dbt, as if all were loaded that the models read; no warehouse is "
    "asked.  [default: the destination's, with the tables that it has]",
)
@own_models
@destination_options
@as_json
def export(
    directory: Path,
    adapter: str | None,
    folder: Path | None,
    destination: str | None,
    dataset: str | None,
    pipeline_name: str | None,
    as_json: bool,
) -> None:
    """Write the data models to DIR as a dbt project, or bring it up to date.

    Its views go to the schema <dataset>_dbt. The settings [stripe_models] are written into the
    queries: export again when they change. dbt_project.yml and profiles.yml are written once and
    then yours; other files that are not of an export are never touched.

    \b
    Examples:
      stripe-source dbt export stripe_dbt
      cd stripe_dbt && dbt build && dbt docs generate
      stripe-source dbt export stripe_dbt --adapter snowflake --dataset stripe_raw
    """
    if adapter and destination:
        raise UsageError("--adapter asks no destination: leave out the one or the other")
    from stripe_source.dbt import export as write

    _check(directory, folder)
    if adapter:
        subject = _offline(adapter, folder, dataset, pipeline_name)
    else:
        subject = _online(folder, destination, dataset, pipeline_name)
    made = write(subject, directory)
    if as_json:
        document(asdict(made))
    else:
        _show(made)


def _check(directory: Path, folder: Path | None) -> None:
    """Raise UsageError for a folder in which the project would be taken for models of a user's."""
    from stripe_source.models.settings import SECTION, folder_from

    for own in (folder_from(folder), Path(SECTION)):
        if own is not None and directory.resolve().is_relative_to(own.resolve()):
            raise UsageError(f"{own} is for models of your own: export into another folder")


def _offline(
    adapter: str, folder: Path | None, dataset: str | None, pipeline_name: str | None
) -> "Subject":
    from stripe_source.dbt import offline

    where = place(adapter if adapter == "duckdb" else None, dataset, pipeline_name)
    return offline(adapter, where.dataset, Path(f"{where.pipeline_name}.duckdb"), folder=folder)


def _online(
    folder: Path | None, destination: str | None, dataset: str | None, pipeline_name: str | None
) -> "Subject":
    from stripe_source.dbt import online

    with opened(destination, dataset, pipeline_name) as pipeline:
        return online(pipeline, folder=folder)


def _show(made: "Export") -> None:
    changes = [
        f"{len(made.written)} files new or changed" if made.written else "",
        f"removed: {some(made.removed)}" if made.removed else "",
        f"kept as they are: {some(made.kept)}" if made.kept else "",
    ]
    said = "; ".join(filter(None, changes))
    note(f"{len(made.models)} data models for dbt-{made.adapter} in {made.folder}; {said}")
    if made.unlike:
        note(f"{made.unlike}: it is yours, so change it or move it away")
    if made.unwritten:
        note(
            f"{len(made.unwritten)} can't be said in the SQL of {made.adapter}, "
            f"or read one that can't: {some(made.unwritten)}"
        )
    if made.left_out:
        note(
            f"{len(made.left_out)} more need {some(made.missing)} "
            f"({loaded_by('models', made.missing)} loads all that they read)"
        )
