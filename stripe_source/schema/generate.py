"""Writes ``schema/objects``: the columns of every v1 object at the installed SDK's API version.

Run ``python -m stripe_source.schema.generate`` after an upgrade of the ``stripe`` package; a test
fails while the files and the SDK disagree. ``settings.API_VERSION`` has to name the SDK's version.
"""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from stripe_source.schema.columns import Shape, merged, shape_of
from stripe_source.schema.sdk import SdkClass, classes_by_object, load_module

OBJECTS = Path(__file__).parent / "objects"

# The items of lists that hold more than one kind of object.
UNIONS = {
    "external_account": ("bank_account", "card"),
    "payment_source": ("bank_account", "card", "source"),
}
# Objects without a class and an endpoint of their own, embedded as plain lists: name to where.
EMBEDDED = {"price_tier": ("price", "Tier")}


def sdk_version() -> str:
    """The API version that the installed SDK was generated for."""
    module = load_module("stripe._api_version")
    if module is None:
        raise ModuleNotFoundError("stripe._api_version")
    source = Path(str(_file_of(module.path))).read_text(encoding="utf-8")
    found = re.search(r'CURRENT = "([^"]+)"', source)
    if found is None:
        raise ValueError("stripe._api_version names no version")
    return found.group(1)


def _file_of(dotted: str) -> Path:
    from stripe_source.schema.sdk import root

    return root().joinpath(*dotted.split(".")[1:]).with_suffix(".py")


def schemas() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object's name with its schema, as it stands in its file."""
    classes = classes_by_object()
    for name, cls in sorted(classes.items()):
        yield name, _document(name, _description(cls), shape_of(cls))
    for name, members in UNIONS.items():
        shape = merged([shape_of(classes[member]) for member in members])
        yield name, _document(name, "One of: " + ", ".join(members) + ".", shape)
    for name, (parent, nested) in EMBEDDED.items():
        shape = shape_of(classes[parent].nested[nested])
        yield name, _document(name, f"One of the {nested.lower()}s of a {parent}.", shape)


def _document(name: str, description: str, shape: Shape) -> dict[str, Any]:
    return {
        "object": name,
        "description": description,
        "columns": {n: [kind, _plain(doc)] for n, (kind, doc) in shape.columns.items()},
        "lists": shape.lists,
        "choices": sorted(shape.choices),
    }


def _description(cls: SdkClass) -> str:
    source = _file_of(cls.module.path).read_text(encoding="utf-8")
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef) and node.name == cls.name:
            return _plain(ast.get_docstring(node) or "")
    return ""


def _plain(doc: str) -> str:
    """The first paragraph of a docstring, on one line, with links reduced to their text."""
    paragraph = doc.partition("\n\n")[0]
    return re.sub(r"\[([^]]+)]\([^)]*\)", r"\1", " ".join(paragraph.split()))


def write() -> int:
    """Rewrite ``schema/objects`` and return how many files it now has."""
    OBJECTS.mkdir(exist_ok=True)
    for stale in OBJECTS.glob("*.json"):
        stale.unlink()
    for name, document in schemas():
        text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
        (OBJECTS / f"{name}.json").write_text(text, encoding="utf-8")
    return len(list(OBJECTS.glob("*.json")))


if __name__ == "__main__":
    print(f"{write()} objects at {sdk_version()}")
