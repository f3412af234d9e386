"""What a model's header says of its rows, as rules that can be tested wherever the model is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from stripe_source.models.model import Model


@dataclass(frozen=True)
class Unique:
    """No two rows have the same values in these columns."""

    columns: tuple[str, ...]


@dataclass(frozen=True)
class NotNull:
    """Each of the columns has a value in every row."""

    columns: tuple[str, ...]


@dataclass(frozen=True)
class Refers:
    """What is in the column is in that of another model: of the same account, where both say it."""

    column: str
    model: str
    key: str
    same_account: bool


@dataclass(frozen=True)
class OneOf:
    """The column has one of these values, or none."""

    column: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Holds:
    """The condition, in DuckDB's SQL, is not false of any row."""

    condition: str


Rule = Unique | NotNull | Refers | OneOf | Holds


def rules(model: Model, deployed: Mapping[str, Model], account: str | None) -> Iterator[Rule]:
    """The rules of a model: its key, references, values, and what holds of each row.

    ``account`` is the column that says, where a model has it, whose a row is. A reference to a
    model that is not ``deployed`` is none.
    """
    if model.key:
        yield Unique(_key(model, account))
        yield NotNull(_key(model, account))
    for column, (other, key) in model.refers.items():
        if other in deployed:
            alike = all(account in each.columns for each in (model, deployed[other]))
            yield Refers(column, other, key, alike)
    for column, values in model.one_of.items():
        yield OneOf(column, values)
    for condition in model.holds:
        yield Holds(condition)


def _key(model: Model, account: str | None) -> tuple[str, ...]:
    """The key's columns, with the account where there is one."""
    if account and account in model.columns and account not in model.key:
        return (account, *model.key)
    return model.key
