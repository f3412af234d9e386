"""What Stripe takes in a request: parameters with their types, from the installed SDK.

The SDK has a ``TypedDict`` for each request, generated from Stripe's OpenAPI document; it is read
as text, like the resource classes.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from stripe_source.schema.sdk import SdkClass, alternatives, arguments, load_module

ParamKind = Literal["text", "integer", "double", "boolean", "map", "list", "range"]
KINDS: Mapping[str, ParamKind] = {
    "str": "text",
    "int": "integer",
    "float": "double",
    "Decimal": "double",
    "bool": "boolean",
    "Dict": "map",
    "UntypedStripeObject": "map",
    "List": "list",
}
BOUNDS = frozenset({"gt", "gte", "lt", "lte"})
OF_ALL = frozenset({"expand"})  # says something of the answer


@dataclass(frozen=True)
class Param:
    """One parameter. ``choices`` are the values that are known, empty where any will do.

    A ``map`` has keys of the user's own, a ``list`` is given whole, and a ``range`` is a value or
    bounds for it.
    """

    kind: ParamKind
    choices: tuple[str, ...] = ()
    description: str = ""


@cache
def params(request: str) -> Mapping[str, Param]:
    """The parameters of a request, such as ``customer_create``; nested ones with dots.

    Raises LookupError for a request that the SDK does not have.
    """
    module = load_module(f"stripe.params._{request}_params")
    name = "".join(word.title() for word in request.split("_")) + "Params"
    if module is None or name not in module.classes:
        raise LookupError(f"the SDK has no request {request!r}")
    return dict(_flatten(module.classes[name], ""))


def _flatten(cls: SdkClass, prefix: str) -> Iterator[tuple[str, Param]]:
    for name, (annotation, doc) in cls.fields.items():
        if name in OF_ALL:
            continue
        kind: ParamKind = "text"
        choices: list[str] = []
        nested: SdkClass | None = None
        for each in alternatives(annotation):
            found = None if _name(each) in KINDS else cls.module.resolve(_name(each))
            if found is not None and set(found.fields) >= BOUNDS:
                kind = "range"
            elif found is not None:
                nested = found
            elif _name(each) == "Literal":
                choices += [value for value in _values(each) if value]
            elif kind != "range":
                kind = KINDS.get(_name(each), kind)
        if nested is not None:
            yield from _flatten(nested, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", Param(kind, tuple(choices), " ".join(doc.split()))


def _name(annotation: ast.expr) -> str:
    return ast.unparse(annotation).split("[")[0]


def _values(literal: ast.expr) -> list[str]:
    return [str(each.value) for each in arguments(literal) if isinstance(each, ast.Constant)]
