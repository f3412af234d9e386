"""Reads the type of every request parameter from the official SDK.

A parameter's name ends in ``!`` where Stripe requires it and in ``?`` where the empty text unsets
it. Its kind is ``"str" "int" "float" "bool" "decimal" "any"``, ``"=a|b"`` (one of these words),
``"int=now"`` (a number or one of these words), ``"range"`` (a number, or ``gt gte lt lte``),
``{"object": params}`` (with ``"or": "str"`` where a text will do), ``{"array": kind}`` or
``{"map": kind}``.
"""

from __future__ import annotations

import ast
import re
from typing import Any

from stripe_source.simulator.data.sdk_shapes import SdkModule, find_class, module_named

PLAIN = {"str": "str", "int": "int", "float": "float", "bool": "bool", "Decimal": "decimal"}
FREE_TEXTS = {
    *("city", "country", "line1", "line2", "postal_code", "state"),
    *("default_payment_method", "description", "email", "phone"),
}
"""Optional texts that can be emptied although the SDK has a bare ``str`` (seen in practice)."""
LARGEST = 3500
"""A hash that takes more characters than this is ``any`` (options for every payment method), and
so many words are ``str`` (the types of events)."""
RANGE_KEYS = {"gt", "gte", "lt", "lte"}


def params_of(module: SdkModule, method: ast.FunctionDef) -> dict[str, Any]:
    """The keys of the TypedDict that a method takes."""
    texts = [ast.unparse(a.annotation) for a in method.args.args if a.annotation]
    names = [m.group() for text in texts if (m := re.search(r"\w+Params\b", text))]
    if not names:
        return {}
    source = module_named(module.imports[names[0]][0])
    assert source is not None
    return typed_dict(source, source.classes[names[0]])


def typed_dict(module: SdkModule, node: ast.ClassDef) -> dict[str, Any]:
    """The keys of one TypedDict of the SDK."""
    params: dict[str, Any] = {}
    for line in node.body:
        if not isinstance(line, ast.AnnAssign) or not isinstance(line.target, ast.Name):
            continue
        name = line.target.id
        needed = not ast.unparse(line.annotation).startswith("NotRequired[")
        kind, unset = kind_of(module, line.annotation)
        unset = unset or (kind == "str" and not needed and is_free_text(node.name, name))
        params[name + "!" * needed + "?" * unset] = kind
    return params


def is_free_text(holder: str, name: str) -> bool:
    """Whether an empty text empties the field; a customer's name is one, a product's is not."""
    if "ListParams" in holder:
        return False
    return name in FREE_TEXTS or (name == "name" and holder.startswith("Customer"))


def kind_of(module: SdkModule, node: ast.expr) -> tuple[Any, bool]:
    """(kind, whether the empty text unsets it) of an annotation."""
    members = members_of(node)
    texts = [m for m in members if ast.unparse(m) != "Literal['']"]
    kinds = [member_kind(module, member) for member in texts]
    return joined(kinds), len(texts) < len(members)


def joined(kinds: list[Any]) -> Any:
    """One kind for the members of a union."""
    words = [k for k in kinds if isinstance(k, str) and k.startswith("=")]
    plain = [k for k in kinds if isinstance(k, str) and k not in words]
    hashes = [k for k in kinds if isinstance(k, dict)]
    if hashes:
        both = hashes[0] | ({"or": "str"} if "str" in plain else {})
        return both if len(str(both)) <= LARGEST else "any"
    if "range" in plain:
        return "range"
    if words or not plain:
        number = next((k for k in plain if k in ("int", "bool")), "")
        kind = number + "=" + "|".join(w[1:] for w in words)
        return kind if len(kind) <= LARGEST else "str"
    return plain[0]


def members_of(node: ast.expr) -> list[ast.expr]:
    """The members of a union, written either way and at any depth of quotes."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return members_of(ast.parse(node.value, mode="eval").body)
    if isinstance(node, ast.BinOp):
        return members_of(node.left) + members_of(node.right)
    if isinstance(node, ast.Subscript):
        name = ast.unparse(node.value)
        if name == "NotRequired":
            return members_of(node.slice)
        if name == "Union" and isinstance(node.slice, ast.Tuple):
            return [m for each in node.slice.elts for m in members_of(each)]
    return [node]


def member_kind(module: SdkModule, node: ast.expr) -> Any:
    """The kind of an annotation that is no union."""
    if isinstance(node, ast.Subscript):
        name = ast.unparse(node.value)
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if name == "Literal":
            return "=" + "|".join(str(v.value) for v in inner if isinstance(v, ast.Constant))
        family = "array" if name == "List" else "map"
        return {family: kind_of(module, inner[-1])[0]}
    name = ast.unparse(node)
    found = find_class(module, name)
    if found is None:
        return PLAIN[name]
    keys = typed_dict(*found)
    return "range" if keys and set(keys) <= RANGE_KEYS else {"object": keys}
