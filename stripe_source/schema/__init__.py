"""Every column of every Stripe object at the pinned API version, generated from the SDK."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

OBJECTS = Path(__file__).parent / "objects"


@dataclass(frozen=True)
class ObjectSchema:
    """An object's columns as name to (kind, description), and where its nested Stripe lists are.

    ``choices`` are the texts of which Stripe says which there are.
    """

    name: str
    description: str
    columns: dict[str, tuple[str, str]]
    lists: frozenset[str]
    choices: frozenset[str]


@cache
def load_schema(name: str) -> ObjectSchema:
    """Read the schema of one object (``invoice``). Raises KeyError for an object without one."""
    file = OBJECTS / f"{name}.json"
    if not file.exists():
        raise KeyError(name)
    document = json.loads(file.read_text(encoding="utf-8"))
    columns = {column: (kind, text) for column, (kind, text) in document["columns"].items()}
    return ObjectSchema(
        name,
        document["description"],
        columns,
        frozenset(document["lists"]),
        frozenset(document["choices"]),
    )
