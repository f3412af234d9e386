"""How an SDK class becomes columns: the flattening rules of the design, in one place."""

import ast
from dataclasses import dataclass, field
from typing import Literal

from stripe_source.schema.formats import DECIMALS, MILLISECOND_TIMES, NEWER_TIMES, TIMES
from stripe_source.schema.sdk import SdkClass, alternatives

MAX_NAME = 63  # Postgres cuts longer identifiers

Kind = Literal[
    "text",
    "integer",
    "double",
    "boolean",
    "timestamp",
    "timestamp_ms",
    "decimal",
    "json",
    "id",
    "ids",
]
"""``timestamp`` is whole seconds since 1970, ``timestamp_ms`` milliseconds. ``id`` is an expandable
field, kept as its id; ``ids`` a list of those, kept as a JSON list of ids."""

BUILTINS: dict[str, Kind] = {
    "str": "text",
    "int": "integer",
    "float": "double",
    "bool": "boolean",
    "Decimal": "decimal",
    "Any": "json",
    "UntypedStripeObject": "json",
    "StripeObject": "json",
    "Dict": "json",
}
# Never a column: `deleted` marks the stub of a deleted object, which the tables show as
# `is_deleted`.
LEFT_OUT = frozenset({"deleted"})


class NameTooLong(Exception):
    """A column would be longer than 63 characters; an object above it becomes JSON instead."""


@dataclass
class Shape:
    """The columns of an object, name to (kind, description), and its nested Stripe lists.

    ``choices`` are the texts of which Stripe says which there are.
    """

    columns: dict[str, tuple[Kind, str]] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)
    choices: set[str] = field(default_factory=set)


def shape_of(cls: SdkClass) -> Shape:
    """The columns of a resource class, nested objects flattened with ``__``."""
    return _flatten(cls, "", (cls,))


def merged(shapes: list[Shape]) -> Shape:
    """One shape for a list whose items are of several classes: the union of their columns.

    Where two classes disagree on a column's kind, it is JSON.
    """
    result = Shape()
    for shape in shapes:
        result.lists.update(shape.lists)
        result.choices |= shape.choices
        for name, (kind, doc) in shape.columns.items():
            known = result.columns.get(name, (kind, doc))
            result.columns[name] = (kind if known[0] == kind else "json", known[1] or doc)
    return result


def _flatten(cls: SdkClass, prefix: str, above: tuple[SdkClass, ...]) -> Shape:
    shape = Shape()
    for name, (annotation, doc) in cls.fields.items():
        if name in LEFT_OUT:
            continue
        column = prefix + name
        if items := _list_items(annotation, cls):
            shape.lists[column] = items
            continue
        nested = _object_class(annotation, cls)
        if nested is not None and not _kept_as_json(name, nested, above):
            try:
                inner = _flatten(nested, column + "__", (*above, nested))
            except NameTooLong:
                inner = None
            if inner is not None:
                shape.columns.update(inner.columns)
                shape.lists.update(inner.lists)
                shape.choices |= inner.choices
                continue
        if len(column) > MAX_NAME:
            raise NameTooLong(column)
        kind = "json" if nested is not None else scalar_kind(name, annotation, cls)
        shape.columns[column] = (kind, doc)
        if kind == "text" and any(map(_is_choice, alternatives(annotation))):
            shape.choices.add(column)
    return shape


def _is_choice(part: ast.expr) -> bool:
    return isinstance(part, ast.Subscript) and ast.unparse(part.value) == "Literal"


def _kept_as_json(name: str, cls: SdkClass, above: tuple[SdkClass, ...]) -> bool:
    """Whether an object stays one JSON column instead of being flattened."""
    objects = [f for f in cls.fields.values() if _object_class(f[0], cls)]
    return (
        not cls.fields
        or cls in above
        or name.endswith(("_options", "_error"))
        or (name.endswith("_details") and "type" in cls.fields and bool(objects))
    )


def scalar_kind(name: str, annotation: ast.expr, cls: SdkClass) -> Kind:
    """The kind of a field that is not an object to flatten."""
    kinds = {_kind(part, cls) for part in alternatives(annotation)}
    if len(kinds) > 1:
        return "json"
    (kind,) = kinds
    if kind == "integer" and name in MILLISECOND_TIMES:
        return "timestamp_ms"
    if kind == "integer" and name in TIMES | NEWER_TIMES:
        return "timestamp"
    if kind == "text" and name in DECIMALS:
        return "decimal"
    return kind


def _kind(part: ast.expr, cls: SdkClass) -> Kind:
    if isinstance(part, ast.Name):
        return BUILTINS.get(part.id, "json")
    if not (isinstance(part, ast.Subscript) and isinstance(part.value, ast.Name)):
        raise ValueError(f"{cls.name}: cannot read the annotation {ast.unparse(part)}")
    match part.value.id:
        case "Literal":
            values = part.slice.elts if isinstance(part.slice, ast.Tuple) else [part.slice]
            types = {type(v.value).__name__ for v in values if isinstance(v, ast.Constant)}
            return BUILTINS[types.pop()] if len(types) == 1 else "json"
        case "ExpandableField":
            return "id"
        case "List":
            items = {_kind(item, cls) for item in alternatives(part.slice)}
            return "ids" if items == {"id"} else "json"
        case _:
            return "json"


def _object_class(annotation: ast.expr, cls: SdkClass) -> SdkClass | None:
    parts = alternatives(annotation)
    if len(parts) == 1 and isinstance(parts[0], ast.Name) and parts[0].id not in BUILTINS:
        return cls.resolve(parts[0].id)
    return None


def _list_items(annotation: ast.expr, cls: SdkClass) -> list[str]:
    """The ``object`` names in a ``ListObject[...]``; empty where the field is no Stripe list."""
    (part, *others) = alternatives(annotation)
    if others or not isinstance(part, ast.Subscript) or ast.unparse(part.value) != "ListObject":
        return []
    names = [item.id for item in alternatives(part.slice) if isinstance(item, ast.Name)]
    classes = [cls.resolve(name) for name in names]
    return [c.object_name or c.name for c in classes if c is not None]
