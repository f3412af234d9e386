"""Fields that a version added: what an older one does not show.

``added.tsv`` holds, for each version, the fields that the next newer one of ours declares and it
does not, as dotted paths (``*`` is any key of a map). It was written from the annotations of the
official SDK's releases (stripe 16.1.0, 12.0.0 and 10.12.0), read with ``data/sdk_shapes.py``.

Stripe itself may show a field in versions that are older than the field, for additions are
compatible; but no client can rely on it, so we keep to what the older SDK declares.
``billing_thresholds`` went with basil and came back for it
(https://docs.stripe.com/changelog/basil/2025-05-28/reintroduce-billing-thresholds), so it stays.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any, TypeAlias

from stripe_source.simulator.types import Json

Tree: TypeAlias = dict[str, "Tree | None"]
"""Field to what goes inside it; None is the whole field."""


@cache
def added_since(version: str) -> dict[str, Tree]:
    """Object name to the fields that ``version`` does not have and the next newer one has."""
    text = (files("stripe_source.simulator.versions") / "added.tsv").read_text()
    rows = (line.split("\t") for line in text.splitlines())
    return {name: tree_of(paths.split()) for at, name, paths in rows if at == version}


def tree_of(paths: list[str]) -> Tree:
    """Dotted paths as a tree."""
    tree: Tree = {}
    for path in paths:
        branch: Tree | None = None
        for name in reversed(path.split(".")):
            branch = {name: branch}
        tree = joined(tree, branch or {})
    return tree


def joined(one: Tree, other: Tree) -> Tree:
    """The fields of both."""
    made = dict(one)
    for name, inside in other.items():
        mine = made.get(name, {})
        made[name] = joined(mine, inside) if mine is not None and inside is not None else None
    return made


def without(value: Any, tree: Tree) -> Any:
    """A value without the tree's fields; the value itself where it has none of them."""
    if isinstance(value, list):
        items = [without(item, tree) for item in value]
        return items if any(a is not b for a, b in zip(items, value, strict=True)) else value
    if not isinstance(value, dict):
        return value
    if "*" in tree:
        tree = dict.fromkeys(value, tree["*"])
    return _without_fields(value, tree)


def _without_fields(value: Json, tree: Tree) -> Json:
    made = value
    for name in tree.keys() & value.keys():
        inside, old = tree[name], value[name]
        new = None if inside is None else without(old, inside)
        if inside is None or new is not old:
            made = dict(value) if made is value else made
            made[name] = new
            if inside is None:
                del made[name]
    return made
