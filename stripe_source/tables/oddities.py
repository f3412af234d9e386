"""Keeps count of what did not fit the schema, for the log and the sync's report."""

import logging
import threading
from dataclasses import dataclass, field

import duckdb
import pyarrow as pa

from stripe_source.tables.fit import Finding
from stripe_source.tables.layout import EXTRA

log = logging.getLogger("stripe_source")


@dataclass
class Oddities:
    """Values by (table, column): of no known field, and of a known one but not of its type."""

    unknown: dict[tuple[str, str], int] = field(default_factory=dict)
    misfits: dict[tuple[str, str], int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def count(
        self, connection: duckdb.DuckDBPyConnection, table: str, finding: Finding, rows: pa.Table
    ) -> None:
        """Count the names in ``_extra``, and log each when it is first seen."""
        connection.register("odd_rows", rows)  # the connection is this thread's own
        query = f"SELECT unnest(json_keys({EXTRA})) AS k, count(*) FROM odd_rows GROUP BY k"
        for name, number in connection.execute(query).fetchall():
            kind = finding.misfits.get(name)
            counts = self.unknown if kind is None else self.misfits
            with self._lock:
                first = (table, name) not in counts
                counts[table, name] = counts.get((table, name), 0) + number
            if first:
                self._log(table, name, kind)
        connection.unregister("odd_rows")

    @staticmethod
    def _log(table: str, name: str, kind: str | None) -> None:
        if kind is None:
            log.info("%s: field %s is not in the schema; kept in %s", table, name, EXTRA)
        else:
            log.warning("%s.%s: a value is not %s; kept in %s", table, name, kind, EXTRA)
