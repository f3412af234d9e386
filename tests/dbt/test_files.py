"""Which files an export writes, keeps, removes and refuses."""

from __future__ import annotations

import multiprocessing
import os
from dataclasses import replace
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import pytest

from stripe_source.dbt import Export, export, offline, writing
from stripe_source.errors import StripeSourceError, UsageError
from stripe_source.models.library import library, select_models
from stripe_source.models.render import Loaded
from tests.dbt.conftest import Project

ONCE = {"dbt_project.yml", "profiles.yml", ".gitignore"}
BIG = "-- Big ones.\n-- key: customer_id\nSELECT account_id, customer_id FROM customers"


def exported(folder: Path, own: Path | None = None, **settings: Any) -> Export:
    """An export of the models that customers are enough for, which does not take long."""
    subject = offline("duckdb", "stripe", Path("shop.duckdb"), settings, own)
    loaded = frozenset({"customers"})
    few = select_models(library(own), loaded)
    return export(replace(subject, selection=few, loaded=Loaded(loaded)), folder)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project that was exported."""
    exported(tmp_path / "stripe_dbt")
    return Project(tmp_path / "stripe_dbt")


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A folder with a model of the user's."""
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "big.sql").write_text(BIG)
    return folder


def test_again(project: Project) -> None:
    """The same export again changes nothing, not even when files were written."""
    before, times = project.files(), mtimes(project)
    made = exported(project.folder)
    assert (made.written, made.removed) == ([], [])
    assert set(made.kept) == ONCE
    assert (project.files(), mtimes(project)) == (before, times)


def mtimes(project: Project) -> dict[str, int]:
    """When each file was written."""
    return {name: (project.folder / name).stat().st_mtime_ns for name in project.files()}


def test_each_file_says_whose_it_is(project: Project) -> None:
    """The first line of each file, but for those of the user, is the marker and its own place."""
    for name, content in project.files().items():
        first = content.decode().splitlines()[0]
        assert (f"{writing.MARKER}: {name}" in first) == (name not in ONCE), name


def test_settings_are_in_the_queries(project: Project) -> None:
    """With other settings only the queries that they are in, and the README, are written anew."""
    made = exported(project.folder, timezone="Europe/Berlin")
    assert "models/time/months.sql" in made.written
    assert "models/core/customers.sql" not in made.written
    assert "'Europe/Berlin'" in project.text("models/time/months.sql")
    assert "- `timezone`: `Europe/Berlin`" in project.text("README.md")


def test_what_is_gone_is_removed(project: Project, own: Path) -> None:
    """The files of a model that is gone go, with their folder; files of the user's stay."""
    exported(project.folder, own)
    kept = project.folder / "models" / "marts" / "copy.sql"
    kept.parent.mkdir()
    kept.write_text(project.text("models/own/big.sql"))
    made = exported(project.folder)
    assert made.removed == ["models/own/_own.yml", "models/own/big.sql"]
    assert not (project.folder / "models" / "own").exists()
    assert kept.exists()


def test_what_is_the_users_is_kept(project: Project) -> None:
    """An edited profile and project file stay, and it is said where they no longer fit."""
    for name in ONCE:
        (project.folder / name).write_text(f"# {name} of mine\n")
    made = exported(project.folder)
    assert made.unlike == "dbt_project.yml has no 'stripe'"
    assert {project.text(name) for name in ONCE} == {f"# {name} of mine\n" for name in ONCE}


def test_what_is_in_the_place_of_the_users_files(project: Project) -> None:
    """A folder there stops the export before it writes; a link stays, wherever it leads."""
    profiles = project.folder / "profiles.yml"
    profiles.unlink()
    profiles.symlink_to("nowhere.yml")
    assert "profiles.yml" in exported(project.folder).kept
    assert profiles.is_symlink()
    profiles.unlink()
    profiles.mkdir()
    before = project.files()
    with pytest.raises(UsageError, match="is a folder"):
        exported(project.folder)
    assert project.files() == before


def test_a_file_that_moved(project: Project) -> None:
    """A profile that names another DuckDB file is kept, and what it lacks is said."""
    file = project.folder / "profiles.yml"
    file.write_text(project.text("profiles.yml").replace("shop.duckdb", "elsewhere.duckdb"))
    made = exported(project.folder)
    assert made.unlike == f"profiles.yml has no '{Path('shop.duckdb').absolute()}'"
    assert "elsewhere.duckdb" in project.text("profiles.yml")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("README.md", "README.md is not of a 'dbt export'"),
        ("models/core/customers.sql", "core/customers.sql is not of a 'dbt export'"),
        ("tests/generic/stripe_holds.sql", "stripe_holds.sql is not of a 'dbt export'"),
        ("models/marts/customers.sql", "customers.sql has the name of one of the models"),
        ("models/core", "models/core is a file"),
        ("models", "models is a file"),
        ("", "stripe_dbt is a file"),
    ],
)
def test_a_foreign_file(tmp_path: Path, path: str, said: str) -> None:
    """What is in the way is a usage error of one line, before anything is written."""
    folder = tmp_path / "stripe_dbt"
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("SELECT 1 -- mine\n")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(UsageError, match=said) as refused:
        exported(folder)
    assert "\n" not in str(refused.value)
    assert sorted(tmp_path.rglob("*")) == before
    assert file.read_text() == "SELECT 1 -- mine\n"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_is_not_writable(tmp_path: Path) -> None:
    """It is said in one line."""
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o500)
    with pytest.raises(StripeSourceError, match=r"can't write .*: Permission denied"):
        exported(folder / "stripe_dbt")


def test_a_place_that_can_not_be_written() -> None:
    """What the file system refuses is one line, with its reason."""
    with pytest.raises(StripeSourceError, match=r"can't write /proc/.*: \w+"):
        exported(Path("/proc/stripe_dbt"))


def test_a_kill_in_the_middle(project: Project, own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each file is the old one or the new one, and the next export makes all of them new."""
    before = project.files()
    replaced = Path.replace
    left = [3]

    def replacing(self: Path, target: Path) -> Path:
        left[0] -= 1
        if left[0] < 0:
            os.kill(os.getpid(), 9)
        return replaced(self, target)

    monkeypatch.setattr(Path, "replace", replacing)
    child = multiprocessing.get_context("fork").Process(
        target=exported, args=(project.folder, own), kwargs={"timezone": "Europe/Berlin"}
    )
    child.start()
    child.join()
    monkeypatch.undo()
    assert child.exitcode == -9
    half = project.files()
    exported(project.folder, own, timezone="Europe/Berlin")
    after = project.files()
    drafts = {name for name in half if Path(name).name.startswith(".") and name not in ONCE}
    assert len(drafts) == 1
    assert half != before
    assert all(half[name] in (before.get(name), after[name]) for name in set(half) - drafts)


def test_two_at_once(tmp_path: Path) -> None:
    """Two that write into one folder get in each other's way nowhere, and leave what one wrote."""
    texts = ["a" * 100_000, "b" * 100_000]
    context = multiprocessing.get_context("fork")
    together = context.Barrier(2)
    both = [context.Process(target=write_often, args=(tmp_path, each, together)) for each in texts]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert [each.exitcode for each in both] == [0, 0]
    assert [path.name for path in tmp_path.iterdir()] == ["README.md"]
    assert (tmp_path / "README.md").read_text() in texts


def write_often(folder: Path, text: str, together: Barrier) -> None:
    """Write a file again and again, at the same time as another one."""
    together.wait()
    for _ in range(300):
        writing.write(folder, {"README.md": text}, {})
