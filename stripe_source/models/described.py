"""What is said of each column of a model: by the model, else by what the column is taken from."""

from collections.abc import Mapping

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, build_scope

from stripe_source.models.model import RAW, Model
from stripe_source.tables.described import text_of_column
from stripe_source.tables.every import every_table
from stripe_source.tables.types import ACCOUNT_COLUMN, all_columns

SAME_VALUE = (exp.Alias, exp.Paren)
ACCOUNT = "account_id"
"""Whose a row is, wherever a model has it."""


def texts_of(model: Model, models: Mapping[str, Model]) -> dict[str, str]:
    """The text of each column of a model, in their order; empty where nobody says anything.

    A column that is another's, unchanged, has the other's text: through CTEs and the models that
    this one reads (``models``, by name), down to the loaded tables. So has one that refers to it.
    """
    scope = build_scope(model.query)
    found = {}
    for name, said in model.columns.items():
        if name and name != "*":
            traced = _traced(name, scope, models) if scope and not said else ""
            found[name] = said or traced or _referred(name, model, models)
    return found


def _referred(name: str, model: Model, models: Mapping[str, Model]) -> str:
    """The text of the column that a column refers to."""
    if name == ACCOUNT:
        return ACCOUNT_COLUMN.description
    other, column = model.refers.get(name, (model.name, name))
    if other == model.name or other not in models:
        return ""
    return texts_of(models[other], models).get(column, "")


def _traced(name: str, scope: Scope, models: Mapping[str, Model]) -> str:
    """The text of a column of a query, by what it is taken from."""
    query = scope.expression
    if isinstance(query, exp.SetOperation):
        texts = [_traced(name, branch, models) for branch in scope.set_operation_scopes]
        return texts[0] if all(texts) else ""
    if not isinstance(query, exp.Query):  # a list of values, a function
        return ""
    column = next((each for each in query.selects if each.alias_or_name == name), None)
    if column is None:  # it comes by a star
        stars = {
            each.table for each in query.selects if each.is_star and isinstance(each, exp.Column)
        }
        aliases = stars or (set(scope.sources) if any(e.is_star for e in query.selects) else set())
        texts = [_in_source(name, scope.sources.get(alias), models) for alias in sorted(aliases)]
        return next(filter(None, texts), "")
    column = _unwrapped(column)
    if not isinstance(column, exp.Column):
        return ""
    sources = scope.sources
    alias = column.table or (next(iter(sources)) if len(sources) == 1 else "")
    return _in_source(column.name, sources.get(alias), models)


def _in_source(name: str, source: object, models: Mapping[str, Model]) -> str:
    """The text of a column of what a query reads: a query in it, a table or a model."""
    if isinstance(source, Scope):
        return _traced(name, source, models)
    return _said_by(source, name, models) if isinstance(source, exp.Table) else ""


def _unwrapped(column: exp.Expr) -> exp.Expr:
    """The column without what leaves its value as it is: another name, a text of it, its zone."""
    if isinstance(column, SAME_VALUE) or (
        isinstance(column, exp.Cast) and column.to.is_type("text")
    ):
        return _unwrapped(column.this)
    if isinstance(column, exp.Anonymous) and column.name.lower() == "utc":
        return _unwrapped(column.expressions[0])
    return column


def _said_by(table: exp.Table, column: str, models: Mapping[str, Model]) -> str:
    if table.db != RAW:
        other = models.get(table.name)
        return texts_of(other, models).get(column, "") if other else ""
    known = every_table().get(table.name)
    if known is None:
        return ""
    if column == "id":  # of which Stripe says the same everywhere
        return f"The id of the {known.object.replace('_', ' ').replace('.', ' ')} in Stripe."
    return next((text_of_column(c) for c in all_columns(known) if c.name == column), "")
