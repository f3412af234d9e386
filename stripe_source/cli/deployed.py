"""What a deployment of the data models did, in words."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from stripe_source.cli.console import note, some

if TYPE_CHECKING:
    from stripe_source.models import Deployment

NAMES = {"models": "data models", "fivetran": "views in Fivetran's shape"}


def loaded_by(shelf: str, missing: Iterable[str]) -> str:
    """The command that loads what models of a shelf lack."""
    from stripe_source.catalog import GROUPS

    if shelf == "fivetran":
        return "sync --fivetran"
    own = [name for name in missing if name not in GROUPS["models"]]
    return f"sync --resources {','.join(['models', *own])}"


def show_deployed(made: "Deployment") -> None:
    """How many models there are, which are new, and what to load for those that are left out."""
    changes = [
        f"{len(made.changed)} new or changed" if made.changed else "",
        f"removed: {some(made.removed)}" if made.removed else "",
    ]
    said = ", ".join(filter(None, changes))
    note(f"{len(made.models)} {NAMES[made.shelf]} in {made.schema}" + (f", {said}" if said else ""))
    if made.left_out:
        note(
            f"{len(made.left_out)} more need {some(made.missing)} "
            f"({loaded_by(made.shelf, made.missing)} loads all that they read)"
        )
