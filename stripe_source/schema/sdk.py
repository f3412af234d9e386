"""Reads the annotations and docstrings of the installed Stripe SDK, without running it.

The SDK's resource classes are generated from Stripe's OpenAPI document. Their annotations sit
behind ``TYPE_CHECKING``, and their docstrings exist only as text, so the source is parsed with
``ast``.
"""

import ast
import importlib.util
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

WRAPPERS = frozenset({"Optional", "Union", "NotRequired"})  # say nothing of the type
PARSING = threading.Lock()  # two threads that parse at once disturb each other in Python 3.11
FIELD_NAMES = {"from_": "from", "in_": "in", "is_": "is"}  # the SDK's `_field_remappings`


@dataclass
class SdkClass:
    """One class of the SDK: its fields in order, and the scope of its annotations."""

    name: str
    module: "SdkModule"
    outer: "SdkClass | None"
    bases: list[str]
    fields: dict[str, tuple[ast.expr, str]] = field(default_factory=dict)
    nested: dict[str, "SdkClass"] = field(default_factory=dict)
    object_name: str | None = None

    def resolve(self, name: str) -> "SdkClass | None":
        """The class that a name in this class's annotations means; None for a builtin."""
        scope: SdkClass | None = self
        while scope is not None:
            if name in scope.nested:
                return scope.nested[name]
            scope = scope.outer
        return self.module.resolve(name)


@dataclass
class SdkModule:
    """One file of the SDK: its classes and what it imports from other files."""

    path: str
    classes: dict[str, SdkClass] = field(default_factory=dict)
    imports: dict[str, tuple[str, str]] = field(default_factory=dict)

    def resolve(self, name: str) -> SdkClass | None:
        """The class of this name, defined or imported here; None for anything else."""
        if name in self.classes:
            return self.classes[name]
        if name in self.imports:
            module, original = self.imports[name]
            found = load_module(module)
            return found.classes.get(original) if found else None
        return None


def alternatives(annotation: ast.expr) -> list[ast.expr]:
    """The types that an annotation allows; null, and that a parameter may be absent, are none."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        with PARSING:
            inner = ast.parse(annotation.value, mode="eval").body
        return alternatives(inner)
    if isinstance(annotation, ast.BinOp):
        return [*alternatives(annotation.left), *alternatives(annotation.right)]
    if isinstance(annotation, ast.Subscript) and ast.unparse(annotation.value) in WRAPPERS:
        return [each for item in arguments(annotation) for each in alternatives(item)]
    return [annotation]


def arguments(annotation: ast.expr) -> list[ast.expr]:
    """What stands in the brackets of an annotation."""
    inside = annotation.slice if isinstance(annotation, ast.Subscript) else annotation
    return inside.elts if isinstance(inside, ast.Tuple) else [inside]


def root() -> Path:
    """The folder of the installed ``stripe`` package."""
    spec = importlib.util.find_spec("stripe")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("the stripe package is not installed")
    return Path(spec.origin).parent


@cache
def load_module(name: str) -> SdkModule | None:
    """Parse one module of the SDK, by its dotted name; None for a module from elsewhere."""
    if not name.startswith("stripe."):
        return None
    file = root().joinpath(*name.split(".")[1:]).with_suffix(".py")
    if not file.exists():
        return None
    module = SdkModule(name)
    with PARSING:
        tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                module.imports[alias.asname or alias.name] = (node.module, alias.name)
    for statement in tree.body:
        if isinstance(statement, ast.ClassDef):
            module.classes[statement.name] = _read_class(statement, module, None)
    return module


def _read_class(node: ast.ClassDef, module: SdkModule, outer: SdkClass | None) -> SdkClass:
    bases = [ast.unparse(base).split("[")[0] for base in node.bases]
    found = SdkClass(node.name, module, outer, bases)
    for position, statement in enumerate(node.body):
        if isinstance(statement, ast.ClassDef):
            found.nested[statement.name] = _read_class(statement, module, found)
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            name = statement.target.id
            if name == "OBJECT_NAME" and isinstance(statement.value, ast.Constant):
                found.object_name = str(statement.value.value)
            elif not name.startswith("_") and statement.value is None:
                doc = _docstring_after(node.body, position)
                found.fields[FIELD_NAMES.get(name, name)] = (statement.annotation, doc)
    return found


def _docstring_after(body: list[ast.stmt], position: int) -> str:
    following = body[position + 1] if position + 1 < len(body) else None
    if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
        return str(following.value.value).strip()
    return ""


@cache
def classes_by_object() -> dict[str, SdkClass]:
    """Every v1 resource class by the value of its ``object`` field."""
    return {c.object_name: c for c in _resource_classes() if c.object_name}


def _resource_classes() -> Iterator[SdkClass]:
    skipped = {"v2", "params", "events"}
    for file in sorted(root().rglob("_*.py")):
        parts = file.relative_to(root()).with_suffix("").parts
        if parts[0] in skipped or parts[-1].endswith("_service"):
            continue
        module = load_module(".".join(("stripe", *parts)))
        if module:
            yield from module.classes.values()
