"""Properties of an object by path, ``address.city`` or ``metadata.crm_id``: read, typed, compared.

Which there are, and of what type, is told by the SDK's own parameters.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from math import isfinite, nan
from typing import Any
from uuid import UUID

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
EXACT = 2**53  # from here on a float may be another number than was meant
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
    names = [dotted(name) for name in given]
    if twice := [name for name, n in Counter(names).items() if n > 1]:
        raise UsageError(f"{twice[0]} is given twice")
    for name, value in flat(dict(zip(names, given.values(), strict=True))).items():
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
        if "[" in rest or "]" in rest:
            raise UsageError(f"Stripe takes no brackets in a key: {path}")
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
            whole = isinstance(value, Decimal) and value.is_finite() and value == int(value)
            number = str(int(value)) if whole else text_of(path, value)
            if isinstance(value, bool) or not WHOLE.fullmatch(number):
                raise UsageError(f"{path} is a whole number, not {value!r}")
            return int(number)
        case "double":
            return _fraction(path, value)
        case "boolean":
            return _switch(path, value)
        case "list":
            return _list(path, value)
        case _:
            text = text_of(path, value)
    if param.choices and text not in param.choices:
        raise UsageError(f"{path} is one of {', '.join(param.choices)}, not '{text}'")
    if path == "email" and not EMAIL.fullmatch(text):
        raise UsageError(f"{path} is no email address: '{text}'")
    return text


def text_of(path: str, value: Any) -> str:
    """A single value as a text; a float that is whole has no decimals.

    Raises UsageError for what is no single value, or not exactly one.
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float | Decimal):
        if not isfinite(value) or (isinstance(value, float) and abs(value) >= EXACT):
            raise UsageError(f"{path} is no exact number: {value}; give it as text")
        if isinstance(value, float) and value.is_integer():
            return str(int(value))
        return f"{Decimal(str(value)):f}"
    if isinstance(value, str | int | date | time | UUID):
        text = str(value)
        if not text.isprintable() and any(0xD800 <= ord(each) <= 0xDFFF for each in text):
            raise UsageError(f"{path} is no text in UTF-8")
        return text
    raise UsageError(f"{path} is one value, not {value!r}")


def _fraction(path: str, value: Any) -> float:
    try:
        found = float(text_of(path, value))
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
