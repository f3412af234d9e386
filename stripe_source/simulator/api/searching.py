"""Finds the objects of ``GET /v1/customers/search`` and its like, page by page.

The search index lags behind: what was written less than ``search_lag`` seconds ago is matched as it
was before, though it is shown as it is now, and what is new is not found yet. Deleted objects are
gone at once. The order is newest first; Stripe promises none. Rules:
https://docs.stripe.com/search and https://docs.stripe.com/api/pagination/search.
"""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import orjson

from stripe_source.simulator.api import viewing
from stripe_source.simulator.api.errors import ApiError
from stripe_source.simulator.api.listing import limit_of
from stripe_source.simulator.api.messages import Response
from stripe_source.simulator.api.query import checked
from stripe_source.simulator.api.reading import expanded
from stripe_source.simulator.search.language import parse
from stripe_source.simulator.search.scanning import scanner
from stripe_source.simulator.store.row import Key, Row
from stripe_source.simulator.types import Json

if TYPE_CHECKING:
    from stripe_source.simulator.api.registry import Resource
    from stripe_source.simulator.store.account import Account

PARAMS: Json = {"query!": "str", "limit": "int", "page": "str", "expand": {"array": "str"}}
TOTAL = "total_count"


@dataclass(frozen=True, slots=True)
class Findings:
    """One page of what was found; ``total`` only where it was asked for."""

    rows: list[Row]
    next_page: str | None
    total: int | None


def respond(account: Account, version: str, path: str, resource: Resource, given: Json) -> Response:
    """One page of a search, joined from the texts of its rows."""
    values = checked(given, PARAMS)
    paths = [each for each in values.get("expand", ()) if each != TOTAL]
    expand = expanded(account, resource.objects, paths, listed=True, version=version)
    found = search(account, resource, values)
    head: Json = {"object": "search_result", "url": path, "has_more": found.next_page is not None}
    head["next_page"] = found.next_page
    if found.total is not None:
        head[TOTAL] = found.total
    rows = b",\n    ".join(viewing.texts(account, version, found.rows, expand))
    data = b"[\n    %b\n  ]" % rows if rows else b"[]"
    start = orjson.dumps(head, option=orjson.OPT_INDENT_2).removesuffix(b"\n}")
    body = b'%b,\n  "data": %b\n}\n' % (start, data)
    return Response(200, body, rows=len(found.rows))


def search(account: Account, resource: Resource, values: Json) -> Findings:
    """One page of a search; ``values`` are its checked parameters."""
    if not account.config.search_available:
        raise ApiError(400, "The search feature is temporarily unavailable in your region.")
    limit, page = limit_of(values), values.get("page")
    before = _key(page) if page else None
    found = _matches(account, resource, values["query"])
    if TOTAL not in values.get("expand", ()):
        return _cut(_older(found, before), limit, None)
    every = list(found)
    return _cut(_older(iter(every), before), limit, len(every))


def _matches(account: Account, resource: Resource, query: str) -> Iterator[Row]:
    """Every row that the index knows and the query asks for."""
    fields = account.registry.search[resource.objects[0]]
    matches = scanner(parse(query), resource.path.rpartition("/")[2], fields)
    collection = account.collection(resource.path)
    indexed = account.recent.as_of(collection, account.clock.now - account.config.search_lag)
    return (row for row, text in indexed if matches(text))


def _cut(rows: Iterator[Row], limit: int, total: int | None) -> Findings:
    some = list(islice(rows, limit + 1))
    page = some[:limit]
    return Findings(page, _token(page[-1].key) if len(some) > limit else None, total)


def _older(rows: Iterator[Row], before: Key | None) -> Iterator[Row]:
    return rows if before is None else (row for row in rows if row.key < before)


def _token(key: Key) -> str:
    """An opaque cursor: the place of the last row that was given out."""
    return urlsafe_b64encode(orjson.dumps(key)).decode().rstrip("=")


def _key(token: str) -> Key:
    try:
        created, number = orjson.loads(urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        return int(created), int(number)
    except (binascii.Error, ValueError, TypeError):
        raise ApiError(400, f"Invalid page token: {token}", param="page") from None
