"""What the commands of plays have in common: the plays of a folder, and the warehouse."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stripe_source.cli.opened import opened
from stripe_source.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from stripe_source.plays import Play
    from stripe_source.plays.scene import Scene

Where = tuple[str | None, str | None, str | None]

own_plays = click.option(
    "--folder",
    type=click.Path(path_type=Path),
    help="The folder of the plays.  [default: ./plays]",
)
names_of_plays = click.argument("names", nargs=-1, metavar="[NAME]...")


def plays_of(folder: Path | None, names: tuple[str, ...] = ()) -> "dict[str, Play]":
    """The plays of the folder. Raises UsageError where there are none."""
    from stripe_source.plays.declared import chosen, folder_from, plays_in

    found = plays_in(folder_from(folder))
    if not found:
        raise UsageError("there are no plays here: 'stripe-source plays add' shows templates")
    return chosen(found, names)


@contextmanager
def scene_of(where: Where, *, writing: bool = False) -> "Iterator[Scene]":
    """The warehouse that the options name, as plays see it."""
    from stripe_source.plays.scene import opened as scene

    with opened(*where, writing=writing) as pipeline, scene(pipeline) as found:
        yield found


def check_known(scene: "Scene", name: str) -> None:
    """Raise UsageError for a play that has never run here."""
    known = {*scene.ledger.standings(), *scene.deliveries.counts()}
    if name not in known:
        raise UsageError(f"no play '{name}' has ever run here{did_you_mean(name, known)}")
