"""Which tables a catalog row fills, with their columns and keys."""

from dataclasses import dataclass
from functools import cache
from typing import Literal

from stripe_source.catalog import Child, Embedded, Resource
from stripe_source.schema import load_schema

ACCOUNT = "_account_id"
UPDATED = "_updated_at"
INDEX = "_list_index"
DELETED = "is_deleted"
DELETED_AT = "deleted_at"
EXTRA = "_extra"
VERSION = "version_id"
VALID_FROM = "valid_from"
ORDER = "version_order"
SOURCE = "source"
EVENT_TYPE = "event_type"


@dataclass(frozen=True)
class Column:
    """One column: its name in the table, the kind of the schema, and what it holds."""

    name: str
    kind: str
    description: str


@dataclass(frozen=True)
class Place:
    """Where in a listed row the objects of a table sit.

    ``own``: the row itself. ``list``: a Stripe list (with ``data``). ``plain``: a bare list.
    ``single``: an object or its id. ``expanded``: a list of ids, or of objects where they came
    expanded.
    The last two may sit in the rows of a child list (``items.discounts``): that list's own field is
    then ``through``.
    """

    kind: Literal["own", "list", "plain", "single", "expanded"]
    field: str = ""
    through: str = ""


@dataclass(frozen=True)
class Table:
    """A table: the Stripe fields as columns, the columns of our own around them, and its key.

    A list's table has its ``parent``, the table of those that own it, and ``parent_id``, the column
    that says whose. ``history`` has a row for every version of an object, and columns that say
    which.
    """

    name: str
    object: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    places: tuple[Place, ...]
    parent: str | None = None
    parent_id: str | None = None
    history: bool = False


@cache
def tables_of(resource: Resource) -> tuple[Table, ...]:
    """The tables that a catalog row fills, its own first."""
    claimed = frozenset(child.field for child in resource.children)
    own = Table(
        name=resource.name,
        object=resource.object,
        columns=_columns(resource.object, claimed),
        key=(ACCOUNT, "id"),
        places=(Place("own"),),
    )
    children = [_child(child, resource) for child in resource.children]
    return (own, *children, *(_embedded(e, resource) for e in resource.embedded))


def feeder(row: Resource, table: Table) -> str:
    """The name of the dlt resource that fills a table from a catalog row: some tables have more."""
    shared = table.name != row.name and table.parent_id is None
    return f"{row.name}_{table.name}" if shared else table.name


def _child(child: Child, resource: Resource) -> Table:
    stripe_list = child.listed_by or child.field in load_schema(resource.object).lists
    return Table(
        name=child.table,
        object=child.object,
        columns=_columns(child.object),
        key=(ACCOUNT, child.parent_id, child.key),
        places=(Place("list" if stripe_list else "plain", child.field),),
        parent=resource.name,
        parent_id=child.parent_id,
    )


def _embedded(embedded: Embedded, resource: Resource) -> Table:
    owners = {"": resource.object, **{child.field: child.object for child in resource.children}}
    places = []
    for field in embedded.fields:
        through, _, last = field.rpartition(".")
        kind, _ = load_schema(owners[through]).columns.get(last, ("object", ""))
        places.append(Place("expanded" if kind == "ids" else "single", last, through))
    return Table(
        name=embedded.table,
        object=embedded.object,
        columns=_columns(embedded.object),
        key=(ACCOUNT, "id"),
        places=tuple(places),
    )


def _columns(name: str, claimed: frozenset[str] = frozenset()) -> tuple[Column, ...]:
    """The columns of an object, without the fields that a child table holds."""
    columns = load_schema(name).columns.items()
    return tuple(Column(n, kind, text) for n, (kind, text) in columns if n not in claimed)
