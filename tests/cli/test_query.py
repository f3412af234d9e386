"""``query`` asks the file that a sync wrote, and can't change it."""

import datetime
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.cli.conftest import Terminal


@pytest.fixture
def asked(terminal: Terminal) -> Terminal:
    """A folder with a database like a sync's."""
    with duckdb.connect(str(terminal.folder / "stripe_source.duckdb")) as connection:
        connection.execute("CREATE SCHEMA stripe; CREATE SCHEMA other")
        connection.execute(
            "CREATE TABLE stripe.things AS SELECT n AS id, 'name ' || n AS name, "
            "TIMESTAMPTZ '2026-01-31 23:30:00+00' AS created FROM range(250) t(n)"
        )
        connection.execute("CREATE TABLE other.things AS SELECT 'elsewhere' AS id")
    return terminal


def refuse(constant: str) -> Any:
    """JSON has no NaN and no Infinity."""
    raise AssertionError(f"{constant} is not JSON")


def test_a_table(asked: Terminal) -> None:
    """Names and values in columns, on stdout."""
    ran = asked.run("query", "SELECT id, name, NULL AS none FROM things ORDER BY id LIMIT 2")
    assert (ran.code, ran.err) == (0, "")
    lines = [line.split() for line in ran.out.splitlines()]
    assert lines == [["id", "name", "none"], ["0", "name", "0"], ["1", "name", "1"]]


def test_a_long_table_is_cut_and_says_so(asked: Terminal) -> None:
    """A hundred rows are shown, and stderr says that there are more."""
    ran = asked.run("query", "FROM things ORDER BY id")
    assert len(ran.out.splitlines()) == 101
    assert "only the first 100 rows" in ran.err


def test_a_wide_table_is_shown_whole(asked: Terminal) -> None:
    """No value is cut off, however many columns there are for the width of the terminal."""
    columns = ", ".join(f"'value-{n}' AS column_{n}" for n in range(30))
    ran = asked.run("query", f"SELECT {columns}")
    text = "".join(ran.out.split())
    assert all(f"value-{n}" in text for n in range(30))


def test_json_has_every_row(asked: Terminal) -> None:
    """With --json all rows come, as objects, with times in UTC, wherever the machine is."""
    asked.env["TZ"] = "America/New_York"
    ran = asked.run("query", "FROM things ORDER BY id", "--json")
    assert (ran.code, ran.err) == (0, "")
    assert [row["id"] for row in ran.json] == list(range(250))
    created = datetime.datetime.fromisoformat(ran.json[0]["created"])
    assert created == datetime.datetime(2026, 1, 31, 23, 30, tzinfo=datetime.UTC)
    assert created.utcoffset() == datetime.timedelta(0)


def test_json_of_values_that_json_lacks(asked: Terminal) -> None:
    """Whatever DuckDB holds, the result is a JSON document that others can read."""
    values = "'nan'::DOUBLE AS n, '-inf'::DOUBLE AS i, 1.10::DECIMAL(9,2) AS d, '\\x01'::BLOB AS b"
    ran = asked.run("query", f"SELECT {values}, [1, NULL] AS l, {{'a': 2}} AS s", "--json")
    assert ran.code == 0
    (row,) = json.loads(ran.out, parse_constant=refuse)
    assert (row["d"], row["l"], row["s"]) == ("1.10", [1, None], {"a": 2})


def test_json_of_columns_with_one_name(asked: Terminal) -> None:
    """A join of two tables gives two columns of a name: neither is lost."""
    ran = asked.run("query", "SELECT 1 AS id, 2 AS id", "--json")
    assert sorted(ran.json[0].values()) == [1, 2]


def test_text_is_not_markup(asked: Terminal) -> None:
    """Brackets in values and names are shown as they are."""
    ran = asked.run("query", "SELECT '[red]x[/red] [/]' AS \"[b]\"")
    assert "[red]x[/red] [/]" in ran.out
    assert "[b]" in ran.out


def test_database_and_dataset(asked: Terminal) -> None:
    """Another file and another schema are asked by their names."""
    (asked.folder / "stripe_source.duckdb").rename(asked.folder / "stripe-2.duckdb")
    ran = asked.run(
        "query", "FROM things", "--database", "stripe-2.duckdb", "--dataset", "other", "--json"
    )
    assert ran.json == [{"id": "elsewhere"}]


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("SELEC 1", "syntax error"),
        ("FROM nothings", "nothings"),
        ("SELECT nme FROM things", "nme"),
        ("SELECT 'x'::INT", "Could not convert"),
        ("", "no SQL"),
    ],
)
def test_bad_sql(asked: Terminal, sql: str, says: str) -> None:
    """SQL that can't run is wrong usage: exit 2 and DuckDB's first line."""
    ran = asked.run("query", sql)
    assert (ran.code, ran.out) == (2, "")
    assert says in ran.line


def test_an_unknown_dataset(asked: Terminal) -> None:
    """A schema that isn't there is wrong usage and named."""
    ran = asked.run("query", "SELECT 1", "--dataset", "nowhere")
    assert ran.code == 2
    assert "nowhere" in ran.line


@pytest.mark.parametrize("name", ["stripe_source.duckdb", "missing.duckdb", "."])
def test_a_missing_file(terminal: Terminal, name: str) -> None:
    """Where there is no file, none is made: exit 2 and what to do."""
    ran = terminal.run("query", "SELECT 1", "--database", name)
    assert ran.code == 2
    assert "stripe-source sync" in ran.line
    assert list(terminal.folder.iterdir()) == []


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE x AS SELECT 1",
        "INSERT INTO things (id) VALUES (9)",
        "UPDATE things SET name = ''",
        "DELETE FROM things",
        "DROP TABLE things",
        "SELECT 1; DROP TABLE things",
    ],
)
def test_writing_is_refused(asked: Terminal, sql: str) -> None:
    """Statements that would change the file fail, and it stays byte by byte as it was."""
    file: Path = asked.folder / "stripe_source.duckdb"
    before = file.read_bytes()
    ran = asked.run("query", sql)
    assert (ran.code, ran.out) == (2, "")
    assert "read-only" in ran.line
    assert file.read_bytes() == before
