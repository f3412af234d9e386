"""Masks what stands inside of JSON texts: every value at a path, however deep the path begins.

DuckDB finds the values (``$..address.line1``) and each is replaced where it stands after its key in
the text. A text in which something is left after that becomes NULL: rather nothing than too much.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

import pyarrow as pa
import pyarrow.compute as pc

from stripe_source.extract.scratch import registered
from stripe_source.tables.hashed import hmac_of, pads
from stripe_source.tables.sql import quoted

HASH = "[0-9a-f]{64}"


@dataclass(frozen=True, order=True)
class Hidden:
    """What is hidden: the value at a path of keys, as null, or a text as its hash."""

    path: tuple[str, ...]
    hash: bool = False


def hide(
    texts: pa.ChunkedArray, hidden: Iterable[Hidden], secret: str, among: pa.Array | None = None
) -> pa.ChunkedArray:
    """JSON texts without what is hidden; with ``among``, in those alone for which it is true."""
    wanted = sorted(set(hidden))
    if not wanted or not pc.any(_naming(texts, wanted, among)).as_py():
        return texts
    for each in wanted:
        rows = _naming(texts, [each], among).combine_chunks()
        if pc.any(rows).as_py():
            flat = texts.combine_chunks()
            found = _without(flat.filter(rows), each, secret)
            texts = pa.chunked_array([pc.replace_with_mask(flat, rows, found)])
    return texts


def naming(texts: pa.ChunkedArray, keys: Iterable[str]) -> pa.ChunkedArray:
    """Whether a text has one of these keys somewhere in it."""
    pattern = f'"({"|".join(sorted(set(keys)))})" ?:'
    return pc.fill_null(pc.match_substring_regex(texts, pattern), False)


def _naming(
    texts: pa.ChunkedArray, hidden: Iterable[Hidden], among: pa.Array | None
) -> pa.ChunkedArray:
    found = naming(texts, (each.path[-1] for each in hidden))
    return found if among is None else pc.and_(found, among)


def _without(texts: pa.Array, hidden: Hidden, secret: str) -> pa.Array:
    path = quoted("$.." + ".".join(f'"{key}"' for key in hidden.path))
    key = quoted(f'"{hidden.path[-1]}":')
    done, instead = "v = 'null'", "'null'"
    if hidden.hash:
        digest = hmac_of("(v::JSON ->> '$')")
        done = f"(v = 'null' OR regexp_full_match(v, '\"{HASH}\"'))"
        instead = f"CASE WHEN v[1] = '\"' THEN '\"' || {digest} || '\"' ELSE 'null' END"
    new = f"CASE WHEN {done} THEN v ELSE {instead} END"
    step = "step"
    # With what stands around: else the key of "odd\\"key", and the 1 of 12, would be taken for it.
    for start, end in product(("'{'", "','"), ("'}'", "','")):
        old = f"{start} || {key} || v || {end}"
        step = f"replace({step}, {old}, {start} || {key} || {new} || {end})"
    left = f"list_filter({_values('made', path)}, lambda v: NOT {done})"
    query = f"""
        SELECT CASE WHEN len({left}) = 0 THEN made END
        FROM (
            SELECT list_reduce({_values("plain", path)}, lambda step, v: {step}, plain) AS made
            FROM (SELECT json(t)::VARCHAR AS plain FROM texts)
        )
    """
    with registered(texts=pa.table({"t": texts})) as connection:
        parameters = dict(pads(secret)) if hidden.hash else {}
        made = connection.sql(query, params=parameters).to_arrow_table()
    return made.column(0).cast(pa.string()).combine_chunks()


def _values(text: str, path: str) -> str:
    """All values at the path, outer ones before those that they hold, which are shorter.

    In the order of the text an equal one elsewhere would go first, and in the outer one, too, which
    then would not be found as it was.
    """
    sized = f"list_transform(json_extract({text}, {path})::VARCHAR[], lambda v: row(length(v), v))"
    return f"list_transform(list_reverse_sort({sized}), lambda sized: sized[2])"
