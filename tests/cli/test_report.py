"""``report`` writes a page, whole or not at all."""

from collections.abc import Callable
from pathlib import Path

import pytest

from stripe_source.simulator import Simulator
from tests.cli.conftest import Terminal


@pytest.fixture
def synced(terminal: Terminal, made: Callable[..., Simulator]) -> Terminal:
    """A folder with a small account synced into it."""
    assert terminal.at(made()).run("sync", "--resources", "models", "--quiet").code == 0
    assert terminal.run("models", "deploy").code == 0
    return terminal


def test_a_report(synced: Terminal) -> None:
    """One line on stderr says where the page is; stdout has it for -; neither needs a key."""
    written = synced.run("report")
    assert (written.code, written.out, written.err) == (0, "", "the report is in report.html\n")
    page = (synced.folder / "report.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert page.endswith("</html>\n")
    shown = synced.run("report", "--output", "-")
    assert (shown.code, shown.out, shown.err) == (0, page, "")


def test_it_replaces_a_report_at_once(synced: Terminal) -> None:
    """An older page is replaced, also behind a link, and no draft is left."""
    old = synced.folder / "old.html"
    old.write_text("old")
    (synced.folder / "link.html").symlink_to(old)
    assert synced.run("report", "-o", "link.html").code == 0
    assert (synced.folder / "link.html").is_symlink()
    assert old.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert {path.name for path in synced.folder.iterdir()} == {
        "link.html",
        "old.html",
        "stripe_source.duckdb",
    }


@pytest.mark.parametrize(
    ("output", "line"),
    [
        (".", "Error: --output is a folder: ."),
        ("", "Error: --output is empty"),
        ("nowhere/report.html", "Error: there is no folder "),
        ("/dev/null", "Error: --output is no file: /dev/null; for stdout say '--output -'"),
    ],
)
def test_what_is_no_file(terminal: Terminal, output: str, line: str) -> None:
    """What can't be written is refused before anything is read."""
    ran = terminal.run("report", "--output", output)
    assert ran.code == 2
    assert ran.line.startswith(line)


def test_nothing_synced(terminal: Terminal) -> None:
    """Without a database there is nothing to report, and no page."""
    ran = terminal.run("report")
    assert ran.code == 2
    assert "sync" in ran.line
    assert not list(Path(terminal.folder).iterdir())


def test_no_models(terminal: Terminal, made: Callable[..., Simulator]) -> None:
    """Without models the error says how to get them, and an older page stays."""
    assert terminal.at(made()).run("sync", "--quiet").code == 0
    (terminal.folder / "report.html").write_text("old")
    ran = terminal.run("report")
    assert ran.code == 2
    assert "stripe-source models deploy" in ran.line
    assert (terminal.folder / "report.html").read_text() == "old"
    assert terminal.run("models", "deploy").code == 0
    assert terminal.run("report").code == 0
