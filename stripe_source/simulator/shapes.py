"""The shape of every object, and blank objects that carry all its fields.

Shapes come from the SDK's annotations (``data/shapes.json``; its notation is described in
``data/sdk_shapes.py``).
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import orjson

from stripe_source.simulator.types import Json


@cache
def all_shapes() -> Json:
    """Object name to shape as written in the file."""
    shapes: Json = orjson.loads(
        (files("stripe_source.simulator.data") / "shapes.json").read_bytes()
    )
    return shapes


@cache
def shape(name: str) -> dict[str, tuple[Any, bool]]:
    """Field to (type, may be null) of one object; empty for an object that the SDK lacks."""
    return fields_of(all_shapes().get(name, {}))


def fields_of(raw: Json) -> dict[str, tuple[Any, bool]]:
    """The same for a written shape: the ``?`` is taken off the names."""
    return {k.rstrip("?"): (v, k.endswith("?")) for k, v in raw.items()}


@cache
def _blank_text(name: str) -> bytes:
    return orjson.dumps(blank_fields(shape(name)) | {"object": name})


def blank(name: str, /, **values: Any) -> Json:
    """A new object with every declared field: null where it may be, else the type's zero.

    ``deleted`` is left out: only a deleted object has it. Fresh nested objects each time.
    """
    made: Json = orjson.loads(_blank_text(name))
    made.update(values)
    return made


def blank_fields(fields: dict[str, tuple[Any, bool]]) -> Json:
    """The zero values of a shape, ``id`` and ``object`` first as Stripe writes them."""
    names = sorted(fields, key=lambda n: (n not in ("id", "object"), n))
    return {n: _empty(*fields[n]) for n in names if n != "deleted"}


def _empty(kind: Any, optional: bool) -> Any:
    """Null where it may be; a map of hashes is empty, for the SDK fails to parse a null there."""
    of_hashes = isinstance(kind, dict) and isinstance(kind.get("map"), dict)
    return None if optional and not of_hashes else zero(kind)


def zero(kind: Any) -> Any:
    """The plainest value of a type."""
    if isinstance(kind, str):
        if kind.startswith("="):
            return kind[1:].split("|")[0]
        return {"str": "", "int": 0, "float": 0.0, "bool": False, "decimal": "0"}.get(kind)
    if "object" in kind:
        return blank_fields(fields_of(kind["object"]))
    if "array" in kind:
        return []
    if "list" in kind:
        return {"object": "list", "data": [], "has_more": False, "url": ""}
    return {} if "map" in kind else None


@cache
def _part_text(name: str, path: str) -> bytes:
    fields = shape(name)
    for step in path.split("."):
        kind = fields[step][0]
        kind = kind.get("array", kind)
        fields = fields_of(kind["object"])
    return orjson.dumps(blank_fields(fields))


def part(name: str, path: str, /, **values: Any) -> Json:
    """A blank hash of the kind that stands under ``path`` in an object (or in its array there)."""
    made: Json = orjson.loads(_part_text(name, path))
    made.update(values)
    return made
