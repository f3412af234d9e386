"""Which tables are loaded and have rows, as the state of each resource notes it.

A table that had rows and has none was dropped or emptied by somebody: all of it is to be read
again. The first row that is loaded hides that, so it is noted before, in a package of its own.
"""

from collections.abc import Collection, Iterable, Sequence

from stripe_source.extract.plan import EMPTIED
from stripe_source.extract.progress import State


def note_emptied(states: Iterable[State], filled: Collection[str]) -> bool:
    """Note tables that had rows and are not ``filled`` any more; whether there are any.

    ``states`` are of all resources, also of those that are not read this time: some tables are
    filled by several.
    """
    found = False
    for state in states:
        had = {name for name, some in state.get("tables", {}).items() if some}
        lost = sorted(had.difference(filled))
        if lost:
            state["refill"] = EMPTIED.format(names=", ".join(lost))
            state["tables"] |= dict.fromkeys(lost, False)
            found = True
    return found


def note_tables(state: State, names: Sequence[str]) -> list[str]:
    """Note which tables are loaded; the names of those that were left out before."""
    before: dict[str, bool] = state.get("tables", {})
    state["tables"] = {name: bool(before.get(name)) for name in names}
    return [name for name in names if name not in before]


def note_rows(state: State, name: str) -> None:
    """Note that rows came into a table, if it is one that is loaded."""
    if name in state.get("tables", {}):
        state["tables"][name] = True
