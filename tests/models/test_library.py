"""What each model's file says of it, and that it can be said in other dialects."""

from __future__ import annotations

import re

import pytest
import sqlglot

from stripe_source.catalog import GROUPS
from stripe_source.models.library import library, resources_of
from stripe_source.models.model import Model
from stripe_source.models.render import Loaded, Schemas, render
from stripe_source.models.settings import ModelSettings
from stripe_source.models.shelf import MODELS as SHELF
from stripe_source.tables.every import every_table

MODELS = library()
DIALECTS = ("postgres", "clickhouse", "snowflake", "bigquery", "redshift", "databricks")
UNWRITTEN = {
    "redshift": {
        "credit_note_refunds", "invoice_line_items", "invoices", "tax_by_rate",
    }
}  # fmt: skip
"""Models that a dialect has no words for: Redshift has none for the items of a JSON text."""
NOW = "2026-01-31T12:00:00Z"
SETTING = re.compile(r"\$[a-z]")
WITH_ACCOUNT = "account_id"
PLAIN = {"begins", "change", "count", "country", "days", "end", "mrr", "name", "number", "start"}
"""Words that need no explanation beside those that are explained."""


def words(names: set[str]) -> set[str]:
    """The words that names are made of."""
    return {word for name in names for word in re.split(r"_+", name) if word}


def fields(model: Model) -> set[str]:
    """All columns of the tables that a model reads, itself or through others: Stripe's names."""
    found = {c.name for table in model.tables for c in every_table()[table].columns}
    return found.union(*(fields(MODELS[other]) for other in model.models))


def unexplained(model: Model) -> list[str]:
    """Columns without a comment, whose names have a word that is neither Stripe's nor explained.

    A name means one thing in all models: a comment in one is enough. ``_minor``, ``_at`` and
    ``_converted`` are explained once, and words of the values that a column may have by its header.
    """
    comments = {n: text for other in MODELS.values() for n, text in other.columns.items() if text}
    values = {v for other in MODELS.values() for those in other.one_of.values() for v in those}
    known = fields(model) | set(comments) | set(MODELS) | values | set(model.one_of) | PLAIN
    known |= {name for other in MODELS.values() for name in (*other.key, *other.refers)}
    return [n for n in model.columns if n not in comments and not words({n}) <= words(known)]


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_a_model_says_what_it_is(model: Model) -> None:
    """It has a sentence, what a row is, a key of columns that it has, and explains its columns."""
    assert model.description[0].isupper()
    assert model.grain.split()[0] in ("a", "an")
    assert set(model.key) <= set(model.columns)
    assert {*model.refers, *model.one_of} <= set(model.columns)
    assert model.optional <= model.tables
    assert not model.needs & model.tables
    for other, column in model.refers.values():
        assert column in MODELS[other].columns
    assert unexplained(model) == []


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_a_model_begins_with_the_account(model: Model) -> None:
    """The account is its first column, but where it is about none; no name is there twice."""
    names = [column.alias_or_name for column in model.query.selects]
    assert len(set(names)) == len(names)
    assert "*" not in names
    assert names[0] == WITH_ACCOUNT or model.name == "months"


def test_names_are_unique() -> None:
    """No two files have one name, in whatever folders they are."""
    files = [file.stem for file in SHELF.folder.rglob("*.sql")]
    assert len(set(files)) == len(files) == len(MODELS)


def test_the_group_of_resources() -> None:
    """The group ``models`` is what the models read, no more and no less."""
    assert set(GROUPS["models"]) == set(resources_of(MODELS.values()))
    assert set(GROUPS["default"]) <= set(GROUPS["models"])
    assert "invoice_payments" in resources_of([MODELS["revenue_monthly"]])


def test_each_model_comes_behind_those_it_reads() -> None:
    """So they can be deployed in this order."""
    seen: set[str] = set()
    for name, model in MODELS.items():
        assert model.models <= seen, name
        seen.add(name)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_other_dialects(dialect: str) -> None:
    """Every model is written in the dialect without an exception, and sqlglot reads it again."""
    schemas = Schemas(dialect, "stripe", "stripe_models")
    unread = set()
    for settings in (ModelSettings(now=NOW), ModelSettings(timezone="Asia/Tokyo")):
        for loaded in (Loaded(frozenset(every_table())), Loaded()):
            for model in MODELS.values():
                sql = render(model, schemas, settings, loaded)
                assert not SETTING.search(sql), model.name
                try:
                    sqlglot.parse_one(sql, dialect=dialect)
                except sqlglot.ParseError:
                    unread.add(model.name)
    assert unread == UNWRITTEN.get(dialect, set())
