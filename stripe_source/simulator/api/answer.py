"""Answers one request against an account: lists, single objects, and writes.

Plain functions of request to response; the server beneath knows nothing of Stripe.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import orjson

from stripe_source.simulator import writes
from stripe_source.simulator.api import query
from stripe_source.simulator.api.errors import ApiError, not_enabled, resource_missing, unknown_url
from stripe_source.simulator.api.expansion import Expand, expand_of
from stripe_source.simulator.api.keys import Keys, require
from stripe_source.simulator.api.listing import Page, cut_of, missing_cursor, page
from stripe_source.simulator.api.registry import Resource
from stripe_source.simulator.api.routes import Route, route
from stripe_source.simulator.api.singletons import SINGLETONS, singleton
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.store.ordered import Ordered
from stripe_source.simulator.store.row import Row
from stripe_source.simulator.types import Json

AGED_OUT = (
    "The event {id} is no longer available because it's aged out of our retention policy. "
    "See https://stripe.com/docs/api/events for details."
)


@dataclass(slots=True)
class Request:
    """What the server read off the wire."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(slots=True)
class Response:
    """What the server is to send; ``rows`` counts list rows for the statistics."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    rows: int = 0


class Api:
    """The endpoints of one account."""

    def __init__(self, account: Account, keys: Keys, disabled: set[str]) -> None:
        self.account = account
        self.keys = keys
        self.disabled = disabled

    def respond(self, request: Request) -> Response:
        """The answer, errors included."""
        try:
            with self.account.lock:
                answer = self._answer(request)
        except ApiError as error:
            body = orjson.dumps(error.body(), option=orjson.OPT_INDENT_2) + b"\n"
            answer = Response(error.status, body, dict(error.headers))
        for name in ("stripe-version", "stripe-account", "idempotency-key"):
            if name in request.headers:
                answer.headers[name.title()] = request.headers[name]
        answer.headers.setdefault("Stripe-Version", self.account.config.api_version)
        return answer

    def _answer(self, request: Request) -> Response:
        key = self.keys.check(request.headers.get("authorization"))
        self._check_account(request)
        if any(request.path.startswith(prefix) for prefix in self.disabled):
            raise not_enabled(request.path)
        values = query.parse(request.query)
        if request.method == "GET" and request.path in SINGLETONS:
            return self._object(singleton(self.account, request.path), values)
        found = route(self.account.registry, request.path)
        if found is None:
            raise unknown_url(request.method, request.path)
        verb = "read" if request.method == "GET" else "write"
        require(key, f"rak_{permission_name(found.resource)}_{verb}", self.account.id)
        if request.method != "GET":
            written = writes.write(
                self.account,
                request.method,
                found,
                query.parse(request.body.decode() or request.query),
            )
            return self._object(written, {})
        if found.identifier is not None:
            return self._object(self._one(found), values)
        return self._list(request.path, found, values)

    def _check_account(self, request: Request) -> None:
        named = request.headers.get("stripe-account")
        if named and named != self.account.id:
            raise ApiError(
                403,
                f"The provided key does not have access to account '{named}' (or that account does "
                "not exist). Application access may have been revoked.",
                code="account_invalid",
            )

    def _list(self, path: str, found: Route, given: Json) -> Response:
        resource = found.resource
        values = query.checked(given, resource.params)
        expand = expand_of(
            values.get("expand", []), resource.objects, self.account.registry.includes, listed=True
        )
        ordered = self._rows(found, values)
        cut = cut_of(values, self._cursor(resource, ordered))
        ordered, keep = self._narrowed(resource, ordered, values)
        return self._rendered(path, page(ordered, cut, keep), expand)

    def _rows(self, found: Route, values: Json) -> Ordered:
        resource = found.resource
        if resource.rows is not None:
            return resource.rows(self.account, values | {"parent": found.parent})
        return self.account.collection(resource.path).ordered

    def _cursor(self, resource: Resource, ordered: Ordered) -> Callable[[str, str], Row]:
        def find(param: str, identifier: str) -> Row:
            row = self.account.collection(resource.path).by_id.get(identifier)
            row = row or next((r for r in ordered if r.id == identifier), None)
            if row is None:
                status = self.account.config.missing_cursor_status
                raise missing_cursor(resource.objects[0], param, identifier, status)
            self._check_retention(resource, row)
            return row

        return find

    def _check_retention(self, resource: Resource, row: Row) -> None:
        """A cursor to an event that has aged out is an error of its own."""
        if resource.condition is not None and resource.path == "/v1/events":
            keep = resource.condition(self.account, {})
            if keep is not None and not keep(row):
                raise ApiError(400, AGED_OUT.format(id=row.id), code="resource_missing")

    def _narrowed(
        self, resource: Resource, ordered: Ordered, values: Json
    ) -> tuple[Ordered, Callable[[Row], bool] | None]:
        """Fewer rows by an index where a filter has one, and a test for the other filters."""
        tests: list[Callable[[Row], bool]] = []
        for name, wanted in values.items():
            rule = resource.filters.get(name)
            if rule is None:
                continue
            own = ordered is self.account.collection(resource.path).ordered
            if own and rule.index and isinstance(wanted, str):
                ordered = self.account.collection(resource.path).where(rule.index, wanted)
            else:
                tests.append(lambda row, rule=rule, wanted=wanted: rule.test(row, wanted))  # type: ignore[misc]
        condition = resource.condition and resource.condition(self.account, values)
        if condition:
            tests.append(condition)
        return ordered, _all(tests)

    def _one(self, found: Route) -> Json:
        resource, identifier = found.resource, found.identifier
        assert identifier is not None
        if resource.rows is not None and found.parent is not None:
            rows = resource.rows(self.account, {"parent": found.parent})
            for row in rows:
                if row.id == identifier:
                    return row.data
        collection = self.account.collection(resource.path)
        if identifier in collection.by_id:
            return collection.by_id[identifier].data
        stub = collection.deleted.get(identifier)
        if stub is not None and resource.path == "/v1/customers":
            return stub
        raise resource_missing(resource.objects[0] if resource.objects else "object", identifier)

    def _object(self, obj: Json, given: Json) -> Response:
        name = obj.get("object", "")
        values = query.checked(given, {"expand": "array"})
        includes = self.account.registry.includes
        expand = expand_of(values.get("expand", []), (name,), includes, listed=False)
        shown = obj if obj.get("deleted") else self.account.presenter.present(obj, expand.tree)
        return Response(200, orjson.dumps(shown, option=orjson.OPT_INDENT_2) + b"\n")

    def _rendered(self, path: str, cut: Page, expand: Expand) -> Response:
        rows = [self.account.render(row, expand) for row in cut.rows]
        data = b"[\n    " + b",\n    ".join(rows) + b"\n  ]" if rows else b"[]"
        more = b"true" if cut.has_more else b"false"
        body = b'{\n  "object": "list",\n  "data": %b,\n  "has_more": %b,\n  "url": %b\n}\n'
        return Response(200, body % (data, more, orjson.dumps(path)), rows=len(rows))


def permission_name(resource: Resource) -> str:
    """``payment_method`` of ``rak_payment_method_read``."""
    name = resource.objects[0] if resource.objects else resource.path.rpartition("/")[2]
    return name.replace(".", "_")


def _all(tests: list[Callable[[Row], bool]]) -> Callable[[Row], bool] | None:
    if not tests:
        return None
    if len(tests) == 1:
        return tests[0]
    return lambda row: all(test(row) for test in tests)
