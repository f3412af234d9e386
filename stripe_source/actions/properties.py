"""Properties of an object by path, ``address.city`` or ``metadata.crm_id``: read, typed, compared.

Which there are, and of what type, is told by the SDK's own parameters.
"""

import json
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from math import isfinite, nan
from typing import Any

from stripe_source.actions.outcome import Change, Json
from stripe_source.errors import UsageError, did_you_mean
from stripe_source.schema.params import Param, params

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
WHOLE = re.compile(r"-?[0-9]{1,18}")
SWITCHES = {"true": True, "false": False}
SCHEMA_TYPES = {
    "text": "string",
    "integer": "integer",
    "double": "number",
    "boolean": "boolean",
    "list": "array",
}
EMPTY: tuple[Any, ...] = (None, "", [], {})


def schema_of(request: str) -> Json:
    """The properties of a request by path, as JSON Schema has them."""
    known = {}
    for path, param in params(request).items():
        if param.kind == "map":
            continue
        each: Json = {"type": [SCHEMA_TYPES[param.kind], "null"]}
        if param.choices:
            each["enum"] = [*param.choices, "", None]
        if param.description:
            each["description"] = param.description
        known[path] = each
    return {"properties": known, "patternProperties": {r"^metadata\.": {}}}


def flat(values: Mapping[str, Any], prefix: str = "") -> Json:
    """Nested values by their paths: ``{"address": {"city": "Bonn"}}`` is ``address.city``."""
    found: Json = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            found |= flat(value, f"{prefix}{name}.")
        else:
            found[f"{prefix}{name}"] = value
    return found


def dotted(name: str) -> str:
    """A path as it may also be written: ``address[city]`` of Stripe's, ``address__city`` of dlt's.

    What comes after ``metadata`` is a key as it is.
    """
    if match := re.fullmatch(r"(\w+)((?:\[[^\[\]]+\])+)", name):
        return ".".join([match[1], *re.findall(r"\[([^\[\]]+)\]", match[2])])
    if name.startswith("metadata__"):
        return name.replace("__", ".", 1)
    return name if name.startswith("metadata.") else name.replace("__", ".")


def at(obj: Mapping[str, Any], path: str) -> Any:
    """The value at a path; None where there is none."""
    first, _, rest = path.partition(".")
    value = obj.get(first)
    if first == "metadata" and rest:
        return (value or {}).get(rest)
    return at(value, rest) if rest and isinstance(value, Mapping) else None if rest else value


def typed(given: Mapping[str, Any], request: str) -> Json:
    """The values of a request by path, as Stripe takes them; those that are None are left out.

    Raises UsageError for a property that the request doesn't have, or a value that can't be one.
    """
    known = params(request)
    found: Json = {}
    for name, value in flat({dotted(name): value for name, value in given.items()}).items():
        path = dotted(name)
        param = _param(path, known)
        if value is not None:
            found[path] = _value(path, value, param)
    return found


def nested(values: Mapping[str, Any]) -> Json:
    """Values by path as the SDK takes them."""
    found: Json = {}
    for path, value in values.items():
        first, *rest = [path] if "." not in path else path.split(".")
        if first == "metadata" and rest:
            rest = [path.partition(".")[2]]
        holder = found
        for name in [first, *rest][:-1]:
            holder = holder.setdefault(name, {})
        holder[[first, *rest][-1]] = value
    return found


def difference(
    obj: Json, wanted: Mapping[str, Any], *, only_empty: bool = False
) -> dict[str, Change]:
    """What a write would change; with ``only_empty`` only what has no value yet.

    A property that the object doesn't show, like a card's token, always counts as a change.
    """
    changes = {}
    for path, value in wanted.items():
        before = at(obj, path)
        if only_empty and before not in EMPTY:
            continue
        if _same(before, value) and path.partition(".")[0] in obj:
            continue
        changes[path] = Change(before, None if value == "" else value)
    return changes


def sent(obj: Json, changes: Mapping[str, Change], request: str) -> Json:
    """The parameters that make the changes.

    A hash like ``address`` is sent whole, with what it has already: so it comes out right whether
    Stripe merges it or takes it for the new one. Metadata is merged by Stripe.
    """
    known = params(request)
    values: Json = {}
    for first in {path.partition(".")[0] for path in changes if "." in path} - {"metadata"}:
        for path in known:
            if path.startswith(f"{first}.") and (value := at(obj, path)) not in EMPTY:
                values[path] = value
    values |= {path: "" if each.after is None else each.after for path, each in changes.items()}
    return nested(values)


def _param(path: str, known: Mapping[str, Param]) -> Param:
    if path in known and known[path].kind != "map":
        return known[path]
    first, _, rest = path.partition(".")
    if rest and first in known and known[first].kind == "map":
        return Param("text")
    if path in known:
        raise UsageError(f"{path} is set by key: {path}.KEY")
    inside = [name for name in known if name.startswith(f"{path}.")]
    if inside:
        raise UsageError(f"{path} is set by its parts: {', '.join(inside)}")
    raise UsageError(f"there is no property '{path}'{did_you_mean(path, known)}")


def _value(path: str, value: Any, param: Param) -> Any:
    """A value as Stripe takes it. An empty text takes the property away."""
    if value == "":
        return ""
    match param.kind:
        case "integer":
            if isinstance(value, bool) or not WHOLE.fullmatch(_text(path, value)):
                raise UsageError(f"{path} is a whole number, not {value!r}")
            return int(value)
        case "double":
            return _fraction(path, value)
        case "boolean":
            return _switch(path, value)
        case "list":
            return _list(path, value)
        case _:
            text = _text(path, value)
    if param.choices and text not in param.choices:
        raise UsageError(f"{path} is one of {', '.join(param.choices)}, not '{text}'")
    if path == "email" and not EMAIL.fullmatch(text):
        raise UsageError(f"{path} is no email address: '{text}'")
    return text


def _text(path: str, value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, str | int | float | date):
        return str(value)
    raise UsageError(f"{path} is one value, not {value!r}")


def _fraction(path: str, value: Any) -> float:
    try:
        found = float(_text(path, value))
    except ValueError:
        found = nan
    if not isfinite(found):
        raise UsageError(f"{path} is a number, not {value!r}")
    return found


def _switch(path: str, value: Any) -> bool:
    if str(value).lower() not in SWITCHES:
        raise UsageError(f"{path} is true or false, not {value!r}")
    return SWITCHES[str(value).lower()]


def _list(path: str, value: Any) -> list[Any]:
    """A list, also as JSON, or with commas."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            value = json.loads(value)
        except json.JSONDecodeError:
            raise UsageError(f"{path} is no list: {value}") from None
    if isinstance(value, str):
        value = [item.strip() for item in value.split(",") if item.strip()]
    if not isinstance(value, list):
        raise UsageError(f"{path} is a list, not {value!r}")
    return value


def _same(before: Any, value: Any) -> bool:
    return (before in EMPTY and value in EMPTY) or before == value
