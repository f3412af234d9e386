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

# The types of `json_structure` that each kind takes as they are. It calls integers HUGEINT where
# positive and negative ones meet, whatever their size, and JSON what is of different types.
WHOLE = {"UBIGINT", "BIGINT", "HUGEINT"}
TAKES = {
    "text": {"VARCHAR", "DOUBLE", "BOOLEAN", *WHOLE},
    "integer": WHOLE,
    "double": {"DOUBLE", *WHOLE},
    "boolean": {"BOOLEAN"},
    "timestamp": WHOLE,
    "timestamp_ms": WHOLE,
    "decimal": {"VARCHAR", "DOUBLE", *WHOLE},
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
    """The columns as nested keys, each leaf with its kind; other tables hold claimed fields."""
    tree: dict[str, Any] = {}
    named = [(column.name, column.kind) for column in table.columns]
    for name, kind in (*named, *((name, CHILD) for name in claimed)):
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
    """Whether every value of this structure is sure to fit; others are looked at by row."""
    if structure == "NULL" or kind == "json":
        return True
    if kind == CHILD and isinstance(structure, dict):
        structure = structure.get("data")
    if kind in (CHILD, "ids"):
        if not isinstance(structure, list):
            return False
        objects = structure[0] == "NULL" or isinstance(structure[0], dict)
        return objects or (kind == "ids" and structure[0] == "VARCHAR")
    return isinstance(structure, str) and structure in TAKES[kind]


LATEST = 253402300799  # 9999-12-31, in seconds: times beyond it are no times
_NUMBER_UP_TO = (
    "{{type}} IN ('UBIGINT', 'BIGINT') "
    "AND coalesce(TRY_CAST({{word}} AS BIGINT) BETWEEN -{latest} AND {latest}, false)"
)
_OBJECTS = (
    "coalesce(json_type({list}) = 'ARRAY' AND len(list_filter(from_json({list}, '[\"JSON\"]'), "
    "lambda x: json_type(x) = 'OBJECT')) = json_array_length({list}), false)"
)
TYPE_OK = {
    "integer": "{type} IN ('UBIGINT', 'BIGINT') AND TRY_CAST({word} AS BIGINT) IS NOT NULL",
    "timestamp": _NUMBER_UP_TO.format(latest=LATEST),
    "timestamp_ms": _NUMBER_UP_TO.format(latest=LATEST * 1000 + 999),
    "double": "{type} IN ('UBIGINT', 'BIGINT', 'DOUBLE')",
    "boolean": "{type} = 'BOOLEAN'",
    "decimal": r"regexp_full_match({word}, '-?\d{{1,26}}(\.\d{{1,12}})?')",
    "id": "{type} = 'VARCHAR' OR coalesce(json_type({text}, '$.id') = 'VARCHAR', false)",
    "ids": (
        "{type} = 'ARRAY' AND len(list_filter(from_json({text}, '[\"JSON\"]'), lambda x: "
        "json_type(x) = 'VARCHAR' OR json_type(x, '$.id') = 'VARCHAR')) = json_array_length({text})"
    ),
    CHILD: _OBJECTS.format(list="{text}") + " OR " + _OBJECTS.format(list="({text}->'$.data')"),
    "text": "{type} NOT IN ('OBJECT', 'ARRAY')",
    BRANCH: "{type} = 'OBJECT'",
}


def fits(text: str, kind: str) -> str:
    """The SQL condition under which the JSON value ``text`` fits a kind."""
    return TYPE_OK[kind].format(type=f"json_type({text})", word=f"({text}->>'$')", text=text)
