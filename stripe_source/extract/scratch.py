"""A DuckDB in memory for each thread, to work on text and Arrow with."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import pyarrow as pa

QUOTED = re.compile(r"""\s*Input: .*|"[^"]*"|'[^']*'""")

_threads = threading.local()


def scratch() -> duckdb.DuckDBPyConnection:
    """This thread's own connection."""
    if not hasattr(_threads, "connection"):
        # Resources are read beside each other: two threads for one take 1.3 times the CPU.
        _threads.connection = duckdb.connect(
            ":memory:", config={"threads": 1, "temp_directory": ""}
        )
        _threads.connection.execute("SET TimeZone = 'UTC'")
    connection: duckdb.DuckDBPyConnection = _threads.connection
    return connection


@contextmanager
def registered(**tables: pa.Table) -> Iterator[duckdb.DuckDBPyConnection]:
    """The connection, with Arrow tables under these names."""
    connection = scratch()
    for name, table in tables.items():
        connection.register(name, table)
    try:
        yield connection
    finally:
        for name in tables:
            connection.unregister(name)


def reason(fault: Exception) -> str:
    """What an exception says of an answer, without what it quotes: dlt keeps that in a file."""
    return QUOTED.sub("", str(fault).splitlines()[0])
