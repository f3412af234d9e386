"""Parameters as fields of an object: hashes made whole, metadata merged."""

from __future__ import annotations

from typing import Any

from stripe_source.simulator.api.metadata import merged
from stripe_source.simulator.shapes import blank_fields, fields_of, shape
from stripe_source.simulator.types import Json


def complete(name: str, field: str, value: Any) -> Any:
    """A value for a field of an object, with every key that its hashes declare.

    Tax rates that are unset are an empty list, also where the shape lets them be null: every
    calculation goes through them.
    """
    if value is None and field.endswith("tax_rates"):
        return []
    return _completed(shape(name)[field][0], value)


def _completed(kind: Any, value: Any) -> Any:
    if value is None or not isinstance(kind, dict):
        return value
    if "object" in kind:
        fields = fields_of(kind["object"])
        known = {key: each for key, each in value.items() if key in fields}
        return blank_fields(fields) | {
            key: _completed(fields[key][0], each) for key, each in known.items()
        }
    if "array" in kind:
        return [_completed(kind["array"], item) for item in value]
    if "map" in kind:
        return {key: _completed(kind["map"], item) for key, item in value.items()}
    return value


def new_fields(name: str, given: Json) -> Json:
    """The fields of a new object; its metadata is never null."""
    made = {field: complete(name, field, value) for field, value in given.items()}
    return made | {"metadata": merged({}, given.get("metadata", {}))}


def changed_fields(obj: Json, given: Json) -> Json:
    """The changes that a request makes: a hash that is there keeps what is not named."""
    made: Json = {}
    for field, value in given.items():
        if field == "metadata":
            made[field] = merged(obj["metadata"], value)
        elif isinstance(value, dict) and isinstance(obj.get(field), dict):
            made[field] = value
        else:
            made[field] = complete(obj["object"], field, value)
    return made


def differs(obj: Json, changes: Json) -> bool:
    """Whether the changes change anything."""
    for field, value in changes.items():
        old = obj.get(field)
        if isinstance(value, dict) and isinstance(old, dict) and field != "metadata":
            if differs(old, value):
                return True
        elif old != value:
            return True
    return False
