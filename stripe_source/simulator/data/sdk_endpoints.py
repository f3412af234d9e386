"""Reads from the official SDK which list endpoints exist and what parameters each one takes.

A parameter is a type as in ``sdk_shapes`` reduced to ``int str bool array range object``; its name
ends in ``!`` where Stripe requires it. ``range`` takes ``gt gte lt lte``; an ``object`` names its
keys.
"""

from __future__ import annotations

import ast
import re
from typing import Any

from stripe_source.simulator.data.sdk_shapes import (
    SdkModule,
    ShapeReader,
    module_at,
    module_named,
    sdk_root,
)

RANGE_KEYS = {"gt", "gte", "lt", "lte"}


def all_endpoints() -> list[dict[str, Any]]:
    """Every v1 list of the SDK's services, sorted by path."""
    rows: dict[str, dict[str, Any]] = {}
    for path in sorted(sdk_root().rglob("_*_service.py")):
        if path.relative_to(sdk_root()).parts[0] in ("v2", "params"):
            continue
        module = module_at(path)
        for node in module.classes.values():
            for method in node.body:
                if isinstance(method, ast.FunctionDef) and method.name == "list":
                    row = read_list(module, method)
                    rows[row["path"]] = row
    return [rows[path] for path in sorted(rows)]


def read_list(module: SdkModule, method: ast.FunctionDef) -> dict[str, Any]:
    """One ``list`` method: its path, what it lists and its parameters."""
    path = re.search(r"'(/v1/[^']*)'", ast.unparse(method))
    assert path is not None
    assert method.returns is not None
    objects = ShapeReader(module).kind(method.returns, {})[0]
    return {
        "path": re.sub(r"\{(\w+)=.*?\}", r"{\1}", path.group(1)),
        "objects": objects["list"],
        "params": list_params(module, method),
    }


def list_params(module: SdkModule, method: ast.FunctionDef) -> dict[str, Any]:
    """The parameters of one ``list`` method, from the TypedDict that it takes."""
    for arg in method.args.args:
        found = re.search(r"(\w+ListParams)", ast.unparse(arg.annotation or ast.Constant("")))
        if found:
            source = module_named(module.imports[found.group(1)][0])
            assert source is not None
            return typed_dict(source, source.classes[found.group(1)])
    return {}


def typed_dict(module: SdkModule, node: ast.ClassDef) -> dict[str, Any]:
    """The keys of one TypedDict of the SDK."""
    params: dict[str, Any] = {}
    for line in node.body:
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
            text = ast.unparse(line.annotation).replace('"', "").replace("'", "")
            optional = text.startswith("NotRequired[")
            params[line.target.id + ("" if optional else "!")] = param_kind(module, text)
    return params


def param_kind(module: SdkModule, text: str) -> Any:
    """The reduced type of one parameter's annotation."""
    text = text.removeprefix("NotRequired[")
    if "List[" in text:
        return "array"
    for name in re.findall(r"\w+", text):
        if name in module.classes:
            keys = typed_dict(module, module.classes[name])
            return "range" if set(keys) <= RANGE_KEYS else {"object": keys}
    return next((k for k in ("int", "bool") if re.search(rf"\b{k}\b", text)), "str")
