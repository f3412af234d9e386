"""The rules that the simulator keeps (``rules.tsv``), each by a test that names it.

A rule is named by its section and line. ``level`` M is a must, S should be; ``source`` tells a rule
that Stripe documents from one that is inferred from what others have seen; ``left_out`` is why a
rule is not kept.
"""

from __future__ import annotations

import ast
import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def rules() -> dict[str, dict[str, str]]:
    """The rows of the table by rule."""
    with (HERE / "rules.tsv").open(newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert len({row["rule"] for row in rows}) == len(rows)
    return {row["rule"]: row for row in rows}


def named_in(path: Path) -> Iterator[str]:
    """The rules that a file's tests are marked with; read from the source, whatever is run."""
    for each in ast.walk(ast.parse(path.read_text())):
        if isinstance(each, ast.FunctionDef) and each.name.startswith("test_"):
            for mark in each.decorator_list:
                if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.rule":
                    yield from map(ast.literal_eval, mark.args)


@pytest.fixture(scope="module")
def named() -> set[str]:
    """The rules that some test names."""
    return {rule for path in HERE.rglob("test_*.py") for rule in named_in(path)}


def test_every_rule_is_named_by_a_test(rules: dict[str, dict[str, str]], named: set[str]) -> None:
    """Each rule that is kept has a test, and each rule that a test names is in the table."""
    kept = {rule for rule, row in rules.items() if not row["left_out"]}
    assert kept == named


def test_only_what_should_be_is_left_out(rules: dict[str, dict[str, str]]) -> None:
    """No must is left out, and every row is filled in."""
    for rule, row in rules.items():
        assert row["level"] == "S" or not row["left_out"], rule
        assert row["level"] in ("M", "S"), rule
        assert row["source"] in ("doc", "inferred"), rule
        assert row["says"].endswith("."), rule
