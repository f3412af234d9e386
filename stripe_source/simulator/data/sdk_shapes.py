"""Reads the official SDK's sources and tells the shape of every object that it declares.

The sources are parsed, never imported: an import of the whole SDK takes seconds, and the
annotations live under ``TYPE_CHECKING``, where only a parser sees them.

A shape is ``{field: type}``; a field that may be null ends in ``?``. A type is one of
``"str" "int" "float" "bool" "decimal" "any"``, ``"=a|b"`` (one of these texts),
``{"object": shape}``, ``{"embed": [object names]}``, ``{"id": [object names]}`` (expandable),
``{"array": type}``, ``{"list": [object names]}`` (a Stripe list with its own url) or
``{"map": type}``.
"""

from __future__ import annotations

import ast
import importlib.util
from functools import cache
from pathlib import Path
from typing import Any

PLAIN = {"str": "str", "int": "int", "float": "float", "bool": "bool", "Decimal": "decimal"}
OPEN = {"Any", "object", "StripeObject"}


@cache
def sdk_root() -> Path:
    """The folder of the installed ``stripe`` package."""
    spec = importlib.util.find_spec("stripe")
    if spec is None or spec.origin is None:
        raise RuntimeError("the stripe package is not installed")
    return Path(spec.origin).parent


class SdkModule:
    """One source file of the SDK: its classes, and where its names come from."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.tree = ast.parse(path.read_text())
        self.imports: dict[str, tuple[str, str]] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                for name in node.names:
                    self.imports[name.asname or name.name] = (node.module, name.name)
        self.classes = {n.name: n for n in self.tree.body if isinstance(n, ast.ClassDef)}


@cache
def module_at(path: Path) -> SdkModule:
    """The parsed file, read once."""
    return SdkModule(path)


def module_named(dotted: str) -> SdkModule | None:
    """The file behind ``stripe.x._y``, or None for what is not the SDK's."""
    if not dotted.startswith("stripe"):
        return None
    path = sdk_root().joinpath(*dotted.split(".")[1:]).with_suffix(".py")
    return module_at(path) if path.exists() else None


def object_name(node: ast.ClassDef) -> str | None:
    """The class's ``OBJECT_NAME``, or None where it has none."""
    for line in node.body:
        if not isinstance(line, ast.AnnAssign) or ast.unparse(line.target) != "OBJECT_NAME":
            continue
        if isinstance(line.value, ast.Constant):
            return str(line.value.value)
    return None


def find_class(module: SdkModule, name: str) -> tuple[SdkModule, ast.ClassDef] | None:
    """The top-level class that ``name`` means inside ``module``."""
    if name in module.classes:
        return module, module.classes[name]
    if name in module.imports:
        source, original = module.imports[name]
        other = module_named(source)
        if other and original in other.classes:
            return other, other.classes[original]
    return None


class ShapeReader:
    """Turns the annotations of one top-level class into a shape."""

    def __init__(self, module: SdkModule) -> None:
        self.module = module

    def fields(self, node: ast.ClassDef, scope: dict[str, ast.ClassDef]) -> dict[str, Any]:
        """The shape of a class; ``scope`` holds the inner classes seen on the way down."""
        inner = scope | {n.name: n for n in node.body if isinstance(n, ast.ClassDef)}
        shape: dict[str, Any] = {}
        for line in node.body:
            if not isinstance(line, ast.AnnAssign) or not isinstance(line.target, ast.Name):
                continue
            name = line.target.id
            if name.startswith("_") or name == "OBJECT_NAME":
                continue
            kind, optional = self.kind(line.annotation, inner)
            shape[name.rstrip("_") + ("?" if optional else "")] = kind
        return shape

    def kind(self, node: ast.expr, scope: dict[str, ast.ClassDef]) -> tuple[Any, bool]:
        """(type, may be null) of one annotation."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node = ast.parse(node.value, mode="eval").body
        if isinstance(node, ast.Subscript):
            return self.generic(ast.unparse(node.value), node.slice, scope)
        if isinstance(node, ast.Attribute):
            return self.dotted(ast.unparse(node), scope), False
        if isinstance(node, ast.Name):
            return self.named(node.id, scope), False
        raise ValueError(ast.dump(node))

    def generic(
        self, name: str, inner: ast.expr, scope: dict[str, ast.ClassDef]
    ) -> tuple[Any, bool]:
        """(type, may be null) of ``name[inner]``."""
        if name == "Optional":
            return self.kind(inner, scope)[0], True
        if name == "Literal":
            values = inner.elts if isinstance(inner, ast.Tuple) else [inner]
            texts = [v.value for v in values if isinstance(v, ast.Constant)]
            if all(isinstance(t, bool) for t in texts):
                return "bool", False
            return "=" + "|".join(str(t) for t in texts), False
        if name == "Union":
            return self.union(inner, scope), False
        if name in ("List", "list"):
            return {"array": self.kind(inner, scope)[0]}, False
        if name in ("Dict", "dict", "Mapping"):
            value = inner.elts[1] if isinstance(inner, ast.Tuple) else inner
            return {"map": self.kind(value, scope)[0]}, False
        if name == "UntypedStripeObject":
            return {"map": self.kind(inner, scope)[0]}, False
        if name == "ExpandableField":
            return {"id": self.targets(inner, scope)}, False
        if name == "ListObject":
            return {"list": self.targets(inner, scope)}, False
        raise ValueError(name)

    def union(self, inner: ast.expr, scope: dict[str, ast.ClassDef]) -> Any:
        """A union: Stripe's own are ``Literal | str`` (open enums) or several objects."""
        members = inner.elts if isinstance(inner, ast.Tuple) else [inner]
        kinds = [self.kind(m, scope)[0] for m in members]
        for kind in kinds:
            if isinstance(kind, str) and kind.startswith("="):
                return kind
        if all(isinstance(k, dict) and "embed" in k for k in kinds):
            return {"embed": [n for k in kinds for n in k["embed"]]}
        return kinds[0]

    def targets(self, node: ast.expr, scope: dict[str, ast.ClassDef]) -> list[str]:
        """The object names that an expandable field or a list may hold."""
        kind = self.kind(node, scope)[0]
        if isinstance(kind, dict) and "embed" in kind:
            return list(kind["embed"])
        return []

    def named(self, name: str, scope: dict[str, ast.ClassDef]) -> Any:
        """The type that a bare name means: plain, inner class, or another object."""
        if name in PLAIN:
            return PLAIN[name]
        if name in scope:
            return {"object": self.fields(scope[name], scope)}
        if name in OPEN:
            return "any"
        found = find_class(self.module, name)
        if found is None:
            return "any"
        named = object_name(found[1])
        if named:
            return {"embed": [named]}
        return {"object": ShapeReader(found[0]).fields(found[1], {})}

    def dotted(self, name: str, scope: dict[str, ast.ClassDef]) -> Any:
        """``Outer.Inner``: the inner class, looked up by its last name."""
        return self.named(name.rsplit(".", 1)[-1], scope)


def all_shapes() -> dict[str, dict[str, Any]]:
    """Every v1 object of the SDK: object name to shape."""
    shapes: dict[str, dict[str, Any]] = {}
    for path in sorted(sdk_root().rglob("_*.py")):
        relative = path.relative_to(sdk_root())
        if relative.parts[0] in ("v2", "params", "events") or path.name == "__init__.py":
            continue
        module = module_at(path)
        for node in module.classes.values():
            name = object_name(node)
            if name and name not in ("list", "search_result"):
                shapes[name] = ShapeReader(module).fields(node, {})
    return shapes
