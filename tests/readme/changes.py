"""How a resource is read and its changes are seen, in words, from its row of the catalog."""

from collections.abc import Iterator

from stripe_source.catalog import CATALOG, Child, Embedded, Resource
from tests.readme.markdown import code

SHORT = "at each sync while that takes one request, else hourly (`relist_every`)"


def seen(row: Resource) -> Iterator[tuple[str, str]]:
    """Facts and what they are."""
    yield "cursor", _cursor(row)
    if row.params or row.expand:
        asked = [*(f"{name}={value}" for name, value in row.params.items()), *_expanded(row)]
        yield "asked with", code(asked)
    yield "events", code(row.events) or "none"
    for part in (*row.children, *row.embedded):
        if part.events:
            yield f"events of {part.table}", code(part.events)
    yield "listed again", _relisted(row)
    yield "deleted objects", _deleted(row)
    if row.histories:
        yield "history", code(row.histories)
    for part in (*row.children, *row.embedded):
        yield f"table {part.table}", _from(part, row)
    if row.on_clocks:
        yield "on test clocks", "left out, unless `include_test_clocks` is set"
    needs = [child.path for child in row.unembedded]
    yield "permission", f"to read {code([row.path, *needs])}"


def _cursor(row: Resource) -> str:
    if row.cursor:
        return f"`{row.created_field}`: ranges of it are read in parallel"
    return (
        "none: one object" if row.single else "none: Stripe has no filter, the list is read whole"
    )


def _expanded(row: Resource) -> list[str]:
    return [f"expand={row.prefix}{field}" for field in row.expand]


def _relisted(row: Resource) -> str:
    if row.single:
        return "read at each sync"
    if row.relist == "never":
        return "no: events tell of all changes"
    new = "new ones at each sync"
    if row.relist == "new":
        return new if row.events else f"{new}; changes of the others are found by `--reconcile`"
    if row.relist == "whole":
        return f"whole, {SHORT}; {new}"
    return f"the last {row.relist} days by `{row.created_field}`, {SHORT}; {new}"


def _deleted(row: Resource) -> str:
    told = f"told by {code(row.deleted_by)}" if row.deleted_by else "no event tells of them"
    found = "what a re-list lacks is read by its id" if row.relist == "whole" else ""
    again = "an id may come again, users choose it" if row.reuses_ids else ""
    kept = f"Stripe keeps them for {row.kept_days} days; here they stay" if row.kept_days else ""
    return "; ".join(filter(None, [told, found, again, kept]))


def _from(part: Child | Embedded, row: Resource) -> str:
    if isinstance(part, Embedded):
        return f"what is in {code(part.fields)}, expanded"
    if not part.listed_by:
        return f"the list in `{part.field}`, all of it"
    where = f", where `{part.only_if}`" if part.only_if else ""
    (listed,) = [other for other in CATALOG.values() if other.path == part.path]
    link = f"[{listed.name}]({listed.name}.md)"
    return f"`{part.listed_by}`, a request for each row of {row.name}{where}; see {link}"
