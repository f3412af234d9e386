"""Lists and single objects."""

from __future__ import annotations

from collections.abc import Callable

import orjson

from stripe_source.simulator.api import query, viewing
from stripe_source.simulator.api.errors import ApiError, resource_missing
from stripe_source.simulator.api.expansion import Expand, expand_of
from stripe_source.simulator.api.listing import Page, cut_of, page
from stripe_source.simulator.api.messages import Response
from stripe_source.simulator.api.registry import Resource
from stripe_source.simulator.api.routes import Route
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.store.events import RETENTION
from stripe_source.simulator.store.ordered import Ordered
from stripe_source.simulator.store.row import Row
from stripe_source.simulator.types import Json
from stripe_source.simulator.versions import CURRENT

AGED_OUT = (
    "The event {id} is no longer available because it's aged out of our retention policy. "
    "See https://stripe.com/docs/api/events for details."
)


def respond(account: Account, version: str, path: str, found: Route, given: Json) -> Response:
    """One page of a list, or one object."""
    if found.identifier is not None:
        return shown(account, version, one(account, found), given)
    resource = found.resource
    values = query.checked(given, resource.params)
    paths = values.get("expand", [])
    expand = expanded(account, resource.objects, paths, listed=True, version=version)
    ordered = rows_of(account, found, values)
    cut = cut_of(values, account.config.page_rows, cursor_in(account, resource, ordered))
    ordered, keep = narrowed(account, resource, ordered, values)
    return rendered(account, version, path, page(ordered, cut, keep), expand)


def shown(account: Account, version: str, obj: Json, given: Json) -> Response:
    """One object, with what its request expands."""
    values = query.checked(given, {"expand": {"array": "str"}})
    return as_seen(account, version, obj, values.get("expand", []))


def as_seen(account: Account, version: str, obj: Json, paths: list[str]) -> Response:
    """One object with paths expanded."""
    name = obj.get("object", "")
    expand = expanded(account, (name,), paths, listed=False, version=version)
    seen = obj if obj.get("deleted") else viewing.seen(account, version, obj, expand.tree)
    return Response(200, orjson.dumps(seen, option=orjson.OPT_INDENT_2) + b"\n")


def expanded(
    account: Account,
    names: tuple[str, ...],
    paths: list[str],
    *,
    listed: bool,
    version: str = CURRENT,
) -> Expand:
    """The paths as a tree, checked against the shapes that the objects have in the version."""
    if not paths:
        return account.registry.plain(names)
    return expand_of(paths, names, account.registry.includes, listed=listed, version=version)


def rows_of(account: Account, found: Route, values: Json) -> Ordered:
    """The rows of a list before any filter."""
    resource = found.resource
    if resource.rows is not None:
        return resource.rows(account, values | {"parent": found.parent})
    return account.collection(resource.path).ordered


def cursor_in(account: Account, resource: Resource, ordered: Ordered) -> Callable[[str, str], Row]:
    """Looks a cursor's row up."""

    def find(param: str, identifier: str) -> Row:
        collection = account.collection(resource.path)
        row = collection.by_id.get(identifier)
        row = row or next((r for r in ordered if r.id == identifier), None)
        if resource.path == "/v1/events":
            check_retention(account, identifier, row)
        if row is None:
            status = account.config.missing_cursor_status
            raise resource_missing(resource.objects[0], identifier, param=param, status=status)
        return row

    return find


def check_retention(account: Account, identifier: str, row: Row | None) -> None:
    """A cursor to an event that has aged out is an error of its own."""
    old = row is not None and row.created < account.clock.now - RETENTION
    if old or (row is None and identifier in account.collection("/v1/events").deleted):
        raise ApiError(400, AGED_OUT.format(id=identifier), code="resource_missing")


def narrowed(
    account: Account, resource: Resource, ordered: Ordered, values: Json
) -> tuple[Ordered, Callable[[Row], bool] | None]:
    """Fewer rows by an index where a filter has one, and a test for the other filters."""
    tests: list[Callable[[Row], bool]] = []
    for name, wanted in values.items():
        rule = resource.filters.get(name)
        if rule is None:
            continue
        own = ordered is account.collection(resource.path).ordered
        if own and rule.index and isinstance(wanted, str):
            ordered = account.collection(resource.path).where(rule.index, wanted)
        else:
            tests.append(lambda row, rule=rule, wanted=wanted: rule.test(row, wanted))  # type: ignore[misc]
    condition = resource.condition and resource.condition(account, values)
    if condition:
        tests.append(condition)
    return ordered, every(tests)


def one(account: Account, found: Route) -> Json:
    """The object that a path names, or its stub where a deleted one has one."""
    resource, identifier = found.resource, found.identifier
    assert identifier is not None
    missing = resource_missing(resource.objects[0] if resource.objects else "object", identifier)
    if resource.rows is not None:
        rows = resource.rows(account, {"parent": found.parent, "id": identifier})
        row = next((row for row in rows if row.id == identifier), None)
        if row is not None:
            return row.data
    collection = account.collection(resource.path)
    row = collection.by_id.get(identifier)
    if row is not None:
        visible = resource.condition and resource.condition(account, {})
        if resource.path == "/v1/events" and visible and not visible(row):
            raise missing
        return row.data
    if resource.path == "/v1/customers" and identifier in collection.deleted:
        return collection.deleted[identifier]
    raise missing


def rendered(account: Account, version: str, path: str, cut: Page, expand: Expand) -> Response:
    """A page, joined from the texts of its rows."""
    rows = viewing.texts(account, version, cut.rows, expand)
    data = b"[\n    " + b",\n    ".join(rows) + b"\n  ]" if rows else b"[]"
    more = b"true" if cut.has_more else b"false"
    body = b'{\n  "object": "list",\n  "data": %b,\n  "has_more": %b,\n  "url": %b\n}\n'
    return Response(200, body % (data, more, orjson.dumps(path)), rows=len(rows))


def every(tests: list[Callable[[Row], bool]]) -> Callable[[Row], bool] | None:
    """One test that passes where all do; None where there is none."""
    if len(tests) < 2:
        return tests[0] if tests else None
    return lambda row: all(test(row) for test in tests)
