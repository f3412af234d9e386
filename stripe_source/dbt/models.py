"""``models/<family>``: each model's query, and what is known of its rows and columns."""

from collections.abc import Iterator
from typing import Any

from stripe_source.dbt.documents import document
from stripe_source.dbt.names import plain
from stripe_source.dbt.rules import tests_of, to_quote
from stripe_source.dbt.subject import Subject
from stripe_source.models.described import texts_of
from stripe_source.models.model import Model
from stripe_source.models.shelf import MODELS

OWN = "own"
"""The family of a user's own models."""


def model_files(subject: Subject) -> Iterator[tuple[str, str]]:
    """Paths and texts: the queries, each behind those that it reads, then what describes them.

    Raises UsageError where a model can't be rendered, or says no SQL of its rows.
    """
    families: dict[str, list[Model]] = {}
    for name, model in subject.models.items():
        family = family_of(model)
        families.setdefault(family, []).append(model)
        yield f"models/{family}/{name}.sql", subject.queries[name]
    for family, models in families.items():
        described = [_described(model, subject) for model in sorted(models, key=lambda m: m.name)]
        text = document({"version": 2, "models": described})
        yield f"models/{family}/_{family}.yml", text


def family_of(model: Model) -> str:
    """The folder of a model: that of ours, or one for all of the user's."""
    ours = model.file is not None and model.file.is_relative_to(MODELS.folder)
    return model.file.parent.name if ours and model.file else OWN


def _described(model: Model, subject: Subject) -> dict[str, Any]:
    tests = tests_of(model, subject.models, subject.adapter)
    texts = texts_of(model, subject.models)
    odd = to_quote(model, subject.adapter)
    columns = []
    for name in {**texts, **tests.columns}:
        column = {"name": name, "description": plain(texts.get(name, ""))}
        quoting = {"quote": True} if name in odd else {}
        tested = {"data_tests": tests.columns[name]} if name in tests.columns else {}
        columns.append({k: v for k, v in (column | quoting | tested).items() if v})
    described = {
        "name": model.name,
        "description": plain(_description(model)),
        "data_tests": tests.model,
        "columns": columns,
    }
    return {key: value for key, value in described.items() if value}


def _description(model: Model) -> str:
    facts = [
        f"One row is {model.grain}." if model.grain else "",
        f"Key: {', '.join(model.key)}." if model.key else "",
    ]
    return "\n\n".join(filter(None, [model.description, " ".join(filter(None, facts))]))
