"""``dbt_project.yml`` and the project's README."""

from collections.abc import Iterator
from dataclasses import fields
from importlib.resources import files
from string import Template

from stripe_source.dbt.documents import document
from stripe_source.dbt.names import PROJECT
from stripe_source.dbt.profiles import PROFILE
from stripe_source.dbt.subject import Subject
from stripe_source.models.settings import SECTION, ModelSettings

HEAD = """\
# The data models of stripe-source: yours, written once and kept by later exports. The models refer
# to each other by the project's name, so keep that.

"""
DATABASE = """\
  # The database of the loaded tables, where it is not the target's:
  # stripe_database: raw
"""
IGNORED = "target/\ndbt_packages/\nlogs/\n"


def project_file(subject: Subject) -> str:
    """``dbt_project.yml``."""
    text = document(
        {
            "name": PROJECT,
            "version": "1.0.0",
            "profile": PROFILE,
            "flags": {"send_anonymous_usage_stats": False},
            "models": {PROJECT: {"+materialized": "view"}},
            "vars": {"stripe_schema": subject.dataset},
        }
    )
    return HEAD + text + DATABASE


def readme(subject: Subject) -> str:
    """What the project is and how it is run."""
    text = (files("stripe_source.dbt") / "static" / "README.md").read_text("utf-8")
    return Template(text).substitute(
        models=len(subject.models),
        adapter=subject.adapter,
        section=SECTION,
        schema=subject.dataset,
        settings="\n".join(_settings(subject.settings)),
    )


def _settings(settings: ModelSettings) -> Iterator[str]:
    for each in fields(settings):
        value = getattr(settings, each.name)
        yield f"- `{each.name}`: {'not set' if value is None else f'`{value}`'}"
