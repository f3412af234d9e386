"""Tables in files: Parquet as it is, Delta and Iceberg, in dlt's destination ``filesystem``."""

from stripe_source.lake.destination import filesystem

__all__ = ["filesystem"]
