"""Actions as commands: what they print, where it goes, how they end, and what they ask."""

import csv
import os
import pty
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stripe_source.simulator import Simulator
from tests.cli.conftest import SCRIPT, Terminal, interrupt, until

Made = Callable[..., Simulator]
ADA = ("--set", "email=ada@example.com", "--set", "address.city=London")


def having(simulator: Simulator, email: str) -> list[dict[str, Any]]:
    """The customers with an email address."""
    return [c for c in simulator.account.objects("/v1/customers") if c["email"] == email]


def test_actions_are_listed(terminal: Terminal) -> None:
    """With no key at all; as JSON with the schema of their fields."""
    listed = terminal.run("actions")
    assert (listed.code, listed.err) == (0, "")
    assert "upsert customers" in listed.out
    described = terminal.run("actions", "--json").json
    assert len(described) == 13
    assert all(each["fields"]["type"] == "object" for each in described)
    assert described[0]["name"] == "cancel subscription"


def test_search_prints_a_table(terminal: Terminal, sim: Simulator) -> None:
    """Results to stdout, how many beside it; with --json the whole objects."""
    ran = terminal.at(sim).run("search", "customers", "--where", "email", "~", "customer7@")
    assert ran.code == 0
    header, row = ran.out.splitlines()
    assert header.split() == ["id", "email", "name", "created"]
    assert "customer7@example.com" in row
    assert ran.err == "1 found\n"
    found = terminal.at(sim).run("search", "invoices", "--where", "status", "=", "paid", "--json")
    assert {each["object"] for each in found.json} == {"invoice"}
    assert len(found.json) == 10


def test_get_prints_the_object(terminal: Terminal, sim: Simulator) -> None:
    """As JSON, for it has no end of fields."""
    customer = sim.account.objects("/v1/customers")[0]["id"]
    assert terminal.at(sim).run("get", "customer", customer).json["id"] == customer


def test_a_write_says_what_changed(terminal: Terminal, account: Simulator) -> None:
    """First what would, then what did; done again, it is unchanged."""
    at = terminal.at(account)
    made = at.run("insert", "customer", *ADA)
    assert made.code == 0
    (customer,) = having(account, "ada@example.com")
    command = ("update", "customers", "--match", "email=ada@example.com", "--set", "name=Ada")
    dry = at.run(*command, "--dry-run")
    assert dry.err == f"{customer['id']} would be updated\n"
    assert dry.out.split() == ["property", "before", "after", "name", "Ada"]
    assert having(account, "ada@example.com")[0]["name"] is None
    assert at.run(*command).err == f"{customer['id']} updated\n"
    assert having(account, "ada@example.com")[0]["name"] == "Ada"
    again = at.run(*command, "--json").json
    assert [each["outcome"] for each in again] == ["unchanged"]


@pytest.mark.parametrize(
    ("command", "code", "line"),
    [
        ("get customer cus_no", 1, "No such customer: 'cus_no'"),
        ("get customer", 2, "Missing argument 'ID'"),
        ("get custmer cus_1", 2, "No such command 'custmer'"),
        ("search customers --where emial = x", 2, "search knows no field 'emial'"),
        ("search customers --where email = x --query y", 2, "exclude each other"),
        ("search customers --where email is nothing", 2, "'is' takes empty or not-empty"),
        ("search customers --limit 101", 2, "101 is not in the range 1<=x<=100"),
        ("search customers --query name", 1, "unable to parse"),
        ("insert customer --set emial=x", 2, "there is no property 'emial'; did you mean 'email'?"),
        ("insert customer --set email", 2, "--set is written --set NAME=VALUE, not 'email'"),
        ("insert customer --set email=x", 2, "email is no email address: 'x'"),
        ("insert customer", 2, "a customer with no property at all is not made"),
        ("update customers --set name=x", 2, "say which: --match PROPERTY=VALUE"),
        ("update customers --match email= --set name=x", 2, "that would be any customer"),
        ("update customers --match email=no@b.co --set name=x", 1, "no customer has the email"),
        ("delete customers --match id=cus_no", 1, "No such customer: 'cus_no'"),
        ("cancel subscription", 2, "needs its field 'id'"),
        ("cancel subscription sub_no", 1, "No such subscription: 'sub_no'"),
        ("insert customer --again --set name=x", 2, "--map and --again are of batches"),
        ("insert customer --from-file a.csv --from-query x", 2, "exclude each other"),
        ("insert customer --from-file a.csv", 2, "a.csv can't be read: No such file"),
        ("insert customer --from-query FROM", 2, "run 'stripe-source sync' first"),
        ("get customer --from-file a.csv x", 2, "No such option '--from-file'"),
    ],
)
def test_what_cannot_be_ends_with_a_line(
    terminal: Terminal, sim: Simulator, command: str, code: int, line: str
) -> None:
    """And the right exit code; nothing on stdout."""
    ran = terminal.at(sim).run(*command.split())
    assert (ran.code, ran.out) == (code, "")
    assert line in ran.err
    assert "Traceback" not in ran.err
    assert ran.err.count("Error: ") == 1


def test_keys(terminal: Terminal, sim: Simulator) -> None:
    """None, one that is refused, one that may not write: exit code 4, and the key nowhere."""
    sim.add_key("rk_test_readsalone01", {"rak_customer_read"})
    insert = ("insert", "customer", *ADA)
    assert terminal.run(*insert).code == 4
    refused = terminal.at(sim, "sk_test_notthere0001").run(*insert)
    assert (refused.code, "sk_test_notthere0001" in refused.err) == (4, False)
    reader = terminal.at(sim, "rk_test_readsalone01").run(*insert)
    assert reader.line == "Error: missing permission rak_customer_write"
    assert reader.code == 4


def test_live_writes_are_meant(terminal: Terminal, made: Made) -> None:
    """Without a terminal to ask at, --live says so."""
    simulator = made(livemode=True)
    at = terminal.at(simulator)
    assert "say --live" in at.run("insert", "customer", *ADA).line
    assert having(simulator, "ada@example.com") == []
    assert at.run("insert", "customer", *ADA, "--live").code == 0
    assert len(having(simulator, "ada@example.com")) == 1


@pytest.mark.parametrize(("answer", "code", "left"), [("n", 2, 2), ("y", 0, 0)])
def test_a_delete_of_several_asks(
    terminal: Terminal, account: Simulator, answer: str, code: int, left: int
) -> None:
    """At a terminal the question is put, and anything but yes is no."""
    at = terminal.at(account)
    for _ in range(2):
        at.run("insert", "customer", *ADA)
    command = ["delete", "customers", "--match", "email=ada@example.com", "--all-matches"]
    assert "say --yes" in at.run(*command).line
    controller, own = pty.openpty()
    with subprocess.Popen(
        [SCRIPT, *command],
        cwd=at.folder,
        env=os.environ | at.env,
        stdin=own,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        os.write(controller, f"{answer}\n".encode())
        _, err = process.communicate(timeout=60)
    assert "Delete 2 customers? [y/N]" in err
    assert process.returncode == code
    assert len(having(account, "ada@example.com")) == left


def crm(folder: Path, rows: int = 5) -> None:
    """A file as a CRM exports it."""
    with (folder / "crm.csv").open("w", newline="") as text:
        table = csv.writer(text)
        table.writerow(["crm_id", "mail", "town"])
        table.writerows([n, f"crm{n}@example.com", "Bonn"] for n in range(rows))


BATCH = (
    *("upsert", "customers", "--from-file", "crm.csv", "--match", "email"),
    *("--map", "email=mail", "--map", "address.city=town", "--set", "metadata.source=crm"),
)


def test_a_batch_from_a_file(terminal: Terminal, account: Simulator) -> None:
    """Counts beside it, outcomes in the table; a failed row makes exit code 3 and is shown."""
    at = terminal.at(account)
    crm(at.folder)
    ran = at.run(*BATCH)
    assert (ran.code, ran.out) == (0, "")
    unused, counts, where = ran.err.splitlines()
    assert unused == "columns that are not used: crm_id"
    assert counts.startswith("5 rows: 5 created; ")
    assert "in _stripe_actions and stripe_actions/" in where
    assert {c["metadata"]["source"] for c in having(account, "crm1@example.com")} == {"crm"}
    query = "SELECT row_number, outcome, action FROM stripe._stripe_actions ORDER BY 1"
    assert at.rows(query) == [(n, "created", "upsert customers") for n in range(1, 6)]
    with (at.folder / "crm.csv").open("a") as text:
        text.write("9,nonsense,Bonn\n")
    ran = at.run(*BATCH, "--json")
    assert (ran.code, ran.err) == (3, "columns that are not used: crm_id\n")
    assert ran.json["outcomes"] == {"unchanged": 5, "failed": 1}
    assert ran.json["shown"][0]["row"] == 6
    assert "no email address" in ran.json["shown"][0]["why"]


def test_a_batch_as_a_dry_run(terminal: Terminal, account: Simulator) -> None:
    """Each change of each row, and no trace of it anywhere."""
    at = terminal.at(account)
    crm(at.folder, 1)
    ran = at.run(*BATCH, "--dry-run")
    assert ran.code == 0
    assert ran.out.splitlines()[0].split() == [
        "row",
        "outcome",
        "object",
        "property",
        "before",
        "after",
    ]
    assert "address.city" in ran.out
    assert having(account, "crm0@example.com") == []
    assert [each.name for each in at.folder.iterdir()] == ["crm.csv"]


def test_what_was_written_comes_with_the_next_sync(terminal: Terminal, account: Simulator) -> None:
    """By the events, without a full read; and a query of the tables makes a batch of its own."""
    at = terminal.at(account)
    crm(at.folder)
    at.run("sync", "--resources", "customers")
    at.run(*BATCH)
    account.advance(60)
    synced = at.run("sync", "--resources", "customers", "--json").json
    assert synced["rows"]["customers"] == 5
    assert synced["requests"] <= 10
    assert synced["relisted"] == {}
    sql = "SELECT id, 'Köln' AS address__city FROM customers WHERE address__city = 'Bonn'"
    update = ("update", "customers", "--from-query", sql, "--match", "id")
    assert at.run(*update, "--json").json["outcomes"] == {"updated": 5}
    account.advance(60)
    at.run("sync", "--resources", "customers")
    assert at.rows("SELECT count(*) FROM stripe.customers WHERE address__city = 'Köln'") == [(5,)]
    assert at.run("verify").code == 0
    delete = ("delete", "customers", "--from-query", sql.replace("Bonn", "Köln"), "--match", "id")
    assert "say --yes" in at.run(*delete).line
    assert at.run(*delete, "--yes", "--json").json["outcomes"] == {"deleted": 5}


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (("--match", "email=x"), "--match names a property in a batch"),
        (("--match", "mail"), "customers can't be matched by 'mail'"),
        (("--match", "email"), "the rows have no column 'email'; did you mean 'mail'?"),
        (("--match", "email", "--map", "email"), "--map is written --map NAME=VALUE"),
    ],
)
def test_a_batch_that_cannot_be(
    terminal: Terminal, sim: Simulator, options: tuple[str, ...], line: str
) -> None:
    """It ends before a row is touched."""
    at = terminal.at(sim)
    crm(at.folder)
    ran = at.run("upsert", "customers", "--from-file", "crm.csv", *options)
    assert (ran.code, line in ran.line) == (2, True)


def test_erasing(terminal: Terminal, account: Simulator) -> None:
    """It has to be meant, and in a place that holds the account; the next sync leaves it so."""
    at = terminal.at(account)
    at.run("insert", "customer", *ADA)
    (customer,) = having(account, "ada@example.com")
    erase = ("delete", "customers", "--match", f"id={customer['id']}", "--erase")
    assert "there is no stripe_source.duckdb here" in at.run(*erase, "--yes").line
    at.run("sync", "--resources", "customers,events")
    assert "there is no typo.duckdb here" in at.run(*erase, "--yes", "--pipeline-name", "typo").line
    assert "and erase them for good, say --yes" in at.run(*erase).line
    assert len(having(account, "ada@example.com")) == 1
    ran = at.run(*erase, "--yes")
    assert (ran.code, "deleted: " in ran.err, "rows of the warehouse" in ran.err) == (0, True, True)
    account.advance(60)
    at.run("sync", "--resources", "customers,events")
    query = f"SELECT email, is_deleted FROM stripe.customers WHERE id = '{customer['id']}'"
    assert at.rows(query) == [(None, True)]
    told = at.rows("SELECT count(*) FROM stripe.events WHERE data__object LIKE '%ada@example.com%'")
    assert told == [(0,)]


def test_a_batch_that_is_interrupted(terminal: Terminal, made: Made) -> None:
    """Ctrl-C: it says how far it has come, ends with 130, and the same command goes on."""
    at = terminal.at(made(latency_ms=(20, 40)))
    crm(at.folder, 400)
    with at.start(*BATCH) as process:
        until(lambda: any(f.stat().st_size for f in at.folder.glob("stripe_actions/*.jsonl")))
        time.sleep(0.5)  # for a look at how far it has come
        interrupt(process)
        _, err = process.communicate()
    assert process.returncode == 130
    assert " left; " in err
    assert "a sync or a batch goes on from there" in err
    ran = at.run(*BATCH)
    assert (ran.code, " done before; " in ran.err) == (0, True)


def test_one_or_several(terminal: Terminal, sim: Simulator) -> None:
    """``search customer`` is ``search customers``."""
    assert terminal.at(sim).run("search", "customer", "--limit", 2).err == (
        "the first 2; --limit for more\n"
    )


def test_a_query_with_a_name_twice(terminal: Terminal, account: Simulator) -> None:
    """It is refused: the wrong one of two ids could be what is deleted."""
    at = terminal.at(account)
    at.run("sync", "--resources", "customers,subscriptions")
    sql = "SELECT s.id, c.id FROM subscriptions s JOIN customers c ON c.id = s.customer"
    ran = at.run("delete", "customers", "--match", "id", "--from-query", sql, "--yes")
    assert (ran.code, "two columns 'id'" in ran.line) == (2, True)


def test_columns_that_are_no_properties(terminal: Terminal, sim: Simulator) -> None:
    """A column too many is said once, and not for each row."""
    at = terminal.at(sim)
    crm(at.folder)
    ran = at.run("insert", "customer", "--from-file", "crm.csv")
    assert ran.code == 2
    assert "there is no property 'crm_id'" in ran.line


def test_mcp_without_a_key(terminal: Terminal) -> None:
    """The server ends at once, as every command does."""
    assert terminal.run("mcp").code == 4
    assert "--live is of writes" in terminal.run("mcp", "--live").line
