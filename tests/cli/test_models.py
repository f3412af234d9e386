"""``models``: what a user sees of the data models, on the command line."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from stripe_source.models.library import library
from stripe_source.simulator import Simulator
from tests.cli.conftest import Terminal

OURS = sorted(library())
NOW = "2026-11-01T00:00:00Z"  # after the account's last moment
LATER = {"STRIPE_MODELS__DEPLOY": "true", "STRIPE_MODELS__NOW": NOW}


@pytest.fixture(scope="module")
def loaded(sim: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a user has synced all that models read, and its home, to be copied."""
    home = tmp_path_factory.mktemp("loaded")
    (home / "work").mkdir()
    place = {"HOME": str(home), "DLT_DATA_DIR": str(home / "dlt"), "COLUMNS": "100"}
    quiet = {"RUNTIME__DLTHUB_TELEMETRY": "false"}
    made = Terminal(home / "work", place | LATER | quiet).at(sim)
    ran = made.run("sync", "--resources", "models", "--progress", "off")
    assert ran.code == 0, ran.err
    assert f"{len(OURS)} data models in stripe_models, {len(OURS)} new or changed" in ran.err
    return home


@pytest.fixture
def user(terminal: Terminal, loaded: Path) -> Terminal:
    """A terminal in a copy of it."""
    shutil.copytree(loaded / "work", terminal.folder, dirs_exist_ok=True)
    return Terminal(terminal.folder, terminal.env | LATER)


def write(user: Terminal, name: str, sql: str, folder: str = "stripe_models") -> None:
    """A file of the user's own."""
    (user.folder / folder).mkdir(exist_ok=True)
    (user.folder / folder / f"{name}.sql").write_text(sql)


def test_list(user: Terminal) -> None:
    """Every model with what it holds and what a row is; as JSON with its columns and sources."""
    ran = user.run("models", "list")
    assert (ran.code, ran.err) == (0, "")
    assert [line.split()[0] for line in ran.out.splitlines() if line.split()[0] in OURS] == OURS
    listed = user.run("models", "list", "--json").json
    assert sorted(row["model"] for row in listed) == OURS
    (mrr,) = (row for row in listed if row["model"] == "mrr")
    assert mrr["key"] == ["subscription_item_id"]
    assert mrr["reads"] == ["current_values", "raw.subscriptions"]
    assert mrr["columns"][:2] == ["account_id", "subscription_item_id"]
    assert {row["needs"] for row in listed} == {None}


def test_show(user: Terminal) -> None:
    """What the model is and its first rows; as JSON the rows alone; --sql is its query."""
    ran = user.run("models", "show", "customers", "--limit", "2")
    assert ran.code == 0
    assert "Customers, as they are now." in ran.out + ran.err
    rows = user.run("models", "show", "customers", "--limit", "3", "--json").json
    ids = user.rows("SELECT customer_id FROM stripe_models.customers ORDER BY 1 LIMIT 3")
    assert [(row["customer_id"],) for row in rows] == ids
    assert len(ids) == 3
    ran = user.run("models", "show", "mrr", "--sql")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.strip() == library()["mrr"].sql.strip()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "mrr_month"), "there is no model 'mrr_month'; did you mean 'mrr_monthly'?"),
        (("show", "zzz"), "there is no model 'zzz'; see 'stripe-source models list'"),
        (("test", "mrr_month"), "did you mean 'mrr_monthly'?"),
        (("show", "mrr", "--limit", "0"), "--limit must be at least 1"),
        (("deploy", "--folder", "nowhere"), "there is no folder of models at nowhere"),
    ],
)
def test_usage(user: Terminal, arguments: tuple[str, ...], said: str) -> None:
    """What can't be is said in one line, with exit code 2."""
    ran = user.run("models", *arguments)
    assert ran.code == 2
    assert said in ran.line


@pytest.mark.parametrize("command", ["list", "deploy", "test", "show mrr"])
def test_before_the_first_sync(terminal: Terminal, command: str) -> None:
    """Without a warehouse each command says to sync, and makes none."""
    ran = terminal.run("models", *command.split())
    assert ran.code in (1, 2)
    assert "sync" in ran.line
    assert list(terminal.folder.glob("*.duckdb")) == []


def test_the_tests_of_the_models(user: Terminal) -> None:
    """All pass over what a sync has loaded, and are listed as JSON; some can be chosen."""
    ran = user.run("models", "test")
    assert ran.code == 0, ran.out
    assert (ran.out, ran.err.endswith(" tests, 0 failed\n")) == ("", True)
    findings = user.run("models", "test", "mrr", "--json").json
    assert {finding["model"] for finding in findings} == {"mrr"}
    assert "unique: subscription_item_id" in {finding["test"] for finding in findings}


def test_a_test_that_fails(user: Terminal) -> None:
    """It is named with how many rows it is not true of, and the exit code is 1."""
    header = "-- Bad.\n-- grain: a customer\n-- key: one\n-- holds: one = 2\n-- one of: two: x\n"
    header += "-- refers: three -> customers.customer_id\n"
    query = "SELECT account_id, 1 AS one, 'y' AS two, 'cus_0' AS three FROM customers"
    write(user, "bad", header + query)
    assert user.run("models", "deploy").code == 0
    ran = user.run("models", "test", "bad")
    assert ran.code == 1
    ((count,),) = user.rows("SELECT COUNT(*) FROM stripe_models.customers")
    failed = {f["test"]: f["failures"] for f in user.run("models", "test", "bad", "--json").json}
    assert failed == {
        "unique: one": 1,
        "not null: one": 0,
        "holds: one = 2": count,
        "one of: two": count,
        "refers: three -> customers.customer_id": count,
    }


def test_a_key_is_a_column_and_no_query(user: Terminal) -> None:
    """What a header calls its key is a name, whatever is in it."""
    write(user, "odd", '-- key: order\nSELECT 1 AS "order"')
    write(user, "evil", "-- key: 1; DROP VIEW stripe_models.evil --\nSELECT 1 AS a")
    assert user.run("models", "deploy").code == 0
    assert user.run("models", "show", "odd", "--json").json == [{"order": 1}]
    ran = user.run("models", "show", "evil")
    assert (ran.code, "DROP VIEW" in ran.line) == (1, True)
    assert user.rows("SELECT a FROM stripe_models.evil") == [(1,)]


def test_a_test_that_can_not_be_asked(user: Terminal) -> None:
    """It is named with why, the other tests run, and the exit code is 1; no account is no error."""
    header = (
        "-- Odd.\n-- holds: three = 3\n-- holds: one = 1\n-- refers: one -> customers.customer_id\n"
    )
    write(user, "odd", header + "SELECT 'x' AS one")
    assert user.run("models", "deploy").code == 0
    ran = user.run("models", "test", "odd")
    assert ran.code == 1
    assert "three" in ran.out
    failed = {f["test"]: f["error"] for f in user.run("models", "test", "odd", "--json").json}
    assert "three" in failed["holds: three = 3"]
    assert failed["refers: one -> customers.customer_id"] is None


def test_own_models_come_and_go(user: Terminal) -> None:
    """./stripe_models is deployed, as is a folder that is named; files that go take views along."""
    write(user, "mine", "SELECT COUNT(*) AS number FROM customers")
    made = user.run("models", "deploy", "--json").json
    assert (made["changed"], made["removed"]) == (["mine"], [])
    assert user.run("models", "show", "mine", "--json").json[0]["number"] > 0
    assert "mine" in user.run("models", "list").out
    write(user, "other", "SELECT 1 AS one", "elsewhere")
    made = user.run("models", "deploy", "--folder", "elsewhere", "--json").json
    assert (made["changed"], made["removed"]) == (["other"], ["mine"])
    ran = user.run("models", "deploy", "--folder", "elsewhere")
    assert (ran.code, ran.err + ran.out) == (0, f"{len(OURS) + 1} data models in stripe_models\n")


def test_a_model_that_the_destination_refuses(user: Terminal) -> None:
    """It is one line, with exit code 1, and the models are as they were."""
    write(user, "mine", "SELECT nothing FROM customers")
    ran = user.run("models", "deploy")
    assert ran.code == 1
    assert "model 'mine': " in ran.line
    assert user.run("models", "show", "customers", "--limit", "1").code == 0


def test_a_sync_says_what_it_deployed(terminal: Terminal, sim: Simulator) -> None:
    """How many models, which resources the rest needs; --no-models and the configuration: none."""
    user = Terminal(terminal.folder, terminal.env | LATER).at(sim)
    ran = user.run("sync", "--no-models")
    assert "data models" not in ran.out + ran.err
    ran = user.run("sync")
    assert ran.code == 0
    assert "data models in stripe_models, " in ran.out + ran.err
    said = " ".join((ran.out + ran.err).split())
    assert "13 more need charges, disputes, refunds" in said
    assert "(sync --resources models loads all that they read)" in said
    left_out = user.run("models", "list", "--json").json
    assert len([row for row in left_out if row["needs"]]) == 13
    assert "needs charges" in user.run("models", "list").out
    for command in ("show", "test"):
        ran = user.run("models", command, "charges")
        assert (ran.code, "it needs charges (sync --resources models" in ran.line) == (2, True)
    made = user.run("sync", "--json").json["models"]
    assert (made["changed"], made["schema"]) == ([], "stripe_models")
    ran = terminal.at(sim).run("sync")  # where the environment says deploy = false
    assert "data models" not in ran.out + ran.err


def test_a_file_of_the_schemas_name(terminal: Terminal, sim: Simulator) -> None:
    """The sync goes well and says why there are no models; ``models deploy`` is a usage error."""
    user = Terminal(terminal.folder, terminal.env | LATER).at(sim)
    place = ("--dataset", "stripe", "--pipeline-name", "stripe")
    ran = user.run("sync", "--resources", "coupons", *place)
    assert ran.code == 0
    assert "no data models: DuckDB can't have views" in " ".join((ran.out + ran.err).split())
    ran = user.run("models", "deploy", *place)
    assert ran.code == 2
    assert "give the file or the dataset another name" in ran.line


def test_the_views_answer_any_client(user: Terminal) -> None:
    """The file is all that a reader needs: a connection of its own sees the models' rows."""
    with duckdb.connect(str(user.folder / "stripe_source.duckdb"), read_only=True) as connection:
        found = connection.execute("SELECT SUM(mrr) FROM stripe_models.mrr").fetchone()
    assert found[0] > 0
