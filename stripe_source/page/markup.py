"""Markup in which text is escaped unless it says that it is markup.

Names of customers and numbers of invoices are whatever somebody typed.
"""

import json
from collections.abc import Sequence
from html import escape
from typing import Any

DANGEROUS = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}


class Html(str):
    """Text that is markup already."""

    __slots__ = ()


def join(parts: Sequence[str | None], between: str = "") -> Html:
    """Parts one behind the other; None is left out."""
    return Html(between.join(_safe(part) for part in parts if part is not None))


def tag(name: str, /, *children: str | None, **attributes: str | bool | int | None) -> Html:
    """An element. ``class_`` is class, ``data_x`` data-x; False and None leave an attribute out."""
    shown = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in ("input", "br", "meta"):
        return Html(f"<{name}{shown}>")
    return Html(f"<{name}{shown}>{join(children)}</{name}>")


def as_json(value: Any) -> Html:
    """JSON that can't end the script element that it is in."""
    text = json.dumps(value, allow_nan=False, separators=(",", ":"))  # ASCII: U+2028 is escaped
    return Html("".join(DANGEROUS.get(character, character) for character in text))


def _safe(part: str) -> str:
    return part if isinstance(part, Html) else escape(part)


def _attribute(key: str, value: str | bool | int | None) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escape(str(value))}"'
