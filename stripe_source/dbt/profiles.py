"""``profiles.yml``: how dbt reaches the warehouse. It is the user's, and never has a password."""

from pathlib import Path
from typing import Any

from stripe_source.dbt.documents import document

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


def missing_from(text: str, output: Output) -> str | None:
    """What a profile that is there lacks, if it plainly does: the adapter, or the DuckDB file."""
    wanted = [f"type: {output['type']}", *([output["path"]] if "path" in output else [])]
    return next((each for each in wanted if each not in text), None)


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
        return _duckdb(schema, f"md:{credentials.database}")
    if config.destination_type == "duckdb":
        place = str(credentials.database).partition("?")[0]  # behind it there may be a token
        return _duckdb(schema, place if ":" in place else str(Path(place).absolute()))
    return output_to_fill_in(adapter, schema, Path(f"{PROFILE}.duckdb"))


def output_to_fill_in(adapter: str, schema: str, file: Path) -> Output:
    """A target whose values come from the environment; of DuckDB, the file."""
    if adapter == "duckdb":
        return _duckdb(schema, str(file.absolute()))
    return SKELETONS[adapter](schema)


def _duckdb(schema: str, path: str) -> Output:
    return {"type": "duckdb", "path": path, "schema": schema, "threads": THREADS}


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
