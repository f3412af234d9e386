"""Options that several commands share."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from dlt.common.destination import Destination

F = TypeVar("F", bound=Callable[..., Any])

progress_style = click.option(
    "--progress",
    type=click.Choice(("auto", "bar", "log", "off")),
    default="auto",
    show_default=True,
    help="A bar, a line now and then, or nothing; auto is a bar on a terminal.",
)
NAME = re.compile(r"\w[\w-]*")

as_json = click.option("--json", "as_json", is_flag=True, help="The result as JSON on stdout.")


accounts_option = click.option(
    "--accounts",
    metavar="ID,ID",
    help="Several accounts: connected ones by their ids, or 'all', the key's own too.",
)


def resource_options(function: F) -> F:
    """``--resources`` and ``--all``, as ``resources`` and ``everything``."""
    function = click.option(
        "--all", "everything", is_flag=True, help="Every object that Stripe lists."
    )(function)
    return click.option(
        "--resources",
        "-r",
        multiple=True,
        metavar="NAME,NAME",
        help="Which objects, by table name; 'models' for all that the data models read, 'fivetran' "
        "for what the views in Fivetran's shape read; by default customers, products, prices, "
        "plans, coupons, tax_rates, subscriptions and invoices with what belongs to them.",
    )(function)


def named(resources: tuple[str, ...], everything: bool) -> list[str] | None:
    """The names given, ``["all"]``, or None for the default. Raises UsageError for unknown ones."""
    from stripe_source.catalog import names_in, select
    from stripe_source.errors import UsageError

    names = names_in(" ".join(resources))
    if everything and names:
        raise UsageError("--all and --resources exclude each other")
    if resources and not names:
        raise UsageError("--resources names nothing")
    if everything:
        return ["all"]
    if names:
        select(names)
    return names or None


def destination_options(function: F) -> F:
    """``--destination``, ``--dataset`` and ``--pipeline-name``; None where they are not given."""
    for option in (
        click.option(
            "--pipeline-name",
            callback=_name,
            help="Names dlt's pipeline, and the DuckDB file in this folder.  "
            "[default: stripe_source]",
        ),
        click.option(
            "--dataset", callback=_name, help="The schema for the tables.  [default: stripe]"
        ),
        click.option("--destination", help="Any dlt destination.  [default: duckdb]"),
    ):
        function = option(function)
    return function


def _name(_: click.Context, option: click.Parameter, value: str | None) -> str | None:
    if value is not None and not NAME.fullmatch(value):
        from stripe_source.errors import UsageError

        raise UsageError(f"{option.opts[0]} may have letters, digits, _ and - in it: {value!r}")
    return value


def names_given(option: str, text: str) -> list[str]:
    """The names in an option's value. Raises UsageError for unknown ones, and for none."""
    from stripe_source.catalog import names_in, select
    from stripe_source.errors import UsageError

    names = names_in(text)
    if not names:
        raise UsageError(f"{option} names nothing")
    return [row.name for row in select(names)]


@dataclass(frozen=True)
class Place:
    """Where the tables are: a dlt destination, the dataset in it, and the pipeline's name."""

    target: "Destination[Any, Any]"
    dataset: str
    pipeline_name: str


def place(destination: str | None, dataset: str | None, pipeline_name: str | None) -> Place:
    """What the options say, else dlt's configuration, else the default."""
    import dlt

    from stripe_source.destination import named_destination

    name = pipeline_name or dlt.config.get("pipeline_name", str) or "stripe_source"
    kind = destination or dlt.config.get("destination_type", str) or "duckdb"
    schema = dataset or dlt.config.get("dataset_name", str) or "stripe"
    return Place(named_destination(kind, f"{name}.duckdb"), schema, name)
