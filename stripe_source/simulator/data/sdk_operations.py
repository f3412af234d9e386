"""Reads from the official SDK which writes exist and what parameters each one takes.

A parameter's name ends in ``!`` where Stripe requires it and in ``?`` where the empty text unsets
it. Its kind is ``"str" "int" "float" "bool" "decimal" "any"``, ``"=a|b"`` (one of these words),
``"int=now"`` (a number or one of these words), ``{"object": params}`` (with ``"or": "str"`` where a
text will do), ``{"array": kind}`` or ``{"map": kind}``.
"""

from __future__ import annotations

import ast
import re
from typing import Any

from stripe_source.simulator.data.sdk_shapes import (
    SdkModule,
    find_class,
    module_at,
    module_named,
    sdk_root,
)

SERVICES = {
    "charge": "update capture",
    "coupon": "create update delete",
    "credit_note": "create update void_credit_note",
    "customer": "create update delete delete_discount",
    "customer_balance_transaction": "create update",
    "customer_tax_id": "create delete",
    "dispute": "update close",
    "invoice": "create update delete finalize_invoice pay void_invoice send_invoice "
    "mark_uncollectible",
    "invoice_item": "create update delete",
    "payment_intent": "create update confirm capture cancel",
    "payment_method": "create update attach detach",
    "payout": "create update cancel",
    "plan": "create update delete",
    "price": "create update",
    "product": "create update delete",
    "promotion_code": "create update",
    "refund": "create update cancel",
    "setup_intent": "create confirm cancel",
    "subscription": "create update cancel resume delete_discount",
    "subscription_item": "create update delete",
    "tax_id": "create delete",
    "tax_rate": "create update",
    "test_helpers/test_clock": "create advance delete",
    "webhook_endpoint": "create update delete",
}
"""Service to the methods that the simulator takes: another resource is another row."""

PLAIN = {"str": "str", "int": "int", "float": "float", "bool": "bool", "Decimal": "decimal"}
FREE_TEXTS = {
    *("city", "country", "line1", "line2", "postal_code", "state"),
    *("default_payment_method", "description", "email", "phone"),
}
"""Optional texts that can be emptied although the SDK has a bare ``str`` (seen in practice)."""
LARGEST = 3500
"""A hash that takes more characters than this is ``any`` (options for every payment method), and
so many words are ``str`` (the types of events)."""


def all_operations() -> list[dict[str, Any]]:
    """Every write of ``SERVICES``, sorted by path."""
    rows = []
    for service, methods in SERVICES.items():
        folder, _, name = service.rpartition("/")
        module = module_at(sdk_root() / folder / f"_{name}_service.py")
        rows += [read_write(module, method) for method in methods.split()]
    return sorted(rows, key=lambda row: (row["path"], row["method"]))


def read_write(module: SdkModule, name: str) -> dict[str, Any]:
    """One method of a service: its verb, its path with ``{}`` for ids, and its parameters."""
    bodies = (c.body for c in module.classes.values())
    found = next(m for b in bodies for m in b if isinstance(m, ast.FunctionDef) and m.name == name)
    asked = re.search(r"_request\('(\w+)', '(/v1/[^']*)'", ast.unparse(found))
    assert asked is not None
    path = re.sub(r"\{\w+\}", "{}", asked.group(2))
    return {"method": asked.group(1).upper(), "path": path, "params": params_of(module, found)}


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
    return PLAIN[name] if found is None else {"object": typed_dict(*found)}
