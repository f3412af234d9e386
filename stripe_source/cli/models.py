"""``models``: deploy the data models, list them, look at one, test them."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stripe_source.cli.console import document, note, table
from stripe_source.cli.deployed import loaded_by, show_deployed
from stripe_source.cli.opened import opened
from stripe_source.cli.options import as_json, destination_options
from stripe_source.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from stripe_source.models.library import Selection
    from stripe_source.models.model import Model
    from stripe_source.models.shelf import Shelf

own_models = click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="A folder of your own .sql files.  [default: ./stripe_models, where there is one]",
)

in_shape = click.option(
    "--fivetran", is_flag=True, help="The views in the shape of Fivetran's tables instead."
)


def shelf_of(fivetran: bool) -> "Shelf":
    """Which models are meant."""
    from stripe_source.models.shelf import FIVETRAN, MODELS

    return FIVETRAN if fivetran else MODELS


@click.group()
def models() -> None:
    """Data models: SQL views over the loaded tables, in the schema <dataset>_models.

    Every sync deploys them. Settings, as the time zone, are in [stripe_models] of dlt's
    configuration, or in the environment: STRIPE_MODELS__TIMEZONE=Europe/Berlin.

    \b
    Examples:
      stripe-source models list
      stripe-source models show mrr
      stripe-source models deploy --folder my_models
      stripe-source models list --fivetran
      stripe-source models test
    """


@models.command()
@own_models
@in_shape
@destination_options
@as_json
def deploy(
    folder: Path | None,
    fivetran: bool,
    destination: str | None,
    dataset: str | None,
    pipeline_name: str | None,
    as_json: bool,
) -> None:
    """Make the views of all models; only those that have changed are replaced.

    \b
    Examples:
      stripe-source models deploy
      stripe-source models deploy --folder my_models
      stripe-source models deploy --fivetran
      STRIPE_MODELS__TIMEZONE=Europe/Berlin stripe-source models deploy
    """
    with opened(destination, dataset, pipeline_name, writing=True) as pipeline:
        from stripe_source.models import deploy as make

        made = make(pipeline, folder=folder, shelf=shelf_of(fivetran))
    if as_json:
        document(asdict(made))
        return
    show_deployed(made)


@models.command("list")
@own_models
@in_shape
@destination_options
@as_json
def show_list(
    folder: Path | None,
    fivetran: bool,
    destination: str | None,
    dataset: str | None,
    pipeline_name: str | None,
    as_json: bool,
) -> None:
    """Show all models, what a row of each is, and which tables the others lack.

    \b
    Examples:
      stripe-source models list
      stripe-source models list --json
    """
    from stripe_source.models.library import models_of, select_models
    from stripe_source.models.warehouse import warehouse

    shelf = shelf_of(fivetran)
    known = models_of(shelf, folder)
    with (
        opened(destination, dataset, pipeline_name) as pipeline,
        warehouse(pipeline, shelf) as there,
    ):
        left_out = select_models(known, there.loaded.tables).left_out
    if as_json:
        document([_plain(model) | {"needs": left_out.get(name)} for name, model in known.items()])
        return
    rows = [
        [name, first_line(model), model.grain, _state(left_out.get(name))]
        for name, model in sorted(known.items())
    ]
    table(["model", "what it holds", "a row is", "state"], rows)


@models.command()
@click.argument("name")
@own_models
@in_shape
@click.option("--limit", default=20, show_default=True, help="How many rows to show.")
@click.option("--sql", "as_sql", is_flag=True, help="The query instead of rows.")
@destination_options
@as_json
def show(
    name: str,
    folder: Path | None,
    fivetran: bool,
    limit: int,
    as_sql: bool,
    destination: str | None,
    dataset: str | None,
    pipeline_name: str | None,
    as_json: bool,
) -> None:
    """Print what a model is, and some of its rows.

    \b
    Examples:
      stripe-source models show mrr_monthly
      stripe-source models show mrr_monthly --sql
      stripe-source models show invoices_overdue --limit 5 --json
      stripe-source models show charge --fivetran
    """
    if limit < 1:
        raise UsageError("--limit must be at least 1")
    from stripe_source.models.library import models_of, select_models
    from stripe_source.models.warehouse import warehouse

    shelf = shelf_of(fivetran)
    known = models_of(shelf, folder)
    model = _model(name, known)
    if as_sql:
        click.echo(model.sql.rstrip())
        return
    with (
        opened(destination, dataset, pipeline_name) as pipeline,
        warehouse(pipeline, shelf) as there,
    ):
        _had([model.name], shelf, select_models(known, there.loaded.tables))
        if model.name not in there.deployed():
            command = "models deploy" + (" --fivetran" if fivetran else "")
            raise UsageError(f"'{model.name}' is not deployed: stripe-source {command}")
        names, rows = there.rows(model.name, limit, list(model.key))
    if as_json:
        document([dict(zip(names, row, strict=True)) for row in rows])
        return
    note(model.description)
    note(f"One row is {model.grain}. Key: {', '.join(model.key)}\n")
    table(names, [list(row) for row in rows])


@models.command()
@click.argument("names", nargs=-1)
@own_models
@in_shape
@destination_options
@as_json
def test(
    names: tuple[str, ...],
    folder: Path | None,
    fivetran: bool,
    destination: str | None,
    dataset: str | None,
    pipeline_name: str | None,
    as_json: bool,
) -> int:
    """Test what the models say of their rows: keys, references, values, invariants.

    Exits with 1 if a test fails.

    \b
    Examples:
      stripe-source models test
      stripe-source models test mrr mrr_movements
    """
    from stripe_source.models.check import check
    from stripe_source.models.library import models_of, select_models
    from stripe_source.models.warehouse import warehouse

    shelf = shelf_of(fivetran)
    known = models_of(shelf, folder)
    chosen = {name: _model(name, known) for name in names} or known
    with (
        opened(destination, dataset, pipeline_name) as pipeline,
        warehouse(pipeline, shelf) as there,
    ):
        selection = select_models(known, there.loaded.tables)
        _had(names, shelf, selection)
        findings = [
            finding
            for name, model in chosen.items()
            if name in selection.models
            for finding in check(there, model, selection.models)
        ]
    failed = [finding for finding in findings if finding.failures or finding.error]
    if as_json:
        document([asdict(finding) for finding in findings])
        return 1 if failed else 0
    if failed:
        table(
            ["model", "test", "rows that fail"],
            [[each.model, each.test, each.error or f"{each.failures:,}"] for each in failed],
        )
    note(f"{len(findings)} tests, {len(failed)} failed")
    return 1 if failed else 0


def first_line(model: "Model") -> str:
    """The first sentence of a model's description."""
    text = " ".join(model.description.split())
    return text.split(". ")[0].split(": ")[0].rstrip(".")


def _had(names: Iterable[str], shelf: "Shelf", selection: "Selection") -> None:
    """Raise UsageError for a model that the warehouse can't have."""
    for name in names:
        if lacking := selection.left_out.get(name):
            raise UsageError(
                f"model '{name}' is left out: it needs {lacking} "
                f"({loaded_by(shelf.name, selection.missing)} loads all that the models read)"
            )


def _model(name: str, known: Mapping[str, "Model"]) -> "Model":
    if name not in known:
        hint = did_you_mean(name, known) or "; see 'stripe-source models list'"
        raise UsageError(f"there is no model '{name}'{hint}")
    return known[name]


def _plain(model: "Model") -> dict[str, Any]:
    return {
        "model": model.name,
        "description": model.description,
        "grain": model.grain,
        "key": list(model.key),
        "columns": list(model.columns),
        "reads": sorted(model.models | {f"raw.{table}" for table in model.tables}),
    }


def _state(needs: str | None) -> str:
    return "" if needs is None else f"needs {needs}"
