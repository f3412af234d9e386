"""``--refresh``: the state and the tables of resources go, so that they are loaded anew.

Not by dlt's ``refresh="drop_resources"``: it drops a table that other resources fill, too, like
``discounts``, and it takes the tables away before the state. A crash between the two would leave
cursors that say that empty tables are complete. Here the state goes first, in a package of its own:
whatever happens then, the next sync reads everything again.
"""

from collections.abc import Iterable

import dlt
from dlt.pipeline.exceptions import PipelineHasPendingDataException
from dlt.pipeline.helpers import pipeline_drop

from stripe_source.catalog import Resource
from stripe_source.errors import UsageError
from stripe_source.tables.layout import tables_of

SOURCE = "stripe_source"


def forget(pipeline: dlt.Pipeline, rows: Iterable[Resource]) -> None:
    """Delete what the destination has of these resources, but for tables that others fill, too.

    ``pipeline`` has the destination's state. Their history tables stay: Stripe no longer has what
    is in them. Raises UsageError while the pipeline's folder holds packages that are still to be
    loaded.
    """
    if SOURCE not in pipeline.schema_names:
        return  # nothing was ever loaded
    rows = list(rows)
    tables = [t.name for row in rows for t in tables_of(row) if _is_its_own(row, t.name)]
    try:
        for names, state_only in (([row.name for row in rows], True), (tables, False)):
            drop = pipeline_drop(pipeline, names, schema_name=SOURCE, state_only=state_only)
            if not drop.is_empty:
                drop()
    except PipelineHasPendingDataException:
        raise UsageError(
            f"the pipeline '{pipeline.pipeline_name}' has packages of other sources that are still "
            "to be loaded; load them first, or use another pipeline name"
        ) from None


def _is_its_own(row: Resource, table: str) -> bool:
    return table == row.name or table in {child.table for child in row.children}
