"""``dbt export``: what a user sees of it, on the command line."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import sqlglot
import yaml

from stripe_source.cli.dbt import ADAPTERS
from stripe_source.dbt import export, offline
from stripe_source.dbt import subject as subjects
from stripe_source.models.library import library, select_models
from stripe_source.models.render import Loaded
from stripe_source.simulator import Simulator
from tests.cli.conftest import Terminal, sim, terminal
from tests.dbt.conftest import DATABASES, Project
from tests.models.test_everywhere import NEEDED, WITHOUT

__all__ = ["sim", "terminal"]

OURS = set(library())


@pytest.fixture(scope="module")
def loaded(sim: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a user has synced the default resources, with a strange name of all."""
    home = tmp_path_factory.mktemp("home")
    (home / "a folder").mkdir()
    env = {"HOME": str(home), "DLT_DATA_DIR": str(home / "dlt"), "STRIPE_MODELS__DEPLOY": "false"}
    made = Terminal(home / "a folder", env | {"RUNTIME__DLTHUB_TELEMETRY": "false"}).at(sim)
    ran = made.run("sync", "--pipeline-name", "my_shop", "--dataset", "Order-2", "--quiet")
    assert ran.code == 0, ran.err
    return home / "a folder"


PLACE = ("--pipeline-name", "my_shop", "--dataset", "Order-2")


def test_export(terminal: Terminal, loaded: Path) -> None:
    """A project of what is loaded, and what the others need; dbt makes its views as it is."""
    shutil.copytree(loaded, terminal.folder, dirs_exist_ok=True)
    ran = terminal.run("dbt", "export", "stripe_dbt", *PLACE)
    assert ran.code == 0, ran.err
    said = " ".join((ran.out + ran.err).split())
    assert f"{len(OURS) - len(WITHOUT)} data models for dbt-duckdb in stripe_dbt; " in said
    assert "13 more need charges, disputes, refunds" in said
    made = terminal.run("dbt", "export", "stripe_dbt", *PLACE, "--json").json
    assert (made["left_out"], made["missing"], made["written"]) == (WITHOUT, NEEDED, [])
    assert set(made["models"]) == OURS - set(WITHOUT)
    project = Project(terminal.folder / "stripe_dbt")
    (output,) = yaml.safe_load(project.text("profiles.yml"))["stripe_source"]["outputs"].values()
    assert output["path"] == str(terminal.folder / "my_shop.duckdb")
    assert output["schema"] == "order_2_dbt"
    ran = project.dbt("run", "--select", "+customer_overview")
    assert ran.code == 0, ran.out
    found = terminal.rows("SELECT COUNT(*) FROM order_2_dbt.customer_overview", "my_shop")
    assert found == terminal.rows("SELECT COUNT(*) FROM order_2.customers", "my_shop")


@pytest.mark.parametrize("adapter", [name for name in ADAPTERS if name not in DATABASES])
def test_an_adapter(tmp_path: Path, adapter: str) -> None:
    """Without a warehouse all models are written, in SQL of the adapter's dialect.

    Redshift has no words for the items of a JSON list: models that need them are left out.
    """
    made = export(offline(adapter, "stripe", Path("shop.duckdb")), tmp_path / "stripe_dbt")
    assert set(made.models) | set(made.unwritten) == OURS
    assert bool(made.unwritten) == (adapter == "redshift")
    project = Project(tmp_path / "stripe_dbt")
    for path in project.folder.glob("models/*/*.sql"):
        sql = re.sub(r"\{#.*#\}", "", path.read_text())
        sql = re.sub(r"\{\{ (source|ref)\([\w', ]+\) \}\}", "named", sql)
        assert isinstance(sqlglot.parse_one(sql, dialect=adapter), sqlglot.exp.Query), path
        assert set(re.findall(r"ref\('(\w+)'\)", path.read_text())) <= set(made.models), path
    profiles = yaml.safe_load(project.text("profiles.yml"))
    assert profiles["stripe_source"]["outputs"]["dev"]["type"] == adapter
    named = {name for path in project.folder.rglob("_*.yml") for name in of_file(path)}
    assert named == set(made.models)


def of_file(path: Path) -> set[str]:
    """The models that a file describes."""
    return {model["name"] for model in yaml.safe_load(path.read_text())["models"]}


def test_adapters() -> None:
    """The command offers the adapters that there are."""
    assert ADAPTERS == subjects.ADAPTERS


def test_postgres_to_fill_in(tmp_path: Path) -> None:
    """What is written for Postgres without a warehouse is read by dbt with the usual variables."""
    few = frozenset({"customers"})
    subject = offline("postgres", "stripe", Path("shop.duckdb"))
    subject = replace(subject, selection=select_models(library(), few), loaded=Loaded(few))
    project = Project(tmp_path / "stripe_dbt")
    export(subject, project.folder)
    ran = project.dbt("parse", PGUSER="me", PGDATABASE="shop")
    assert ran.code == 0, ran.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("stripe_dbt",), "there is no stripe_source.duckdb here; run 'stripe-source sync' first"),
        (("file", "--adapter", "duckdb"), "file is a file, and is to be a folder"),
        (
            ("stripe_dbt", "--adapter", "postgres", "--destination", "postgres"),
            "--adapter asks no destination: leave out the one or the other",
        ),
        (
            ("stripe_dbt", "--adapter", "duckdb", "--folder", "nowhere"),
            "there is no folder of models at nowhere",
        ),
        (("stripe_dbt", "--adapter", "duckdb", "--folder", "bad"), "'holds: one =' is no SQL"),
    ],
)
def test_usage(terminal: Terminal, arguments: tuple[str, ...], said: str) -> None:
    """What can't be is one line and exit code 2, and nothing is written."""
    (terminal.folder / "file").write_text("mine")
    (terminal.folder / "bad").mkdir()
    (terminal.folder / "bad" / "bad.sql").write_text("-- holds: one =\nSELECT 1 AS one")
    before = sorted(terminal.folder.rglob("*"))
    ran = terminal.run("dbt", "export", *arguments)
    assert ran.code == 2
    assert said in ran.line
    assert sorted(terminal.folder.rglob("*")) == before
