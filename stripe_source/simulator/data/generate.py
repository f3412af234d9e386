"""Writes ``shapes.json``, ``endpoints.json`` and ``operations.json`` from the installed SDK.

Run ``python -m stripe_source.simulator.data.generate`` after a new SDK; a test fails until then.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from stripe_source.simulator.data.sdk_endpoints import all_endpoints
from stripe_source.simulator.data.sdk_operations import all_operations
from stripe_source.simulator.data.sdk_shapes import all_shapes

FOLDER = Path(__file__).parent


def rendered() -> dict[str, str]:
    """File name to the text that it should hold."""
    return {
        "shapes.json": lines(all_shapes()),
        "endpoints.json": rows(all_endpoints()),
        "operations.json": rows(all_operations()),
    }


def lines(shapes: dict[str, Any]) -> str:
    """One object a line, so that a diff shows which object changed."""
    body = ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in sorted(shapes.items()))
    return "{\n" + body + "\n}\n"


def rows(endpoints: list[dict[str, Any]]) -> str:
    """One endpoint or operation a line."""
    return "[\n" + ",\n".join(json.dumps(row) for row in endpoints) + "\n]\n"


def write() -> None:
    """Bring the files up to date."""
    for name, text in rendered().items():
        (FOLDER / name).write_text(text)


if __name__ == "__main__":
    write()
