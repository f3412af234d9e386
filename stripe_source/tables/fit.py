"""Finds what the schema does not know, and what does not fit its type.

``from_json`` drops unknown keys and turns a misfit into NULL without a word, and
``from_json_strict`` refuses rows that lack a key, which Stripe's older objects do. So the
structure of what arrived (``json_structure``: every key with the type of its values) is compared
with the schema.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from stripe_source.tables.layout import Table

Structure = Any  # a type's name, [structure], or {key: structure}
CHILD = "child"  # a field that another table holds
BRANCH = "object"  # the kind of a flattened object itself

# The types of `json_structure` that each kind takes as they are. JSON means that types differ.
TAKES = {
    "text": {"VARCHAR", "UBIGINT", "BIGINT", "DOUBLE", "BOOLEAN"},
    "integer": {"UBIGINT", "BIGINT"},
    "double": {"UBIGINT", "BIGINT", "DOUBLE"},
    "boolean": {"BOOLEAN"},
    "timestamp": {"UBIGINT", "BIGINT"},
    "timestamp_ms": {"UBIGINT", "BIGINT"},
    "decimal": {"VARCHAR", "UBIGINT", "BIGINT", "DOUBLE"},
    "id": {"VARCHAR"},
}
NUMBERS = ("integer", "timestamp", "timestamp_ms")


@dataclass
class Finding:
    """What a batch holds beyond the schema.

    ``unknown``: name in ``_extra`` to path. ``misfits``: column (or flattened object) to its kind.
    """

    unknown: dict[str, tuple[str, ...]] = field(default_factory=dict)
    misfits: dict[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.unknown or self.misfits)


@cache
def tree_of(table: Table, claimed: tuple[str, ...] = ()) -> dict[str, Any]:
    """The columns as nested keys, each leaf with its kind; claimed fields belong to other tables."""
    tree: dict[str, Any] = {}
    named = [(column.name, column.kind) for column in table.columns]
    for name, kind in (*named, *((field, CHILD) for field in claimed)):
        *parents, last = name.split("__")
        level = tree
        for key in parents:
            level = level.setdefault(key, {})
        level[last] = kind
    return tree


def find(structures: Iterable[Structure], tree: Mapping[str, Any]) -> Finding:
    """Compare the structures of a table's objects with its columns."""
    finding = Finding()
    for structure in structures:
        _compare(structure, tree, (), finding)
    return finding


def _compare(
    structure: Structure, known: Mapping[str, Any], path: tuple[str, ...], finding: Finding
) -> None:
    if not isinstance(structure, dict):
        if structure != "NULL":
            finding.misfits["__".join(path)] = BRANCH
        return
    for key, value in structure.items():
        here = (*path, key)
        expected = known.get(key)
        if expected is None:
            if value not in ("NULL", ["NULL"]):
                finding.unknown["__".join(here)] = here
        elif isinstance(expected, Mapping):
            _compare(value, expected, here, finding)
        elif not _taken(value, expected):
            finding.misfits["__".join(here)] = expected


def _taken(structure: Structure, kind: str) -> bool:
    if structure == "NULL" or kind in (CHILD, "json"):
        return True
    if kind == "id" and isinstance(structure, dict):
        return "id" in structure
    if kind == "ids":
        return isinstance(structure, list)
    return isinstance(structure, str) and structure in TAKES[kind]


def fits(text: str, kind: str) -> str:
    """The SQL condition under which a JSON value fits a kind. ``text`` is the value's expression."""
    type_of = f"json_type({text})"
    word = f"({text}->>'$')"
    match kind:
        case "integer":
            return f"{type_of} IN ('UBIGINT', 'BIGINT') AND TRY_CAST({word} AS BIGINT) IS NOT NULL"
        case "timestamp":
            return _time(type_of, word, 253402300799)
        case "timestamp_ms":
            return _time(type_of, word, 253402300799999)
        case "double":
            return f"{type_of} IN ('UBIGINT', 'BIGINT', 'DOUBLE')"
        case "boolean":
            return f"{type_of} = 'BOOLEAN'"
        case "decimal":
            return f"regexp_full_match({word}, '-?\\d{{1,26}}(\\.\\d{{1,12}})?')"
        case "id":
            return (
                f"{type_of} = 'VARCHAR' OR ({type_of} = 'OBJECT' AND json_exists({text}, '$.id'))"
            )
        case "ids":
            return f"{type_of} = 'ARRAY'"
        case "text":
            return f"{type_of} NOT IN ('OBJECT', 'ARRAY')"
        case _:
            return f"{type_of} = 'OBJECT'"


def _time(type_of: str, word: str, latest: int) -> str:
    number = f"TRY_CAST({word} AS BIGINT)"
    return f"{type_of} IN ('UBIGINT', 'BIGINT') AND coalesce(abs({number}) <= {latest}, false)"
