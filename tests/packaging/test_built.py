"""The wheel and the sdist have what they need, and say what they are."""

import re
from email import message_from_bytes
from importlib.metadata import metadata
from pathlib import Path

from packaging.metadata import Metadata
from readme_renderer import markdown

from stripe_source.settings import VERSION
from tests.packaging.conftest import ROOT, Built, build

IN_PLACE = {"__pycache__", ".mypy_cache"}


def package_files() -> set[str]:
    """Every file of the package in the checkout."""
    files = (file for file in (ROOT / "stripe_source").rglob("*") if file.is_file())
    return {
        file.relative_to(ROOT).as_posix() for file in files if not IN_PLACE.intersection(file.parts)
    }


def test_the_wheel_has_the_package_and_nothing_else(built: Built) -> None:
    """All files of the package, data and SQL too, and beside them only what describes them."""
    names = set(built.in_wheel())
    about = f"stripe_source-{VERSION}.dist-info/"
    assert {name for name in names if not name.startswith(about)} == package_files()
    assert f"{about}licenses/LICENSE" in names
    for kind in ("py.typed", "models/sql/mrr/mrr.sql", "models/fivetran/charge.sql",
                 "schema/objects/invoice.json", "simulator/data/operations.json",
                 "plays/templates/invoice_overdue.toml"):  # fmt: skip
        assert f"stripe_source/{kind}" in names
    assert [name for name in names if "/page/static/" in name and name.endswith(".js")]


def test_the_metadata_is_good(built: Built) -> None:
    """It is valid as package indexes have it, and the README in it renders."""
    (raw,) = (text for name, text in built.in_wheel().items() if name.endswith("/METADATA"))
    parsed = Metadata.from_email(raw, validate=True)
    assert (parsed.name, str(parsed.version)) == ("stripe-source", VERSION)
    assert parsed.description_content_type == "text/markdown"
    rendered = markdown.render(str(message_from_bytes(raw).get_payload()))
    assert rendered is not None
    assert "<h2" in rendered


def test_extras_name_extras_of_dlt() -> None:
    """Each extra that is one of dlt's has the same name there; README and errors rely on it."""
    known = set(metadata("dlt").get_all("Provides-Extra") or ())
    required = metadata("stripe-source").get_all("Requires-Dist") or ()
    found = [re.match(r"dlt\[(.+)\] ?; extra == ['\"](.+)['\"]", line) for line in required]
    pairs = {(match[1], match[2]) for match in found if match and match[2] != "dev"}
    assert len(pairs) >= 20
    for theirs, ours in pairs:
        assert theirs == ours
        assert theirs in known
    destinations = {"bigquery", "clickhouse", "databricks", "motherduck", "postgres", "snowflake"}
    assert destinations <= {ours for _, ours in pairs}


def test_the_sdist_makes_the_same_wheel(built: Built, unpacked: Path, tmp_path: Path) -> None:
    """What is released as source has all that the wheel is made of, and the tests and docs."""
    again = Built(build(unpacked, tmp_path / "again", "--wheel"), built.sdist)
    assert again.wheel.name == built.wheel.name
    assert again.in_wheel() == built.in_wheel()
    there = {path.name for path in unpacked.iterdir()}
    assert {"tests", "docs", "pipelines", "CHANGELOG.md", "Dockerfile"} <= there
    assert not (unpacked / ".dlt" / "secrets.toml").exists()
