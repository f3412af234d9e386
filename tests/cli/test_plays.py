"""``plays``: what a user does with them on the command line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from stripe_source.simulator import Simulator
from tests.cli.conftest import Terminal
from tests.plays.conftest import SECRET, Hook, hook

__all__ = ["hook"]

DEPLOY = {"STRIPE_MODELS__DEPLOY": "true", "STRIPE_MODELS__NOW": "2026-11-01T00:00:00Z"}
TEMPLATES = (
    "customer_created", "invoice_overdue", "mrr_dropped",
    "subscription_canceled", "subscription_past_due", "trial_ending",
)  # fmt: skip


@pytest.fixture(scope="module")
def loaded(sim: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a user has synced all that models read, to be copied."""
    home = tmp_path_factory.mktemp("loaded")
    (home / "work").mkdir()
    place = {"HOME": str(home), "DLT_DATA_DIR": str(home / "dlt"), "COLUMNS": "100"}
    made = Terminal(home / "work", place | DEPLOY | {"RUNTIME__DLTHUB_TELEMETRY": "false"}).at(sim)
    ran = made.run("sync", "--resources", "models", "-q")
    assert (ran.code, ran.err) == (0, "")
    return home / "work"


@pytest.fixture
def user(terminal: Terminal, loaded: Path, hook: Hook, sim: Simulator) -> Terminal:
    """A terminal in a copy of it, and the addresses that the templates name."""
    shutil.copytree(loaded, terminal.folder, dirs_exist_ok=True)
    secrets = {
        f"{name}_WEBHOOK_{what}": value
        for name in ("PLAYS", "CRM")
        for what, value in (("URL", hook.url), ("SECRET", SECRET))
    }
    return Terminal(terminal.folder, terminal.env | DEPLOY | secrets).at(sim)


def add(user: Terminal, *names: str) -> None:
    """Copy templates."""
    for name in names:
        assert user.run("plays", "add", name).code == 0


def change(user: Terminal, sql: str) -> None:
    """Change a loaded table, as a sync would."""
    import duckdb

    with duckdb.connect(str(user.folder / "stripe_source.duckdb")) as connection:
        connection.execute(sql)


def test_templates_work_as_they_are(user: Terminal, hook: Hook) -> None:
    """All six: they are copied, are good, and deliver what is there when they are told to."""
    listed = user.run("plays", "add").out
    assert all(name in listed for name in TEMPLATES)
    add(user, *TEMPLATES)
    found = user.run("plays", "list", "--json").json
    assert {each["play"]: each["wrong"] for each in found} == dict.fromkeys(TEMPLATES)
    ran = user.run("plays", "run", "--backfill", "--json")
    assert ran.code == 0, ran.err
    rows = {each["play"]: each["rows"] for each in ran.json}
    assert rows["customer_created"] == 8
    told = {each["play"]: each["delivered"] for each in ran.json}
    assert told == rows
    of_hooks = sum(n for name, n in rows.items() if name != "subscription_past_due")
    assert len(hook.got) == of_hooks > 8
    assert user.run("plays", "run").err.splitlines() == [
        f"{name}: no changes" for name in TEMPLATES
    ]


def test_a_change_from_test_to_log(user: Terminal, hook: Hook) -> None:
    """The first run takes note; ``test`` shows what ``run`` then sends, and ``log`` says so."""
    add(user, "customer_created")
    first = user.run("plays", "test", "customer_created")
    assert "its first run starts nothing" in first.err
    assert "8 rows; what is there now is its baseline" in user.run("plays", "run").err
    change(user, "UPDATE stripe.customers SET name = 'Ada' WHERE email = 'customer3@example.com'")
    tried = user.run("plays", "test")
    assert "8 rows; 1 changed" in tried.err
    assert "customer_created.changed" in tried.out
    assert hook.got == []
    ran = user.run("plays", "run")
    assert (ran.code, ran.err) == (0, "customer_created: 1 delivered\n")
    (got,) = hook.got
    assert got.body["data"]["after"]["name"] == "Ada"
    log = user.run("plays", "log")
    assert (log.code, log.err) == (0, "")
    assert got.id in log.out
    assert "HTTP 204" in log.out
    (whole,) = user.run("plays", "log", got.id).json
    assert whole["after"]["name"] == "Ada"
    assert whole["before"]["name"] != "Ada"


def test_dead_letters(user: Terminal, hook: Hook) -> None:
    """They are said, listed, and sent again when asked; then all is well."""
    add(user, "customer_created")
    file = user.folder / "plays" / "customer_created.toml"
    file.write_text(file.read_text() + "\n[limits]\nattempts = 1\n")
    user.run("plays", "run")
    change(user, "UPDATE stripe.customers SET name = 'Ada' WHERE email = 'customer3@example.com'")
    hook.always(400)
    ran = user.run("plays", "run")
    assert ran.code == 3
    assert "1 given up; 'plays log customer_created --status dead'" in ran.err
    dead = user.run("plays", "log", "customer_created", "--status", "dead")
    assert "HTTP 400" in dead.out
    (listed,) = user.run("plays", "list", "--json").json
    assert listed["dead"] == 1
    hook.always(200)
    assert "1 will be delivered again" in user.run("plays", "replay", "customer_created").err
    assert user.run("plays", "run").err == "customer_created: 1 delivered\n"
    assert len({got.id for got in hook.got}) == 1


def test_pause(user: Terminal, hook: Hook) -> None:
    """Nothing is looked at meanwhile; what has changed is found afterwards."""
    add(user, "customer_created")
    user.run("plays", "run")
    assert user.run("plays", "pause", "customer_created").code == 0
    change(user, "UPDATE stripe.customers SET name = 'Ada' WHERE email = 'customer3@example.com'")
    ran = user.run("plays", "run")
    assert (ran.code, hook.got) == (0, [])
    assert "paused (by hand)" in ran.err
    assert "paused" in user.run("plays", "list").out
    user.run("plays", "pause", "customer_created", "--off")
    assert "1 delivered" in user.run("plays", "run").err


def test_more_than_its_limit(user: Terminal, hook: Hook) -> None:
    """It stops, and says how to look and how to go on."""
    add(user, "customer_created")
    file = user.folder / "plays" / "customer_created.toml"
    file.write_text(file.read_text() + "\n[limits]\nrows = 3\n")
    ran = user.run("plays", "run", "--backfill")
    assert ran.code == 1
    assert "would start for 8 rows, and may for 3" in ran.line
    assert hook.got == []
    assert user.run("plays", "test", "--backfill").code == 0
    assert user.run("plays", "run", "--backfill", "--limit", 8).code == 0
    assert len(hook.got) == 8


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["run"], "there are no plays here"),
        (["list"], "there are no plays here"),
        (["list", "--folder", "nowhere"], "there is no folder of plays at nowhere"),
        (["add", "invoice_overdu"], "did you mean 'invoice_overdue'?"),
        (["run", "--backfill", "--baseline"], "exclude each other"),
        (["log", "msg_x"], "there is no delivery 'msg_x'"),
        (["replay", "msg_x"], "there is no delivery 'msg_x'"),
        (["log", "--limit", "0"], "--limit must be at least 1"),
    ],
)
def test_wrong_calls(user: Terminal, command: list[str], said: str) -> None:
    """One line, and exit code 2."""
    ran = user.run("plays", *command)
    assert (ran.code, said in ran.line) == (2, True), ran.err


def test_before_a_sync(terminal: Terminal) -> None:
    """There is nothing to watch: sync first."""
    (terminal.folder / "plays").mkdir()
    terminal.run("plays", "add", "invoice_overdue")
    ran = terminal.run("plays", "run")
    assert (ran.code, "run 'stripe-source sync' first" in ran.line) == (2, True)


def test_no_secret(user: Terminal) -> None:
    """One that there is not is named; one that there is shows nowhere."""
    add(user, "invoice_overdue")
    text = "".join(
        (ran := user.run("plays", *command.split())).out + ran.err
        for command in ("list", "list --json", "test --backfill --json", "run --backfill", "log")
    )
    assert SECRET.removeprefix("whsec_") not in text
    lacking = {k: v for k, v in user.env.items() if k != "PLAYS_WEBHOOK_SECRET"}
    ran = Terminal(user.folder, lacking).run("plays", "run")
    assert (ran.code, "there is no PLAYS_WEBHOOK_SECRET" in ran.line) == (1, True)
