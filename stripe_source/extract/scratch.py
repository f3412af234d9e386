"""DuckDBs in memory, to work on text and Arrow with: each for one thread at a time."""

import re
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import pyarrow as pa

QUOTED = re.compile(r"""\s*Input: .*|"[^"]*"|'[^']*'""")

# To open one takes 14 ms, and an account of many is read by threads that are soon gone.
_idle: deque[duckdb.DuckDBPyConnection] = deque(maxlen=16)


@contextmanager
def registered(**tables: pa.Table) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that nobody else uses meanwhile, with Arrow tables under these names."""
    try:
        connection = _idle.pop()
    except IndexError:
        connection = _opened()
    for name, table in tables.items():
        connection.register(name, table)
    try:
        yield connection
    finally:
        for name in tables:
            connection.unregister(name)
    _idle.append(connection)


def _opened() -> duckdb.DuckDBPyConnection:
    # Resources are read beside each other: two threads for one take 1.3 times the CPU.
    connection = duckdb.connect(":memory:", config={"threads": 1, "temp_directory": ""})
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def reason(fault: Exception) -> str:
    """What an exception says of an answer, without what it quotes: dlt keeps that in a file."""
    return QUOTED.sub("", str(fault).splitlines()[0])
