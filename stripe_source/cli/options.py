"""Options that several commands share."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

progress_style = click.option(
    "--progress",
    type=click.Choice(("auto", "bar", "log", "off")),
    default="auto",
    show_default=True,
    help="A bar, a line now and then, or nothing; auto is a bar on a terminal.",
)
as_json = click.option("--json", "as_json", is_flag=True, help="The result as JSON on stdout.")


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
        help="Which objects, by table name; by default customers, products, prices, plans, "
        "coupons, subscriptions and invoices with what belongs to them.",
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
    if everything or names == ["all"]:
        return ["all"]
    if names:
        select(names)
    return names or None
