"""Reads from the official SDK which list endpoints exist and what parameters each one takes."""

from __future__ import annotations

import ast
import re
from typing import Any

from stripe_source.simulator.data.sdk_params import params_of
from stripe_source.simulator.data.sdk_shapes import SdkModule, ShapeReader, module_at, sdk_root


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
        "params": params_of(module, method),
    }
