"""Which tables are loaded and have rows, as the state of each resource notes it.

A table that had rows and has none was dropped or emptied by somebody: all of it is to be read
again. The first row that is loaded hides that, so a sync commits the note before.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from stripe_source.extract.plan import EMPTIED, GRANTED
from stripe_source.extract.progress import State


def states_of(source: State, account_id: str) -> dict[str, State]:
    """What the source's state has of each resource of an account, read this time or not."""
    every = list(source.get("resources", {}).items())
    return {name: states[account_id] for name, states in every if account_id in states}


def accounts_in(source: Mapping[str, Any]) -> list[str]:
    """The accounts whose rows a dataset holds, by the source's state; that of the first key first.

    There is none where nothing was ever loaded.
    """
    first = [source["account"]["account"]] if "account" in source else []
    return [*first, *source.get("others", [])]


def tables_in(source: Mapping[str, Any]) -> set[str]:
    """The tables that a source has loaded, of any account, by its state."""
    states = [s for each in source.get("resources", {}).values() for s in each.values()]
    return {name for state in states for name in state.get("tables", {})}


def is_emptied(state: State, name: str, filled: Collection[str]) -> bool:
    """Whether rows came into a table that is not ``filled`` any more."""
    return bool(state.get("tables", {}).get(name)) and name not in filled


def note_emptied(states: Iterable[State], filled: Collection[str]) -> None:
    """Note tables that had rows and are not ``filled`` any more.

    ``states`` are of all resources, for some tables are filled by several.
    """
    for state in states:
        lost = sorted(n for n in state.get("tables", {}) if is_emptied(state, n, filled))
        if lost:
            state["refill"] = EMPTIED.format(names=", ".join(lost))
            state["tables"] |= dict.fromkeys(lost, False)


def note_tables(state: State, names: Sequence[str]) -> list[str]:
    """Note which tables are loaded; those that were not before: the first time, all of them."""
    before: dict[str, bool] = state.get("tables", {})
    state["tables"] = {name: bool(before.get(name)) for name in names}
    return [name for name in names if name not in before]


def note_rows(state: State, name: str) -> None:
    """Note that rows came into a table, if it is one that is loaded.

    Where the key may now read what it might not before, what it missed is to be read.
    """
    if name in state.get("tables", {}):
        state["tables"][name] = True
    if name in state.get("denied", []):
        state["refill"] = GRANTED.format(names=name)


def note_denied(state: State, name: str) -> None:
    """Note that the key may not read what a table is filled with."""
    denied: list[str] = state.setdefault("denied", [])
    if name not in denied:
        denied.append(name)
