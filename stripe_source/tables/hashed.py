"""HMAC-SHA256 (RFC 2104) in DuckDB's SQL, which has SHA-256 alone."""

import hashlib
from collections.abc import Mapping, Sequence

import pyarrow as pa

from stripe_source.extract.scratch import registered
from stripe_source.tables.sql import identifier

BLOCK = 64  # bytes of a block of SHA-256


def pads(secret: str) -> Mapping[str, bytes]:
    """The parameters of `hmac_of`: the secret, mixed with the two constants of the definition."""
    key = secret.encode()
    key = (hashlib.sha256(key).digest() if len(key) > BLOCK else key).ljust(BLOCK, b"\0")
    return {"inner": bytes(b ^ 0x36 for b in key), "outer": bytes(b ^ 0x5C for b in key)}


def hmac_of(text: str) -> str:
    """The SQL for the HMAC of a text, in hexadecimal digits."""
    return f"sha256($outer::BLOB || unhex(sha256($inner::BLOB || encode({text}))))"


def hashed(rows: pa.Table, names: Sequence[str], secret: str) -> pa.Table:
    """The rows, with the HMAC of each value of these columns in its place."""
    columns = ", ".join(f"{hmac_of(identifier(name))} AS {identifier(name)}" for name in names)
    with registered(plain=rows.select(list(names))) as connection:
        query = f"SELECT {columns} FROM plain"
        made = connection.sql(query, params=dict(pads(secret))).to_arrow_table()
    for name in names:
        place = rows.schema.get_field_index(name)
        field = rows.schema.field(name)
        rows = rows.set_column(place, field, made[name].cast(field.type))
    return rows
