"""Rows of a file: CSV with a header line, or JSON, one object a line or a list of them."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from stripe_source.actions.properties import flat
from stripe_source.errors import UsageError

Row = dict[str, Any]


def read_rows(file: Path) -> list[Row]:
    """The rows of a file, by its suffix. A cell of a CSV is text, and None where it is empty.

    Hashes of JSON are columns by path: ``address.city``.

    Raises UsageError for a file that can't be read, with the line at which it breaks.
    """
    readers = {".csv": _csv, ".jsonl": _lines, ".ndjson": _lines, ".json": _json}
    if file.suffix.lower() not in readers:
        raise UsageError(f"{file.name} is none of {', '.join(readers)}")
    try:
        return list(readers[file.suffix.lower()](file))
    except UnicodeDecodeError:
        raise UsageError(f"{file.name} is no text in UTF-8") from None
    except OSError as failure:
        raise UsageError(f"{file.name} can't be read: {failure.strerror}") from None


def _csv(file: Path) -> Iterator[Row]:
    with file.open(encoding="utf-8-sig", newline="") as text:
        reader = csv.DictReader(text, strict=True)
        try:
            names = reader.fieldnames or []
            if len(names) == 1 and ";" in names[0]:
                raise UsageError(f"{file.name}: cells are divided by commas, not by ';'")
            if not all(names) or len(set(names)) < len(names):
                raise UsageError(f"{file.name}: the header needs a name for each column, once")
            for row in reader:
                if None in row or None in row.values():
                    raise UsageError(
                        f"{file.name}, line {reader.line_num}: {len(names)} cells are expected"
                    )
                yield {name: value or None for name, value in row.items()}
        except csv.Error as failure:
            raise UsageError(f"{file.name}, line {reader.line_num}: {failure}") from None


def _lines(file: Path) -> Iterator[Row]:
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield _object(line, f"{file.name}, line {number}")


def _json(file: Path) -> Iterator[Row]:
    found = _parsed(file.read_bytes(), file.name)
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise UsageError(f"{file.name} is no list of objects")
    yield from map(flat, found)


def _object(text: bytes, where: str) -> Row:
    found = _parsed(text, where)
    if not isinstance(found, dict):
        raise UsageError(f"{where} is no JSON object")
    return flat(found)


def _parsed(text: bytes, where: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as failure:
        raise UsageError(f"{where} is no JSON: {failure}") from None
