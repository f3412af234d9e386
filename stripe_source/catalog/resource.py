"""What a catalog row says: everything that is particular to one Stripe object."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from stripe_source.settings import PAGE_SIZE

Relist = Literal["never", "new", "whole"] | int
"""What a sync reads beside the events: nothing, what was created since the last one (where no event
tells of it), all again, or the last days by ``created`` again."""
SHORT_PAGE = 20  # rows, where each brings a list of any length: a page is held in memory whole


def types(prefix: str, actions: str) -> tuple[str, ...]:
    """Event types in full: ``types("plan", "created deleted")``."""
    return tuple(f"{prefix}.{action}" for action in actions.split())


@dataclass(frozen=True)
class Child:
    """A list that its parent owns, loaded as a table of its own beside the parent's.

    ``field`` is where the list sits in the parent (``__`` between levels). The table's key is the
    parent's id and ``key``. ``events`` change the list without an event of the parent; the object
    that they show has its id in ``owner``, by default a field named as the parent's object.

    Where Stripe does not embed the list, ``listed_by`` is the address that gives it, with ``{id}``
    for the parent's id; it is then put in at ``field``. It costs a request for each parent whose
    field ``only_if`` is true; the list of the others is empty.
    """

    table: str
    field: str
    object: str
    parent_id: str
    key: str = "id"
    events: tuple[str, ...] = ()
    owner: str = ""
    history: bool = False
    listed_by: str = ""
    only_if: str = ""

    @property
    def path(self) -> str:
        """The endpoint that gives a list which is not embedded."""
        return self.listed_by.partition("?")[0]


@dataclass(frozen=True)
class Embedded:
    """Objects that no endpoint lists, and that come whole inside others when expanded.

    ``fields`` are the places: a field that holds one object or a list of them, at the top of the
    row or in a child's list (``items.discounts``). The key is (``_account_id``, ``id``).
    ``events`` and ``owner`` are as in ``Child``.
    """

    table: str
    object: str
    fields: tuple[str, ...]
    events: tuple[str, ...] = ()
    owner: str = ""
    history: bool = False


@dataclass(frozen=True)
class Resource:
    """One row of the catalog: one Stripe object, its endpoint and its tables.

    ``name`` is the table, the dlt resource and what the user selects. ``cursor`` is the list filter
    that reads a part of the list, and goes by ``created_field``; None where Stripe has none and the
    list is read whole. ``paged`` False is for a list that Stripe gives in one piece, without
    ``limit``, ``single`` for an endpoint that gives one object and no list. After an event of
    ``deleted_by`` the object is gone; where users choose ids (``reuses_ids``) it may have come
    again. With ``history``, here and of a child or what is embedded, every version is kept in
    ``<table>_history``, too. What lives on a test clock is in the list only where the parameter
    ``on_clocks`` names its clock or its customer. What Stripe keeps for ``kept_days`` only is not
    taken for deleted when it is older.
    """

    name: str
    path: str
    object: str
    cursor: Literal["created"] | None = "created"
    created_field: str = "created"
    paged: bool = True
    single: bool = False
    params: Mapping[str, str] = field(default_factory=dict, hash=False)
    expand: tuple[str, ...] = ()
    children: tuple[Child, ...] = ()
    embedded: tuple[Embedded, ...] = ()
    events: tuple[str, ...] = ()
    deleted_by: tuple[str, ...] = ()
    reuses_ids: bool = False
    relist: Relist = "never"
    history: bool = False
    on_clocks: Literal["test_clock", "customer"] | None = None
    kept_days: int | None = None

    @property
    def tables(self) -> tuple[str, ...]:
        """The names of all tables that this row fills, its own first."""
        children = (child.table for child in self.children)
        return (self.name, *children, *(embedded.table for embedded in self.embedded))

    @property
    def unembedded(self) -> tuple[Child, ...]:
        """The lists that each row has to be asked for by its id."""
        return tuple(child for child in self.children if child.listed_by)

    @property
    def histories(self) -> tuple[str, ...]:
        """The names of the tables that keep every version."""
        kept = [self.name] if self.history else []
        parts: list[Child | Embedded] = [*self.children, *self.embedded]
        kept += [part.table for part in parts if part.history]
        return tuple(f"{table}_history" for table in kept)

    def query(self, limit: int = PAGE_SIZE) -> list[tuple[str, str]]:
        """The parameters of every list request."""
        most = min(limit, SHORT_PAGE) if self.unembedded else limit
        size = [("limit", str(most))] if self.paged and not self.single else []
        expands = [("expand[]", f"{self.prefix}{field}") for field in self.expand]
        return [*size, *self.params.items(), *expands]

    @property
    def prefix(self) -> str:
        """What stands before a field of a row in the answer's expands."""
        return "" if self.single else "data."

    @property
    def changes(self) -> str:
        """How changes of existing objects are seen, in words."""
        relisted = {"never": "", "new": "new ones listed", "whole": "re-listed whole"}.get(
            str(self.relist), f"last {self.relist} days re-listed"
        )
        return ", ".join(filter(None, ["events" if self.events else "", relisted])) or "none"
