"""The column that says with which of dlt's loads a row came.

dlt adds it to Arrow tables by a setting of all pipelines only, and as NOT NULL, which a table that
has rows can't be given. This one is null for rows that were loaded before there was any.
"""

import dlt
import pyarrow as pa
from dlt.common.storages.exceptions import CurrentLoadPackageStateNotAvailable

from stripe_source.tables.layout import Column

LOADS = "_dlt_loads"
"""dlt's own table, with the time (``inserted_at``) of each load (``load_id``)."""
LOAD = Column("_dlt_load_id", "text", "The load that brought this version; _dlt_loads has when.")


def current_load() -> str | None:
    """The load that is under way; None where nothing is loaded."""
    try:
        load: str = dlt.current.load_package_state()["load_id"]
    except CurrentLoadPackageStateNotAvailable:
        return None
    return load


def with_load(rows: pa.Table) -> pa.Table:
    """The rows with the load that is under way; null where nothing loads them."""
    load = pa.scalar(current_load(), pa.string())
    return rows.append_column(LOAD.name, pa.repeat(load, len(rows)))
