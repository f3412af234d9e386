"""``profiles.yml``: how dbt reaches the warehouse. It is the user's, and never has a password."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from stripe_source.dbt.documents import document
from stripe_source.dbt.names import plain
from stripe_source.errors import UsageError

Output = dict[str, Any]
"""A target of the profile, as dbt's adapter takes it."""
PROFILE = "stripe_source"
THREADS = 4
HEAD = """\
# How dbt reaches the warehouse: yours, written once and kept by later exports.
# Secrets are read from the environment.

"""


def profiles_file(output: Output) -> str:
    """The file, with one target."""
    return HEAD + document({PROFILE: {"target": "dev", "outputs": {"dev": output}}})


def told(output: Output) -> list[str]:
    """What a profile plainly has to have: the adapter, the schema, and the DuckDB file."""
    return [str(output[name]) for name in ("type", "schema", "dataset", "path") if name in output]


def missing_from(text: str, wanted: Iterable[str]) -> str | None:
    """The first of these values that a YAML file that is there lacks."""
    try:
        known = list(_texts_in(yaml.safe_load(text)))
    except yaml.YAMLError:
        known = text.split()
    return next((each for each in wanted if each not in known), None)


def _texts_in(value: Any) -> Iterator[str]:
    """All texts in a YAML document."""
    if isinstance(value, dict):
        value = list(value.values())
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, dict | list):
            yield from _texts_in(each)
        else:
            yield str(each)


def known_output(config: Any, adapter: str, schema: str) -> Output:
    """The target that a dlt destination's configuration says, but for the password."""
    credentials = config.credentials
    if config.destination_type == "postgres":
        query = credentials.query or {}  # a folder with a socket is given there
        found = {
            "host": query.get("host") or credentials.host,
            "port": credentials.port,
            "user": credentials.username,
            "dbname": credentials.database,
            "sslmode": query.get("sslmode"),
        }
        return _postgres(schema) | {key: value for key, value in found.items() if value}
    if config.destination_type == "motherduck":
        return _duckdb(schema, f"md:{_without_token(credentials.database)}")
    if config.destination_type == "duckdb":
        place = _without_token(credentials.database)
        return _duckdb(schema, place if ":" in place else str(Path(place).absolute()))
    if adapter == "duckdb":
        kind = config.destination_type
        raise UsageError(f"dbt-duckdb's profile for {kind} is not known: export with --adapter")
    return output_to_fill_in(adapter, schema, Path(f"{PROFILE}.duckdb"))


def _without_token(database: Any) -> str:
    """A DuckDB database without what is behind ``?``, where a token may be."""
    return str(database).partition("?")[0]


def output_to_fill_in(adapter: str, schema: str, file: Path) -> Output:
    """A target whose values come from the environment; of DuckDB, the file."""
    if adapter == "duckdb":
        return _duckdb(schema, str(file.absolute()))
    return SKELETONS[adapter](schema)


def _duckdb(schema: str, path: str) -> Output:
    return {"type": "duckdb", "path": plain(path), "schema": schema, "threads": THREADS}


def _env(name: str, default: str | None = None) -> str:
    return f"{{{{ env_var('{name}'{'' if default is None else f', {default!r}'}) }}}}"


def _server(kind: str, schema: str, prefix: str, port: int) -> Output:
    return {
        "type": kind,
        "host": _env(f"{prefix}HOST", "localhost"),
        "port": f"{{{{ env_var('{prefix}PORT', '{port}') | as_number }}}}",
        "user": _env(f"{prefix}USER"),
        "password": _env(f"{prefix}PASSWORD", ""),
        "dbname": _env(f"{prefix}DATABASE"),
        "schema": schema,
        "threads": THREADS,
    }


def _postgres(schema: str) -> Output:
    return _server("postgres", schema, "PG", 5432)


def _redshift(schema: str) -> Output:
    return _server("redshift", schema, "REDSHIFT_", 5439)


def _snowflake(schema: str) -> Output:
    names = ("account", "user", "password", "role", "warehouse", "database")
    values = {name: _env(f"SNOWFLAKE_{name.upper()}") for name in names}
    return {"type": "snowflake", **values, "schema": schema, "threads": THREADS}


def _bigquery(schema: str) -> Output:
    return {
        "type": "bigquery",
        "method": "oauth",
        "project": _env("BIGQUERY_PROJECT"),
        "location": _env("BIGQUERY_LOCATION", "US"),
        "dataset": schema,
        "threads": THREADS,
    }


def _databricks(schema: str) -> Output:
    names = ("host", "http_path", "token", "catalog")
    values = {name: _env(f"DATABRICKS_{name.upper()}") for name in names}
    return {"type": "databricks", **values, "schema": schema, "threads": THREADS}


def _clickhouse(schema: str) -> Output:
    server = _server("clickhouse", schema, "CLICKHOUSE_", 8443)
    del server["dbname"]
    # Without the first an outer join gives 0 or '' where other databases give null.
    settings = {"join_use_nulls": 1, "prefer_column_name_to_alias": 1}
    return server | {"secure": True, "custom_settings": settings}


SKELETONS = {
    "postgres": _postgres,
    "redshift": _redshift,
    "snowflake": _snowflake,
    "bigquery": _bigquery,
    "databricks": _databricks,
    "clickhouse": _clickhouse,
}
