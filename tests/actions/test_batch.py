"""Batches: a row fails alone, an interrupted batch goes on where it was, and all is recorded."""

import json
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from stripe_source.actions.batch import Log, Plan, Records, Result, read_rows, run_batch
from stripe_source.actions.batch import batch as batch_module
from stripe_source.actions.batch.journal import Journal, read_journal
from stripe_source.actions.dataset import Dataset
from stripe_source.actions.registry import action
from stripe_source.actions.session import Session
from stripe_source.api import retries
from stripe_source.destination import duckdb as destination
from stripe_source.errors import StripeUnavailable, UsageError
from stripe_source.simulator import Simulator
from tests.actions.conftest import Connect, Made, customers, writes

CRM = [
    {"crm_id": number, "email": f"c{number}@example.com", "name": f"N {number}", "city": "Bonn"}
    for number in range(20)
]
COLUMNS = {
    "metadata.crm_id": "crm_id",
    "email": "email",
    "name": "name",
    "address.city": "city",
}


@pytest.fixture
def log(tmp_path: Path) -> Log:
    """A folder for journals, and a DuckDB file."""
    dataset = Dataset(destination(str(tmp_path / "w.duckdb")), "stripe", "stripe_source")
    return Log(tmp_path / "stripe_actions", Records(dataset))


def plan(rows: list[dict[str, Any]], name: str = "upsert customers", **settings: Any) -> Plan:
    """A plan over rows as a CRM has them."""
    usual: dict[str, Any] = {"source": "crm", "match": "metadata.crm_id", "columns": COLUMNS}
    return Plan(action(name), rows, **(usual | settings))


def inserts(rows: list[dict[str, Any]]) -> Plan:
    """Inserts of the same rows."""
    return plan(rows, "insert customer", match=None)


def recorded(tmp_path: Path, columns: str = "row_number, outcome") -> list[tuple[Any, ...]]:
    """What is in the table."""
    with duckdb.connect(str(tmp_path / "w.duckdb"), read_only=True) as connection:
        return connection.execute(
            f"SELECT {columns} FROM stripe._stripe_actions ORDER BY batch_id, row_number, part"
        ).fetchall()


def in_crm(simulator: Simulator) -> list[str]:
    """The CRM's ids of the customers that came from there."""
    own = [c for c in customers(simulator) if (c["name"] or "").startswith("N ")]
    return sorted(c["metadata"]["crm_id"] for c in own)


def test_every_row_becomes_a_customer(
    session: Session, account: Simulator, log: Log, tmp_path: Path
) -> None:
    """Columns are properties; each row's outcome is in the table and in the journal alike."""
    result = run_batch(session, plan(CRM), log)
    assert (result.outcomes, result.exit_code, result.left) == ({"created": 20}, 0, 0)
    assert in_crm(account) == sorted(str(each["crm_id"]) for each in CRM)
    rows = recorded(tmp_path, "row_number, outcome, object_id, changed, matching_value, livemode")
    assert [row[0] for row in rows] == list(range(1, 21))
    assert {row[1] for row in rows} == {"created"}
    assert json.loads(rows[0][3]) == ["email", "name", "address.city", "metadata.crm_id"]
    assert [row[4] for row in rows] == [str(each["crm_id"]) for each in CRM]
    assert result.journal is not None
    journal = {each.row_number: each.object_id for each in read_journal(result.journal)}
    assert journal == {row[0]: row[2] for row in rows}


def test_again_nothing_is_sent(session: Session, account: Simulator, log: Log) -> None:
    """The second run finds all unchanged; changed cells are changed properties."""
    run_batch(session, plan(CRM), log)
    sent = writes(account)
    assert run_batch(session, plan(CRM), log).outcomes == {"unchanged": 20}
    assert writes(account) == sent
    changed = [CRM[0] | {"city": "Köln"}, *CRM[1:]]
    result = run_batch(session, plan(changed), log)
    assert result.outcomes == {"unchanged": 19, "updated": 1}


def test_a_failed_row_fails_alone(session: Session, log: Log, tmp_path: Path) -> None:
    """With what is wrong with it, and Stripe's request id where Stripe refused it."""
    rows = [*CRM[:3], CRM[3] | {"email": "nonsense"}, CRM[4] | {"crm_id": None}]
    result = run_batch(session, plan(rows, constants={"invoice_prefix": "PREFIX1"}), log)
    assert (result.outcomes["created"], result.failed, result.exit_code) == (3, 2, 3)
    failed = dict(recorded(tmp_path, "row_number, why")[3:])
    assert "no email address: 'nonsense'" in failed[4]
    assert "is empty: that would be any customer" in failed[5]
    bad = plan(CRM[:2], source="other", constants={"invoice_prefix": "a b"})
    refused = run_batch(session, bad, log)
    assert refused.exit_code == 1
    told = recorded(tmp_path, "why, request_id")
    requests = [request_id for error, request_id in told if "invoice_prefix" in (error or "")]
    assert len(requests) == 2
    assert all(request_id.startswith("req_") for request_id in requests)


def test_rows_of_one_customer_are_done_in_their_order(
    session: Session, account: Simulator, log: Log
) -> None:
    """Five rows with one key make one customer, which has the last row's values."""
    rows = [CRM[0] | {"city": f"City {number}"} for number in range(5)]
    result = run_batch(session, plan(rows), log)
    assert result.outcomes == {"created": 1, "updated": 4}
    (made,) = [c for c in customers(account) if c["metadata"].get("crm_id") == "0"]
    assert made["address"]["city"] == "City 4"


def test_a_dry_run_shows_each_change(
    account: Simulator, connected: Connect, log: Log, tmp_path: Path
) -> None:
    """By row, before and after; nothing is sent, and nothing is written."""
    run_batch(connected(account), plan(CRM[:2]), log)
    sent = writes(account)
    changed = [CRM[0] | {"city": "Köln"}, *CRM[1:3]]
    result = run_batch(connected(account, dry_run=True), plan(changed), log)
    assert result.outcomes == {"updated": 1, "unchanged": 1, "created": 1}
    (change,) = [o.changes for task, o in result.shown if task.number == 1]
    assert (change["address.city"].before, change["address.city"].after) == ("Bonn", "Köln")
    assert writes(account) == sent
    assert len(recorded(tmp_path)) == 2
    assert len(list(log.folder.glob("*.jsonl"))) == 1


class Cut(Exception):
    """Ends a batch in the middle, as an interruption does."""


def cut_after(rows: int):
    """A progress display that breaks off."""

    def progress(result: Result) -> None:
        if result.ended >= rows:
            raise Cut

    return progress


@pytest.fixture
def _slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rows at a time, and a look at them often."""
    monkeypatch.setattr(batch_module, "THREADS", 2)
    monkeypatch.setattr(batch_module, "LOOK_EVERY", 0.001)


@pytest.mark.usefixtures("_slowly")
@pytest.mark.parametrize("made_of", [plan, inserts])
def test_an_interrupted_batch_goes_on(
    session: Session, account: Simulator, log: Log, tmp_path: Path, made_of
) -> None:
    """Rows that are done are left out; in the end each is there once, and recorded once."""
    with pytest.raises(Cut):
        run_batch(session, made_of(CRM), log, progress=cut_after(5))
    done = len(in_crm(account))
    assert 5 <= done < 20
    assert len(recorded(tmp_path)) == done  # what was under way is recorded first
    result = run_batch(session, made_of(CRM), log)
    assert (result.done_before, result.ended) == (done, 20 - done)
    assert in_crm(account) == sorted(str(each["crm_id"]) for each in CRM)
    assert recorded(tmp_path) == [(number, "created") for number in range(1, 21)]


@pytest.mark.usefixtures("_slowly")
@pytest.mark.parametrize("lost", ["journals", "table"])
def test_it_goes_on_from_what_is_left(
    session: Session, account: Simulator, log: Log, tmp_path: Path, lost: str
) -> None:
    """On another machine by the table alone; without the table by the journal, which is loaded."""
    with pytest.raises(Cut):
        run_batch(session, inserts(CRM), log, progress=cut_after(5))
    if lost == "table":
        (tmp_path / "w.duckdb").unlink()
    else:
        log = Log(tmp_path / "elsewhere", log.records)
    run_batch(session, inserts(CRM), log)
    assert in_crm(account) == sorted(str(each["crm_id"]) for each in CRM)
    assert recorded(tmp_path) == [(number, "created") for number in range(1, 21)]


def test_inserts_are_not_done_twice(session: Session, account: Simulator, log: Log) -> None:
    """Only failed and new rows go on; all of them once more has to be said."""
    rows = [*CRM[:3], CRM[3] | {"email": "nonsense"}]
    assert run_batch(session, inserts(rows), log).exit_code == 3
    mended = [*CRM[:3], CRM[3], CRM[4]]
    result = run_batch(session, inserts(mended), log)
    assert (result.done_before, result.outcomes) == (3, {"created": 2})
    result = run_batch(session, inserts(mended), log)
    assert (result.done_before, result.ended, result.exit_code) == (5, 0, 0)
    assert len(in_crm(account)) == 5
    run_batch(session, inserts(mended), log, again=True)
    assert len(in_crm(account)) == 10


def test_the_same_rows_twice_are_two_inserts(
    session: Session, account: Simulator, log: Log
) -> None:
    """Rows that say the same are told apart."""
    assert run_batch(session, inserts([CRM[0], CRM[0]]), log).outcomes == {"created": 2}
    assert len(in_crm(account)) == 2


def test_two_at_once(session: Session, log: Log) -> None:
    """The same batch by another process, or thread, is refused."""
    entered, leave = threading.Event(), threading.Event()

    def hold(_: Result) -> None:
        entered.set()
        leave.wait(10)

    thread = threading.Thread(
        target=run_batch, args=(session, plan(CRM[:2]), log), kwargs={"progress": hold}
    )
    thread.start()
    entered.wait(10)
    with pytest.raises(UsageError, match="being carried out by another process"):
        run_batch(session, plan(CRM[:2]), log)
    leave.set()
    thread.join()


def test_deletes(
    session: Session, connected: Connect, account: Simulator, log: Log, tmp_path: Path
) -> None:
    """They have to be confirmed as a whole; one that is gone already is skipped."""
    run_batch(session, plan(CRM[:4]), log)
    ids = [{"id": c["id"]} for c in customers(account) if (c["name"] or "").startswith("N ")]
    gone = Plan(action("delete customers"), ids, "q", "id")
    with pytest.raises(UsageError, match="4 rows, say --yes"):
        run_batch(session, gone, log)
    session = connected(account, yes=True)
    account.account.delete("/v1/customers", ids[0]["id"])
    result = run_batch(session, gone, log)
    assert result.outcomes == {"deleted": 3, "skipped": 1}
    assert result.exit_code == 0
    assert in_crm(account) == []
    kinds = [kind for _, kind in recorded(tmp_path, "row_number, outcome")]
    assert sorted(kinds) == ["created"] * 4 + ["deleted"] * 3 + ["skipped"]


def test_cancellations(connected: Connect, account: Simulator, log: Log) -> None:
    """Columns are the action's fields where it has no properties."""
    every = account.account.objects("/v1/subscriptions")
    active = [{"id": s["id"], "comment": "closing"} for s in every if s["status"] == "active"]
    cancel = Plan(action("cancel subscription"), active, "q", fields={"feedback": "unused"})
    session = connected(account, yes=True)
    assert run_batch(session, cancel, log).outcomes == {"canceled": len(active)}
    assert run_batch(session, cancel, log).outcomes == {"skipped": len(active)}
    now = {s["id"]: s for s in account.account.objects("/v1/subscriptions")}
    assert {now[s["id"]]["cancellation_details"]["comment"] for s in active} == {"closing"}


def test_a_stripe_that_is_down_stops_the_batch(
    session: Session, account: Simulator, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not every row is tried at length: the batch stops, and goes on later."""
    monkeypatch.setattr(retries, "ATTEMPTS", 2)
    account.faults.append(
        {
            "path": "/v1/customers",
            "method": "POST",
            "kind": "503",
            "times": None,
            "probability": 1.0,
        }
    )
    result = run_batch(session, plan(CRM), log)
    assert isinstance(result.stopped, StripeUnavailable)
    assert (result.exit_code, result.left > 0) == (1, True)
    account.faults.clear()
    result = run_batch(session, plan(CRM), log)
    assert in_crm(account) == sorted(str(each["crm_id"]) for each in CRM)
    assert result.exit_code == 0


def test_a_key_that_is_revoked_stops_the_batch(
    session: Session, account: Simulator, log: Log
) -> None:
    """In the middle: the rest is left, with exit code 4."""
    account.faults.append(
        {"path": "/v1/customers", "method": "POST", "kind": "401", "nth": 4, "times": 99}
    )
    result = run_batch(session, plan(CRM), log)
    assert result.exit_code == 4
    assert result.left >= 16 - batch_module.THREADS
    assert len(in_crm(account)) == result.outcomes["created"]


class Broken:
    """A table that can be read and not written."""

    def __init__(self, records: Any) -> None:
        self.records = records

    def runs(self, batch: str) -> list[str]:
        """What was recorded."""
        return list(self.records.runs(batch))

    def of(self, run: str) -> list[Any]:
        """What was recorded."""
        return list(self.records.of(run))

    def load(self, _: Any) -> None:
        """As a database does that somebody else has open."""
        raise OSError("Could not set lock on file")


HOLD = """
import sys, time, duckdb
with duckdb.connect(sys.argv[1]) as connection:
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_database_that_is_locked(
    session: Session, log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Locked before the batch, nothing is written; locked during it, outcomes wait for the next."""
    monkeypatch.setattr("stripe_source.destination.PATIENCE", 0.5)
    file = tmp_path / "w.duckdb"
    run_batch(session, plan(CRM[:1], source="before"), log)
    holders: list[subprocess.Popen[str]] = []

    def hold(_: Result) -> None:
        if not holders:
            command = [sys.executable, "-c", HOLD, str(file)]
            holders.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
            assert holders[0].stdout is not None
            assert holders[0].stdout.readline() == "held\n"

    try:
        result = run_batch(session, plan(CRM[:3]), log, progress=hold)
        assert "lock" in str(result.not_loaded)
        assert (result.exit_code, result.outcomes) == (1, {"created": 2, "unchanged": 1})
        with pytest.raises(Exception, match="lock"):
            run_batch(session, plan(CRM), log)
    finally:
        for holder in holders:
            holder.kill()
            holder.communicate()
    assert run_batch(session, plan(CRM[:3]), log).outcomes == {"unchanged": 3}
    assert len(recorded(tmp_path)) == 1 + 3 + 3


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({"match": None}, "say by which property the rows match"),
        ({"match": "city"}, "customers can't be matched by 'city'"),
        (
            {"columns": {"name": "nam", "metadata.crm_id": "crm_id"}},
            "no column 'nam'; did you mean 'name'",
        ),
        (
            {"match": "email", "columns": {}, "rows": [{"mail": 1}]},
            "no column 'email'; did you mean 'mail'?",
        ),
    ],
)
def test_a_plan_that_cannot_be(settings: dict[str, Any], line: str) -> None:
    """What every row would fail of is said before any."""
    rows = settings.pop("rows", CRM)
    with pytest.raises(UsageError) as refused:
        plan(rows, **settings)
    assert line in str(refused.value)


@pytest.mark.parametrize("value", [float("nan"), 100000000000000000001.0, [1], {"a": 1}])
def test_a_value_that_matches_nothing_exactly(session: Session, log: Log, value: object) -> None:
    """It fails alone, and does not become a text that another row has, too."""
    rows = [CRM[0] | {"crm_id": value}, CRM[1]]
    assert run_batch(session, plan(rows), log).outcomes == {"failed": 1, "created": 1}


def test_hashes_in_rows(session: Session, account: Simulator, log: Log) -> None:
    """A row of JSON may have them, the first as well as others."""
    rows = [{"crm_id": n, "address": {"city": "Bonn"}, "metadata": {"n": n}} for n in range(2)]
    nested = Plan(
        action("insert customer"),
        [{k: v for k, v in r.items() if k != "crm_id"} for r in rows],
        "j",
    )
    assert run_batch(session, nested, log).outcomes == {"created": 2}
    assert {c["metadata"].get("n") for c in customers(account)} >= {"0", "1"}


def test_reads_are_no_batch() -> None:
    """There is nothing to record of them."""
    with pytest.raises(UsageError, match="changes nothing"):
        Plan(action("get customer"), [{"id": "cus_1"}], "q")


@pytest.mark.parametrize(
    ("name", "text", "rows"),
    [
        ("a.csv", "email,zip\nä@b.co,01234\nc@d.co,\n", [("ä@b.co", "01234"), ("c@d.co", None)]),
        ("a.csv", '\ufeffemail,zip\n"a,b","x\ny"\n', [("a,b", "x\ny")]),
        ("a.jsonl", '{"email":"a","zip":1}\n\n{"email":"b","zip":null}\n', [("a", 1), ("b", None)]),
        ("a.json", '[{"email":"a","zip":1}]', [("a", 1)]),
        ("a.json", '[{"email":"a","address":{"city":"Bonn"}}]', [("a", "Bonn")]),
    ],
)
def test_rows_of_files(tmp_path: Path, name: str, text: str, rows: list[tuple[Any, ...]]) -> None:
    """A CSV's cells are texts, so that a leading zero stays; an empty one is None."""
    (tmp_path / name).write_text(text, "utf-8")
    assert [tuple(row.values()) for row in read_rows(tmp_path / name)] == rows


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("a.csv", b"email,zip\na\n", "a.csv, line 2: 2 cells are expected"),
        ("a.csv", b"email,zip\na,b,c\n", "a.csv, line 2: 2 cells are expected"),
        ("a.csv", b"email,email\na,b\n", "a name for each column, once"),
        ("a.csv", b'email,zip\n"a,b\n', "unexpected end of data"),
        ("a.csv", b"email\n\xff\n", "a.csv is no text in UTF-8"),
        ("a.jsonl", b'{"email":1}\n{"email"\n', "a.jsonl, line 2 is no JSON"),
        ("a.jsonl", b"[1]\n", "a.jsonl, line 1 is no JSON object"),
        ("a.json", b'{"email":1}', "a.json is no list of objects"),
        ("a.csv", b"email;zip\na;b\n", "cells are divided by commas"),
        ("a.xlsx", b"", "a.xlsx is none of .csv"),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, name: str, text: bytes, line: str) -> None:
    """One line says where."""
    (tmp_path / name).write_bytes(text)
    with pytest.raises(UsageError) as refused:
        read_rows(tmp_path / name)
    assert line in str(refused.value)


def test_a_line_that_a_kill_cut_short_is_none(session: Session, log: Log) -> None:
    """The journal's last line may be half: it is left out, and the next is on a line of its own."""
    result = run_batch(session, plan(CRM[:3]), log)
    assert result.journal is not None
    whole = result.journal.read_bytes()
    result.journal.write_bytes(whole[:-20])
    assert len(read_journal(result.journal)) == 2
    with Journal(result.journal) as journal:
        journal.add(read_journal(result.journal)[:1])
    assert len(read_journal(result.journal)) == 3


def test_without_a_warehouse(session: Session, tmp_path: Path) -> None:
    """The journal is enough to go on by."""
    log = Log(tmp_path / "journals")
    assert run_batch(session, inserts(CRM[:3]), log).outcomes == {"created": 3}
    assert run_batch(session, inserts(CRM[:3]), log).done_before == 3


def test_an_empty_source(session: Session, log: Log) -> None:
    """Nothing to do is done."""
    result = run_batch(session, plan([]), log)
    assert (result.rows, result.exit_code, result.journal) == (0, 0, None)


def test_test_mode_is_another_account(made: Made, connected: Connect, log: Log) -> None:
    """A batch that was rehearsed in test mode is done in live mode, under the same account id."""
    for livemode in (False, True):
        simulator = made(livemode=livemode, account_id="acct_1Same")
        session = connected(simulator, live=True)
        assert run_batch(session, inserts(CRM[:3]), log).outcomes == {"created": 3}
        assert len(in_crm(simulator)) == 3


def test_the_last_attempt_is_what_is_recorded(session: Session, log: Log, tmp_path: Path) -> None:
    """A row that failed, is loaded so, and then is done: the table says that it is done.

    Also where the second attempt reached the journal alone, as before a kill.
    """
    rows = [CRM[0] | {"city": None, "email": "nonsense"}, CRM[1]]
    assert run_batch(session, inserts(rows), log).outcomes == {"failed": 1, "created": 1}
    result = run_batch(session, inserts(rows), Log(log.folder, Broken(log.records)))
    assert result.not_loaded is not None
    assert result.journal is not None
    records = read_journal(result.journal)
    (failed,) = [each for each in records if each.row_number == 1][-1:]
    done = replace(failed, outcome="created", done_at="2099-01-01T00:00:00+00:00", why=None)
    with Journal(result.journal) as journal:
        journal.add([done])
    run_batch(session, inserts(rows), log)
    assert recorded(tmp_path) == [(1, "created"), (2, "created")]


def test_a_row_again_takes_those_after_it_along(
    session: Session, account: Simulator, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last row's values stand, also when an earlier one of the customer is done later."""
    first, second = CRM[0] | {"name": "N first"}, CRM[0] | {"name": "N second"}
    monkeypatch.setattr(retries, "ATTEMPTS", 1)
    account.faults.append({"path": "/v1/customers", "method": "POST", "kind": "503", "nth": 1})
    rows = [first, second, *CRM[1:4]]
    run_batch(session, plan(rows), log)
    journal = next(log.folder.glob("*.jsonl"))
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:-1]))  # as if it had been cut off
    run_batch(session, plan(rows), Log(log.folder))
    (made,) = [c for c in customers(account) if c["metadata"].get("crm_id") == "0"]
    assert made["name"] == "N second"


def test_an_interrupted_run_of_rows_that_are_gone(session: Session, log: Log) -> None:
    """Where all that is left in the source is done, an upsert begins anew."""
    assert run_batch(session, plan(CRM[:3]), log).outcomes == {"created": 3}
    journal = next(log.folder.glob("*.jsonl"))
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(line for line in lines if b'"row_number":3,' not in line))
    alone = Log(log.folder)
    assert run_batch(session, plan(CRM[:2]), alone).outcomes == {"unchanged": 2}
    assert len(list(log.folder.glob("*-2.jsonl"))) == 1


def test_erasing_is_no_batch() -> None:
    """What is recorded of a row would be what is to go."""
    with pytest.raises(UsageError, match="erased one by one"):
        Plan(action("delete customers"), [{"id": "cus_1"}], "q", "id", fields={"erase": True})
