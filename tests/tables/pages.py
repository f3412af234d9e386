"""List answers as Stripe writes them."""

from typing import Any

import orjson
import pyarrow as pa

from stripe_source.catalog import CATALOG, Resource
from stripe_source.tables.batch import Batch
from stripe_source.tables.layout import tables_of
from stripe_source.tables.masks import Masks
from stripe_source.tables.oddities import Oddities

SENT = 1_790_000_000.25


def page(*rows: dict[str, Any], indent: bool = True) -> bytes:
    """A page with these rows."""
    document = {"object": "list", "data": rows, "has_more": False, "url": "/v1/x"}
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 if indent else 0)


def tables(
    resource: Resource | str,
    *pages: bytes,
    oddities: Oddities | None = None,
    masks: Masks | None = None,
) -> dict[str, pa.Table]:
    """Every table that the pages of a resource become."""
    row = CATALOG[resource] if isinstance(resource, str) else resource
    batch = Batch(
        row,
        ["acct_1"] * len(pages),
        pages,
        [SENT] * len(pages),
        oddities=oddities or Oddities(),
        masks=masks or Masks(),
    )
    return {table.name: batch.table(table) for table in tables_of(row)}
