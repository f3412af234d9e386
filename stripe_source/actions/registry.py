"""Finds the actions: each file of ``catalog`` is one, named as it."""

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from stripe_source.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from stripe_source.actions.action import Action


@cache
def actions() -> "dict[str, type[Action]]":
    """Every action by its name (``upsert customers``), in the order of the alphabet."""
    return {name: action(name) for name in names()}


@cache
def names() -> tuple[str, ...]:
    """The names alone, by the files: nothing is imported."""
    files = (Path(__file__).parent / "catalog").glob("[a-z]*.py")
    return tuple(sorted(file.stem.replace("_", " ") for file in files))


@cache
def action(name: str) -> "type[Action]":
    """An action by its name, also as ``upsert_customers``. Raises UsageError for an unknown one."""
    known = name.replace("_", " ")
    if known not in names():
        raise UsageError(f"there is no action '{known}'{did_you_mean(known, names())}")
    module = import_module(f"stripe_source.actions.catalog.{known.replace(' ', '_')}")
    found: type[Action] = getattr(module, known.title().replace(" ", ""))
    return found
