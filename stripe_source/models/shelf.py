"""Where models are: those of a shelf are deployed together, into a schema of their own."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Shelf:
    """A folder of models, for the schema ``<dataset>_<name>``.

    ``account`` is the column that says, where a model has it, whose a row is.
    """

    name: str
    folder: Path
    account: str | None = None


MODELS = Shelf("models", Path(__file__).parent / "sql", account="account_id")
FIVETRAN = Shelf("fivetran", Path(__file__).parent / "fivetran")
"""Views named and typed like the tables of Fivetran's Stripe connector."""
SHELVES = (MODELS, FIVETRAN)
