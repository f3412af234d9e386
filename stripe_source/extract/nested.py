"""Completes the lists inside rows: Stripe embeds ten items, or none of a list that it has apart.

The rest is fetched from the list's url. A list that is not embedded becomes one that is, of which
everything is still to be fetched, so that whatever comes after sees no difference.
"""

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import orjson

from stripe_source.api.client import Client
from stripe_source.api.pages import Page
from stripe_source.catalog import Child, Resource
from stripe_source.errors import NotFound, PermissionDenied, StripeUnavailable
from stripe_source.settings import PAGE_SIZE

Json = dict[str, Any]

AT_ONCE = (
    8  # lists of a page, by threads of its own: the client's wait for pages, all of them maybe
)


def complete(
    client: Client, resource: Resource, page: Page, wanted: Collection[str] | None = None
) -> Page:
    """The page with the lists that the catalog row owns complete; others stay as they came.

    Where each row costs a request, rows that are not ``wanted`` are dropped. Of a list that the key
    may not read, ``client.denied`` says so and the rows have none (`left_out`).

    Raises StripeUnavailable for a page that is broken, and what the client raises.
    """
    document = _parsed(page, resource)
    if resource.unembedded and wanted is not None:
        document["data"] = [row for row in document["data"] if row.get("id") in wanted]
    rows: list[Json] = document["data"]
    for row in rows:
        for child in resource.unembedded:
            row[child.field] = _unread(child, row)
    found = [(child, _list_in(row, child)) for row in rows for child in resource.children]
    cut = [(child, nested) for child, nested in found if nested and nested.get("has_more")]
    with ThreadPoolExecutor(AT_ONCE) as threads:
        wholes = threads.map(lambda each: _items(client, resource, *each), cut)
        for (_, nested), items in zip(cut, wholes, strict=True):
            nested |= {"data": items, "has_more": False}
    return replace(
        page,
        body=orjson.dumps(document, option=orjson.OPT_INDENT_2),
        rows=len(rows),
        incomplete=False,
        inside=sum(len(nested["data"]) for _, nested in cut),
    )


def left_out(client: Client, resource: Resource) -> dict[str, str]:
    """The tables of lists that the key may not read, with why: nothing is known of their rows."""
    return {
        child.table: client.denied[child.path]
        for child in resource.unembedded
        if child.path in client.denied
    }


def _parsed(page: Page, resource: Resource) -> Json:
    """The page; of its rows only the last one has been looked at before."""
    try:
        document: Json = orjson.loads(page.body)
        whole = all(isinstance(row, dict) and "id" in row for row in document["data"])
    except ValueError as fault:
        raise StripeUnavailable(f"an answer for {resource.name} is broken: {fault}") from fault
    if not whole:
        raise StripeUnavailable(f"an answer for {resource.name} has a row without an id")
    return document


def _unread(child: Child, row: Json) -> Json:
    """A list that is not embedded, as if it were; there is more of it where it is worth asking."""
    url = child.listed_by.format(id=quote(str(row["id"]), safe=""))
    more = not child.only_if or row.get(child.only_if) is True
    return {"object": "list", "data": [], "has_more": more, "url": url}


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
    items, more = list(embedded), url.path not in client.denied
    while more:
        after = [("starting_after", items[-1]["id"])] if items else []
        try:
            found = client.get_json(url.path, [*query, *after], endpoint=child.path or None)
        except NotFound:
            if not after:
                return embedded  # the parent is gone, and its list with it
            items = []
            continue
        except PermissionDenied as denied:
            if not child.listed_by:
                raise
            client.denied[child.path] = str(denied)
            return []
        items += found.get("data") or []
        more = bool(found.get("has_more"))
    return items
