"""What fails outside Stripe, as one line for the user: a destination, or a setting."""

import re
from typing import NoReturn

from dlt.common.configuration.exceptions import ConfigurationException
from dlt.common.exceptions import MissingDependencyException

from stripe_source.errors import DestinationError, StripeSourceError, UsageError, causes_of

# What destinations say when they can't be written, and what it means. DuckDB gives these no codes.
TROUBLES = {
    "could not set lock on file": "the database is locked by another program; close it first",
    "no space left on device": "the disk is full; make room and sync again",
    "could not write": "the disk is full or the file can't be written; make room and sync again",
    "file too large": "the disk is full, or files may not grow any further; make room first",
    "not a directory": "dlt's working folder can't be made: a file is in its place",
    "is a directory": "a folder is where the database file should be",
    "permission denied": "the database or a working folder can't be written: permission denied",
    "read-only": "the database can't be written: it is read-only",
    "cannot open file": "the database file can't be opened",
    "could not read enough bytes": "the database file is cut short or damaged",
    "other objects depend on it": "a table to be dropped is read by views that are not ours, as "
    "dbt's are: drop those first",
    "not a valid duckdb database": "the database file is not a DuckDB database",
}
STORES = ("duckdb", "_duckdb", "psycopg", "pyarrow", "sqlite3")


def raise_explained(failure: Exception) -> NoReturn:
    """Raise the error behind dlt's wrappers, as one line; the failure itself where unknown."""
    causes = list(causes_of(failure))
    for cause in causes:
        if isinstance(cause, StripeSourceError | KeyboardInterrupt):
            raise cause from failure
        if isinstance(cause, ConfigurationException):
            first = re.split(r"\n\n|\n\s*for field", str(cause))[
                0
            ]  # then come all places looked in
            raise UsageError(" ".join(first.split())) from failure
        if isinstance(cause, MissingDependencyException):  # as s3fs, for a bucket
            raise UsageError(f"more packages are needed: {_installed(cause)}") from failure
    for cause in causes:
        text = str(cause).lower()
        for sign, meaning in TROUBLES.items():
            if sign in text and _is_of_a_store(cause):
                place = getattr(cause, "filename", None)
                raise DestinationError(f"{meaning} ({place})" if place else meaning) from failure
    raise failure


def _installed(lacking: MissingDependencyException) -> str:
    return " and ".join(f"pip install '{package}'" for package in lacking.dependencies)


def _is_of_a_store(cause: BaseException) -> bool:
    """Whether a database or the file system says so, and not a text that quotes them."""
    return isinstance(cause, OSError) or type(cause).__module__.startswith(STORES)
