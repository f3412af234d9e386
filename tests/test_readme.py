"""The README says what is so."""

import re
import tomllib
from pathlib import Path

import click
import pytest

from stripe_source.catalog import CATALOG
from stripe_source.cli.main import cli
from stripe_source.cli.query import ask
from stripe_source.models.library import library
from stripe_source.models.shelf import FIVETRAN, MODELS
from stripe_source.plays import Play, plays_in
from stripe_source.plays.play import Limits, Webhook
from stripe_source.simulator import Simulator
from stripe_source.source import stripe_source
from stripe_source.tables.layout import tables_of
from stripe_source.tables.types import all_columns
from tests.conftest import Warehouse
from tests.readme import DOCS, README, pages, with_generated, written

TEXT = README.read_text("utf-8")
ROOT = README.parent


def test_generated_parts_are_up_to_date() -> None:
    """The tables are the catalog's and the models'; if this fails, run tests.readme."""
    assert with_generated(TEXT) == TEXT


def test_the_reference_is_up_to_date() -> None:
    """Each page of ``docs`` is what the code says, and there are no others; else run it."""
    made, there = pages(), written()
    assert sorted(there) == sorted(made)
    assert [name for name, text in made.items() if there[name] != text] == []


def test_the_reference_is_complete() -> None:
    """Every resource, table, column, command, option and model has its place."""
    there = written()
    for row in CATALOG.values():
        lines = there[f"resources/{row.name}.md"].splitlines()
        heads = {line.removeprefix("## Table ") for line in lines if line.startswith("## Table ")}
        assert heads == {*row.tables, *row.histories}
        assert all(f"`{event}`" in "\n".join(lines) for event in row.events)
        told = {line.split("`")[1] for line in lines if line.startswith("| `")}
        for table in tables_of(row):
            assert {column.name for column in all_columns(table)} <= told, table.name
    for page, shelf in (("models.md", MODELS), ("fivetran.md", FIVETRAN)):
        for name, model in library(shelf=shelf).items():
            section = there[page].partition(f"\n## {name}\n")[2].partition("\n## ")[0]
            assert all(f"| `{column}` |" in section for column in model.columns), name
    for name, command in cli.commands.items():
        section = there["commands.md"].partition(f"\n## {name}\n")[2].partition("\n## ")[0]
        options = [param.opts[0] for param in command.params if isinstance(param, click.Option)]
        assert all(option in section for option in options), name


@pytest.mark.parametrize("file", [README, *sorted(DOCS.rglob("*.md"))], ids=lambda f: f.name)
def test_its_links_lead_somewhere(file: Path) -> None:
    """Each link to a file, and to a heading of it or of the page itself, has its target."""
    for target in re.findall(r"\]\((?!https?:)([^)\s]*)\)", file.read_text("utf-8")):
        path, _, anchor = target.partition("#")
        linked = (file.parent / path).resolve() if path else file
        assert linked.exists(), target
        assert not anchor or anchor in anchors(linked), target


def anchors(file: Path) -> set[str]:
    """The headings of a page, as GitHub names them in an address."""
    heads = re.findall(r"^#+ (.*)$", file.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def test_every_command_and_option_in_it_exists() -> None:
    """Each ``stripe-source`` line uses commands and options that there are."""
    lines = re.findall(r"stripe-source ([a-z]+\b[^\n`|]*)", TEXT)
    assert len(lines) > 8
    for line in lines:
        name, *words = line.split("#")[0].split()
        command = cli.commands[name]
        context = click.Context(command)
        if isinstance(command, click.Group) and words[0] in command.list_commands(context):
            command = command.get_command(context, words[0])
        assert command is not None
        options = {o for param in command.params for o in param.opts}
        assert {w for w in words if w.startswith("--")} <= options, line


def test_every_argument_of_the_source_is_explained() -> None:
    """The configuration table names the source's arguments, but for those that are sync's own."""
    import inspect

    arguments = set(inspect.signature(stripe_source).parameters) - {"chunk_rows"}
    table = TEXT[TEXT.index("### Configuration") : TEXT.index("## What is in the tables")]
    named = set(re.findall(r"`([a-z_]+)`", table))
    assert arguments <= named


def test_every_command_has_examples() -> None:
    """``--help`` of each command shows how it is used."""
    for name, command in cli.commands.items():
        assert isinstance(command, click.Command)
        assert "Examples:" in command.get_help(click.Context(command)), name


@pytest.mark.parametrize("name", ["CHANGELOG.md", "DECISIONS.md", "LICENSE"])
def test_what_it_links_to_is_there(name: str) -> None:
    """Files that the README or the package name exist."""
    assert (ROOT / name).read_text("utf-8").strip()


def test_telemetry_is_off_in_the_project() -> None:
    """dlt's configuration in the repository turns its telemetry off."""
    config = tomllib.loads((ROOT / ".dlt" / "config.toml").read_text("utf-8"))
    assert config["runtime"]["dlthub_telemetry"] is False


def test_no_lock_file_with_addresses() -> None:
    """Versions are bounded in pyproject.toml, and no file pins download addresses."""
    names = {path.name for path in Path(ROOT).iterdir()}
    assert not names & {"uv.lock", "poetry.lock", "Pipfile.lock", "requirements.txt"}


def test_its_plays_are_plays(tmp_path: Path) -> None:
    """Each example in TOML and the function are good, and the table names what a play may say."""
    part = TEXT[TEXT.index("## Plays") : TEXT.index("### How changes are found")]
    for number, text in enumerate(re.findall(r"```toml\n(.*?)```", part, re.DOTALL)):
        (tmp_path / f"example_{number}.toml").write_text(text)
    for number, text in enumerate(re.findall(r"```python\n(.*?)```", part, re.DOTALL)):
        (tmp_path / f"example_{number}.py").write_text(text)
    assert sorted(plays_in(tmp_path)) == ["big_customer", "example_0", "example_1"]
    named = set(re.findall(r"`\[?([a-z_]+)\]?`", part))
    said = {*Play.model_fields, *Limits.model_fields, *Webhook.model_fields}
    assert said - {"name", "description", "function"} <= named


def test_its_queries_run(business: Simulator, tmp_path: Path) -> None:
    """Each SQL example has an answer, from the tables and the models that are deployed on them."""
    warehouse = Warehouse(tmp_path, "shop")
    warehouse.sync(business, resources="models")
    queries = re.findall(r"```sql\n(.*?)```", TEXT, re.DOTALL)
    assert len(queries) >= 7
    for query in queries:
        assert ask(str(warehouse.file), "stripe", query, None)[1], query
