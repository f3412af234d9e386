"""What counts as a change, in either database."""

from __future__ import annotations

import os
import random
from datetime import UTC, datetime
from typing import Any

import pytest

from stripe_source.plays.run import exit_code
from tests.plays.conftest import Shop

EXAMPLES = int(os.environ.get("PLAYS_EXAMPLES") or 3)


def row(identifier: int, name: str | None, revenue: float | None) -> dict[str, Any]:
    return {"id": identifier, "name": name, "revenue": revenue}


def test_the_first_run_only_takes_note(shop: Shop) -> None:
    """What is there is the baseline; then what is added, changed and removed comes, once."""
    shop.do("INSERT INTO own.shops VALUES (1, 'Ada', 10), (2, 'Bob', 20), (3, 'Eve', 30)")
    play = shop.play()
    assert shop.took(play) == []
    assert shop.took(play) == []
    shop.do(
        "INSERT INTO own.shops VALUES (4, 'Zoë \"4\" ''x'' %s {y}', 40.5)",
        "UPDATE own.shops SET name = NULL WHERE id = 1",
        "DELETE FROM own.shops WHERE id = 2",
    )
    assert shop.took(play) == [
        ("changed", row(1, "Ada", 10), row(1, None, 10)),
        ("removed", row(2, "Bob", 20), None),
        ("added", None, row(4, "Zoë \"4\" 'x' %s {y}", 40.5)),
    ]
    assert shop.took(play) == []
    told = shop.deliveries()
    assert [each["status"] for each in told] == ["delivered"] * 3
    assert [each["row_key"] for each in told] == [{"id": 1}, {"id": 2}, {"id": 4}]
    assert (told[0]["before"], told[0]["after"]) == (row(1, "Ada", 10), row(1, None, 10))


def test_a_condition_makes_a_set(shop: Shop) -> None:
    """A row that comes to fulfil it is added, one that no longer does is removed."""
    shop.do("INSERT INTO own.shops VALUES (1, 'Ada', 10), (2, 'Bob', 200)")
    play = shop.play(where="revenue >= 100 AND name IS NOT NULL")
    assert shop.took(play) == []
    shop.do("UPDATE own.shops SET revenue = CASE id WHEN 1 THEN 100 ELSE 99.9999 END")
    assert shop.took(play) == [
        ("added", None, row(1, "Ada", 100)),
        ("removed", row(2, "Bob", 200), None),
    ]


def test_only_what_it_is_on(shop: Shop) -> None:
    """A play on one kind of change takes note of the others, and starts for none of them."""
    shop.do("INSERT INTO own.shops VALUES (1, 'Ada', 10), (2, 'Bob', 20)")
    play = shop.play(on=["removed"])
    shop.took(play)
    shop.do("INSERT INTO own.shops VALUES (3, 'Eve', 30)", "UPDATE own.shops SET name = 'X'")
    assert shop.took(play) == []
    shop.do("DELETE FROM own.shops")
    assert [(kind, before) for kind, before, _ in shop.took(play)] == [
        ("removed", row(1, "X", 10)),
        ("removed", row(2, "X", 20)),
        ("removed", row(3, "X", 30)),
    ]


def test_columns_that_count(shop: Shop) -> None:
    """Others may change; the row before is yet as it was last."""
    shop.do("INSERT INTO own.shops VALUES (1, 'Ada', 10)")
    play = shop.play(columns=["name"])
    shop.took(play)
    shop.do("UPDATE own.shops SET revenue = 11")
    assert shop.took(play) == []
    shop.do("UPDATE own.shops SET name = 'Ada L', revenue = 12")
    assert shop.took(play) == [("changed", row(1, "Ada", 11), row(1, "Ada L", 12))]


def test_which_columns_count_may_be_changed(shop: Shop) -> None:
    """A play that is edited so starts for nothing that it knew."""
    shop.do("INSERT INTO own.shops VALUES (1, 'Ada', 10)")
    shop.took(shop.play(columns=["name"]))
    assert shop.took(shop.play(columns=["revenue"])) == []
    shop.do("UPDATE own.shops SET revenue = 11")
    assert len(shop.took(shop.play(columns=["revenue"]))) == 1


@pytest.mark.parametrize("example", range(EXAMPLES))
def test_any_history(shop: Shop, example: int) -> None:
    """Whatever happens between two runs, what is told is the difference, and adds up."""
    chance = random.Random(example if EXAMPLES == 3 else None)  # noqa: S311
    play = shop.play()
    shop.took(play)
    known: dict[int, dict[str, Any]] = {}
    told: dict[int, dict[str, Any]] = {}
    for _ in range(6):
        before = dict(known)
        for _ in range(chance.randint(0, 12)):
            identifier = chance.randint(1, 15)
            shop.do(f"DELETE FROM own.shops WHERE id = {identifier}")
            known.pop(identifier, None)
            if chance.random() < 0.7:
                name, cents = chance.choice(["a", "b", "ü"]), chance.randint(0, 3)
                shop.do(f"INSERT INTO own.shops VALUES ({identifier}, '{name}', {cents}.25)")
                known[identifier] = row(identifier, name, cents + 0.25)
        for kind, was, now in shop.took(play):
            identifier = (now or was)["id"]
            assert was == before.get(identifier)
            assert kind == ("added" if was is None else "removed" if now is None else "changed")
            assert was != now
            told.pop(identifier, None)
            if now:
                told[identifier] = now
        assert told == known


def test_every_type_stays_itself(shop: Shop) -> None:
    """Rows with all kinds of values are the same when looked at twice, in another time zone too."""
    json = "JSON" if shop.pipeline.destination.destination_name == "duckdb" else "JSONB"
    shop.do(
        "CREATE TABLE own.kinds (id BIGINT, moment TIMESTAMPTZ, day DATE, d DOUBLE PRECISION, "
        f"r REAL, n DECIMAL(38, 12), yes BOOLEAN, doc {json}, text VARCHAR, "
        '"Odd ""name/~x" INTEGER)',
        "INSERT INTO own.kinds VALUES "
        "(1, TIMESTAMPTZ '2026-03-29 01:30:00.125+01', DATE '2026-03-29', 0.1, 0.1, "
        '12345678901234567890.123456789012, true, \'{"b": [1, null], "a": "ü"}\', '
        "'line\nbreak \\ \"q\"', 5), "
        "(2, NULL, NULL, 'NaN', '-Infinity', 1.50, NULL, NULL, '', NULL), "
        "(9007199254740993, TIMESTAMPTZ '1999-12-31 23:59:59Z', NULL, 1e300, 3e38, 0, false, "
        "'[]', NULL, -1)",
    )
    play = shop.play(name="kinds", model="own.kinds")
    assert shop.took(play) == []
    if json == "JSONB":
        shop.do("ALTER DATABASE postgres SET TimeZone = 'Asia/Tokyo'")
        assert shop.took(play) == []
        shop.do("ALTER DATABASE postgres RESET TimeZone")
    shop.do('UPDATE own.kinds SET "Odd ""name/~x" = 6 WHERE id = 1')
    ((_, before, after),) = shop.took(play)
    assert (before['Odd "name/~x'], after['Odd "name/~x']) == (5, 6)
    assert datetime.fromisoformat(after["moment"]) == datetime(2026, 3, 29, 0, 30, 0, 125000, UTC)
    assert after["moment"].endswith("+00:00")
    assert after["doc"] == {"a": "ü", "b": [1, None]}
    assert after["text"] == 'line\nbreak \\ "q"'


def test_the_last_digits_of_a_sum(shop: Shop) -> None:
    """A sum over many threads may differ in them from one look to the next: that is no change."""
    shop.do(
        "CREATE TABLE own.sums (id INTEGER, total DOUBLE PRECISION)",
        "INSERT INTO own.sums VALUES (1, 0.1), (2, 1234567.89)",
    )
    play = shop.play(name="sums", model="own.sums")
    shop.took(play)
    shop.do(
        "UPDATE own.sums SET total = CASE id WHEN 1 THEN 0.30000000000000004 - 0.2 "
        "ELSE 1234567.8900000001 END"
    )
    assert shop.took(play) == []
    shop.do("UPDATE own.sums SET total = 1234567.90 WHERE id = 2")
    assert len(shop.took(play)) == 1


def test_backfill_is_for_what_was_never_delivered(shop: Shop) -> None:
    """In the first run and later, each row once; what changed meanwhile comes as well."""
    shop.do("INSERT INTO own.shops VALUES (1, 'Ada', 10), (2, 'Bob', 20)")
    play = shop.play()
    assert [kind for kind, _, _ in shop.took(play, backfill=True)] == ["added", "added"]
    assert shop.took(play, backfill=True) == []
    other = shop.play(name="other")
    assert shop.took(other) == []
    shop.do("UPDATE own.shops SET name = 'X' WHERE id = 2")
    assert [kind for kind, _, _ in shop.took(other, backfill=True)] == ["added", "changed"]
    only = shop.play(name="only", on=["removed"])
    assert shop.took(only, backfill=True) == []


def test_more_than_it_may(shop: Shop) -> None:
    """Nothing is sent and nothing noted, until somebody says how many may, or none."""
    play = shop.play(limits={"rows": 2})
    shop.took(play)
    shop.do("INSERT INTO own.shops VALUES (1, 'Ada', 10), (2, 'Bob', 20), (3, 'Eve', 30)")
    for _ in range(2):
        ran = shop.ran(play)
        assert "would start for 3 rows, and may for 2" in str(ran.failed)
        assert exit_code([ran]) == 1
    assert shop.seen == []
    assert len(shop.took(play, limit=3)) == 3
    shop.do("UPDATE own.shops SET name = 'X'")
    assert shop.took(play, baseline=True) == []
    assert shop.took(play) == []


@pytest.mark.parametrize(
    ("rows", "given", "said"),
    [
        ("(1, 'Ada', 10), (1, 'Bob', 20)", {}, "the key (id) is not unique: 1 more rows than keys"),
        ("(NULL, 'Ada', 10)", {}, "the key (id) is null in 1 rows of own.shops"),
        ("(1, 'Ada', 10)", {"key": "idd"}, "own.shops has no column 'idd'; did you mean 'id'?"),
        ("(1, 'Ada', 10)", {"key": []}, "nothing tells the rows of own.shops apart"),
        ("(1, 'Ada', 10)", {"columns": "nam"}, "has no column 'nam'; did you mean 'name'?"),
        ("(1, 'Ada', 10)", {"where": "revenu > 1"}, "no column 'revenu'; did you mean 'revenue'?"),
        ("(1, 'Ada', 10)", {"where": "revenue >"}, "where: "),
        ("(1, 'Ada', 10)", {"where": "name > 5 AND"}, "where: "),
        ("(1, 'Ada', 10)", {"model": "own.shop"}, "there is no own.shop"),
        ("(1, 'Ada', 10)", {"model": "raw.customer"}, "there is no table customer; did you mean"),
        ("(1, 'Ada', 10)", {"model": "raw.invoices"}, "there is no table invoices"),
        ("(1, 'Ada', 10)", {"model": "customerz"}, "there is no customerz; did you mean 'customer"),
        ("(1, 'Ada', 10)", {"model": "mrr", "key": []}, "the model 'mrr' is not deployed"),
    ],
)  # fmt: skip
def test_what_can_not_be_watched(shop: Shop, rows: str, given: dict[str, Any], said: str) -> None:
    """One line, and nothing happens; other plays run."""
    shop.do(f"INSERT INTO own.shops VALUES {rows}")
    bad = shop.play(name="bad", **given)
    good = shop.play(name="good", model="raw.customers", key=[])
    ran = shop.run(bad, good)
    assert said in str(ran[0].failed)
    assert "\n" not in str(ran[0].failed)
    assert (ran[1].failed, ran[1].found.rows) == (None, 3)
    assert exit_code(ran) == 3


def test_a_model_that_lost_a_column(shop: Shop) -> None:
    """One that doesn't count is not missed. One that does is an error, and nothing is lost."""
    shop.do("INSERT INTO own.shops VALUES (1, 'Ada', 10), (2, 'Bob', 20)")
    every, named = shop.play(), shop.play(name="named", columns=["name"])
    shop.run(every, named)
    shop.do("ALTER TABLE own.shops DROP COLUMN revenue")
    assert shop.took(every) == []
    assert shop.took(named) == []
    shop.do("ALTER TABLE own.shops ADD COLUMN revenue DECIMAL(18, 4)")
    assert shop.took(every) == []
    shop.do(
        "ALTER TABLE own.shops RENAME COLUMN name TO title",
        "UPDATE own.shops SET id = 3 WHERE id = 2",
    )
    assert "has no column 'name'" in str(shop.ran(named).failed)
    shop.do("ALTER TABLE own.shops RENAME COLUMN title TO name")
    assert [kind for kind, _, _ in shop.took(named)] == ["removed", "added"]


def test_another_condition_is_another_baseline(shop: Shop) -> None:
    """A play that is edited so that it watches other rows starts for none of them by itself."""
    shop.do("INSERT INTO own.shops VALUES (1, 'Ada', 10), (2, 'Bob', 20)")
    shop.took(shop.play(where="revenue > 15"))
    wider = shop.play(where="revenue > 5")
    ran = shop.ran(wider)
    assert (ran.found.rows, ran.found.total) == (2, 0)
    assert "other rows than before" in str(ran.found.baseline)
    shop.do("DELETE FROM own.shops WHERE id = 1")
    assert [kind for kind, _, _ in shop.took(wider)] == ["removed"]


def test_while_tables_are_incomplete(duck: Shop) -> None:
    """A first sync that broke off leaves rows out: no play takes that for changes."""
    pipeline = duck.pipeline
    account = pipeline.state["sources"]["stripe_source"]["account"]["account"]
    play = duck.play(name="customers", model="raw.customers", key=[])
    products = duck.play(name="products", model="raw.products", key=[])
    with pipeline.managed_state() as state:
        of_customers = state["sources"]["stripe_source"]["resources"]["customers"][account]
        of_customers["refill"] = "emptied"
    ran = duck.run(play, products)
    assert "customers are not wholly synced yet" in str(ran[0].failed)
    assert ran[1].failed is None


def test_a_million_rows_stay_in_the_database(duck: Shop) -> None:
    """Python sees the changes alone: a look at 200,000 rows takes no memory for each."""
    duck.do("INSERT INTO own.shops SELECT range, 'n' || range, range FROM range(200000)")
    play = duck.play()
    duck.took(play)
    duck.do("UPDATE own.shops SET name = 'x' WHERE id IN (7, 199999)")
    assert [after["id"] for _, _, after in duck.took(play)] == [199999, 7]


@pytest.mark.parametrize(
    ("name", "after"),
    [
        ("order", "SELECT revenue, name, id FROM own.shops"),
        ("places", "SELECT id, name, CAST(revenue AS DECIMAL(20, 8)) AS revenue FROM own.shops"),
        ("fractions", "SELECT id, name, CAST(revenue AS REAL) AS revenue FROM own.shops"),
        ("whole", "SELECT CAST(id AS BIGINT) AS id, name, revenue FROM own.shops"),
    ],
)  # fmt: skip
def test_a_model_that_is_deployed_anew(shop: Shop, name: str, after: str) -> None:
    """Other types and another order of the columns are no changes where the values are the same."""
    shop.do(
        "INSERT INTO own.shops VALUES (1, 'Ada', 10.5), (2, 'Bob', 20)",
        "CREATE VIEW own.model AS SELECT id, name, revenue FROM own.shops",
    )
    play = shop.play(name=name, model="own.model")
    shop.took(play)
    shop.do("DROP VIEW own.model", f"CREATE VIEW own.model AS {after}")
    assert shop.took(play) == []
    shop.do("UPDATE own.shops SET revenue = 10.25 WHERE id = 1")
    assert len(shop.took(play)) == 1


def test_names_that_sql_stumbles_over(shop: Shop) -> None:
    """Tables and columns with capitals, and columns that are called like parts of our queries."""
    names = ("Id", "shown", "row_json", "row_key", "is_null", "_row", "watched", "a%s", "b'c")
    columns = ", ".join(f'"{each}" INTEGER' for each in names)
    shop.do(
        f'CREATE TABLE own."Odd" ({columns})',
        f'INSERT INTO own."Odd" VALUES ({", ".join("1" for _ in names)})',
    )
    play = shop.play(name="odd", model="own.Odd", key="Id", where="shown > 0 -- and no more")
    shop.took(play)
    for position, each in enumerate(names[1:], 2):
        shop.do(f'UPDATE own."Odd" SET "{each}" = {position}')
        ((kind, before, after),) = shop.took(play)
        assert (kind, before[each], after[each]) == ("changed", 1, position)


@pytest.mark.parametrize("how", ["DROP TABLE", "DELETE FROM"])
def test_what_it_had_seen_is_gone(shop: Shop, how: str) -> None:
    """Somebody emptied its table: that is a new baseline, and no start for every row."""
    shop.do("INSERT INTO own.shops VALUES (1, 'Ada', 10), (2, 'Bob', 20)")
    play = shop.play()
    shop.took(play)
    shop.do(f"{how} stripe._stripe_play_rows")
    ran = shop.ran(play)
    assert (ran.failed, ran.found.total) == (None, 0)
    assert "what it had seen is gone" in str(ran.found.baseline)
    shop.do("UPDATE own.shops SET name = 'X' WHERE id = 2")
    assert len(shop.took(play)) == 1
