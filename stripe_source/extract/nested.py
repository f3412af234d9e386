"""Completes nested lists: Stripe embeds ten items; the rest is fetched from the list's url."""

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson

from stripe_source.api.client import Client
from stripe_source.api.pages import Page
from stripe_source.catalog import Child, Resource
from stripe_source.errors import NotFound
from stripe_source.settings import PAGE_SIZE

Json = dict[str, Any]


def complete(client: Client, resource: Resource, page: Page) -> Page:
    """The page with the lists that the catalog row owns complete; others stay as they came."""
    document = orjson.loads(page.body)
    for row in document["data"]:
        for child in resource.children:
            nested = _list_in(row, child)
            if nested is not None and nested.get("has_more"):
                nested["data"] = _items(client, resource, child, nested)
                nested["has_more"] = False
    return replace(page, body=orjson.dumps(document, option=orjson.OPT_INDENT_2), incomplete=False)


def _list_in(row: Json, child: Child) -> Json | None:
    value: Any = row
    for key in child.field.split("__"):
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) and isinstance(value.get("data"), list) else None


def _items(client: Client, resource: Resource, child: Child, nested: Json) -> list[Json]:
    """The whole list. Where the item that the walk stands on is deleted, it starts again."""
    url = urlsplit(str(nested.get("url")))
    prefix = child.field.replace("__", ".") + "."
    expands = [e.removeprefix(prefix) for e in resource.expand if e.startswith(prefix)]
    query = [
        *parse_qsl(url.query),
        ("limit", str(PAGE_SIZE)),
        *(("expand[]", field) for field in expands),
    ]
    embedded: list[Json] = nested["data"]
    items, more = list(embedded), True
    while more:
        after = [("starting_after", items[-1]["id"])] if items else []
        try:
            found = client.get_json(url.path, [*query, *after])
        except NotFound:
            if not after:
                return embedded  # the parent is gone, and its list with it
            items = []
            continue
        items += found.get("data") or []
        more = bool(found.get("has_more"))
    return items
