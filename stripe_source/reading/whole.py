"""Snapshots whose nested lists are cut after ten items, made whole as far as that can be."""

from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from stripe_source.api.client import Client
from stripe_source.api.pages import MORE_INSIDE, read_page
from stripe_source.catalog import Resource
from stripe_source.extract.nested import complete

CUT = MORE_INSIDE.pattern.decode()


def whole(client: Client, resource: Resource, found: pa.Table) -> pa.Table:
    """The snapshots, with the lists complete that the history tables of the resource hold.

    What comes after the tenth item is what Stripe has now, but for items made after the event: how
    they were at the event is nowhere to be had.
    """
    lists = [child.field for child in resource.children if child.history]
    types = pa.array(resource.events, pa.string())
    ours = pc.is_in(found["kind"], value_set=types)
    cut = pc.and_(ours, pc.match_substring_regex(found["object"], CUT)).combine_chunks()
    if not lists or not pc.any(cut).as_py():
        return found
    rows = zip(*(found.filter(cut)[name].to_pylist() for name in ("object", "told")), strict=True)
    texts = [_completed(client, resource, lists, text, told) for text, told in rows]
    mixed = pc.replace_with_mask(found["object"].combine_chunks(), cut, pa.array(texts))
    return found.set_column(found.schema.get_field_index("object"), "object", mixed)


def _completed(client: Client, resource: Resource, lists: list[str], text: str, told: int) -> str:
    page = read_page(b'{"object": "list", "has_more": false, "data": [' + text.encode() + b"]}")
    before: dict[str, Any] = orjson.loads(text)
    after = orjson.loads(complete(client, resource, page).body)["data"][0]
    for name in lists:
        shown = {item["id"] for item in (before.get(name) or {}).get("data") or []}
        items = (after.get(name) or {}).get("data") or []
        kept = [i for i in items if i["id"] in shown or i.get("created", 0) <= told]
        if items:
            after[name]["data"] = kept
    return orjson.dumps(after).decode()
