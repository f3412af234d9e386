"""``docs/models.md`` and ``docs/fivetran.md``: every model with its grain, key and columns."""

from stripe_source.catalog import CATALOG
from stripe_source.models.described import texts_of
from stripe_source.models.library import library
from stripe_source.models.model import Model
from stripe_source.models.shelf import FIVETRAN, MODELS, Shelf
from tests.readme.markdown import code, page, plain, rows

MODELS_INTRODUCTION = """\
SQL views, deployed by every sync into the schema `stripe_models`. Amounts are decimals in the
currency's own unit, those that end in `_minor` in Stripe's minor units. How they are used is
[in the README](../README.md#data-models), how the figures are defined
[in DECISIONS.md](../DECISIONS.md#metrics)."""
FIVETRAN_INTRODUCTION = """\
Views named and typed like the tables of Fivetran's Stripe connector, in the schema
`stripe_fivetran`, deployed by `stripe-source sync --fivetran`. What to know of them is
[in the README](../README.md#the-schema-of-fivetrans-connector)."""


def models_page() -> str:
    """The data models, by family."""
    return _page("Data models", MODELS, MODELS_INTRODUCTION)


def fivetran_page() -> str:
    """The views in the shape of Fivetran's tables."""
    return _page("Fivetran's shape", FIVETRAN, FIVETRAN_INTRODUCTION)


def _page(title: str, shelf: Shelf, introduction: str) -> str:
    models = dict(sorted(library(shelf=shelf).items()))
    lines = [[f"[{m.name}](#{m.name})", plain(m.grain), plain(_first(m))] for m in models.values()]
    overview = rows(["model", "a row is", "what it holds"], lines)
    return page(title, introduction, overview, *(_model(m, models) for m in models.values()))


def _first(model: Model) -> str:
    """The first paragraph of what is said of a model, without where it is from."""
    return " ".join(model.description.split("\n\n")[0].split()).split(" Source:")[0]


def _model(model: Model, models: dict[str, Model]) -> str:
    read = [f"[{name}](#{name})" for name in sorted(model.models)]
    read += [_loaded(table) for table in sorted(model.tables)]
    facts = [
        f"A row is {plain(model.grain)}.",
        f"Key: {code(model.key)}." if model.key else "",
        f"Reads {', '.join(read)}." if read else "",
    ]
    paragraphs = [plain(each) for each in model.description.split("\n\n")]
    values = {column: f"One of {code(given)}." for column, given in model.one_of.items()}
    lines = [
        [f"`{name}`", _sentences(plain(text), values.get(name, ""))]
        for name, text in texts_of(model, models).items()
    ]
    parts = [f"## {model.name}", *paragraphs, " ".join(filter(None, facts))]
    return "\n\n".join([*parts, rows(["column", "what it is"], lines)])


def _sentences(text: str, values: str) -> str:
    """What is said of a column, and the values that it may have."""
    return f"{text.rstrip('.')}. {values}" if text and values else text or values


def _loaded(table: str) -> str:
    """A loaded table, linked to the page of the first resource that fills it."""
    for row in CATALOG.values():
        if table in (*row.tables, *row.histories):
            return f"[raw.{table}](resources/{row.name}.md#table-{table})"
    return f"`raw.{table}`"
