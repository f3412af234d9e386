"""A play: which changes of which model go where.

# plays/invoice_overdue.toml
model = "invoices_overdue"
on = ["added"]
where = "days_overdue >= 14"

[webhook]
url = "${CRM_WEBHOOK_URL}"
secret = "${CRM_WEBHOOK_SECRET}"

# plays/vip.py
from stripe_source.plays import Change, play

@play(model="customer_overview", on=["added"], where="mrr_converted > 1000")
def vip(change: Change) -> None: ...
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    ValidationError,
    field_validator,
    model_validator,
)

from stripe_source.errors import UsageError, did_you_mean
from stripe_source.plays.change import ID, Change, Kind
from stripe_source.plays.targets.acting import Acting
from stripe_source.plays.targets.function import Function
from stripe_source.plays.targets.target import Target
from stripe_source.plays.targets.webhook import Webhook

NAME = re.compile(r"[a-z][a-z0-9_-]{0,99}")


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_listed)]


class Limits(BaseModel):
    """How much a play may do.

    ``rows`` a run may find, or nothing is done until somebody has looked; ``rate`` deliveries a
    second; ``attempts`` before a delivery is a dead letter.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    rows: Annotated[int, Field(ge=1, strict=True)] = 1_000
    rate: Annotated[float, Field(gt=0, le=1_000)] = 10.0
    attempts: Annotated[int, Field(ge=1, le=20, strict=True)] = 8


class Play(BaseModel):
    """What is watched, and where its changes go.

    model: A data model; ``raw.invoices`` for a loaded table, ``schema.name`` for any other view.
    on: What starts it: a row that is added, changed or removed.
    where: A condition in SQL. A row that comes to fulfil it is added, one that ceases to, removed.
    columns: Those of which a change counts; by default all.
    key: The columns that tell a row; by default the model's own.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    name: str
    description: str = ""
    model: Annotated[str, Field(pattern=r"^\w+(\.\w+)?$")]
    on: Annotated[tuple[Kind, ...], BeforeValidator(_listed), Field(min_length=1)]
    where: str | None = None
    columns: Names = ()
    key: Names = ()
    limits: Limits = Limits()
    allow_live: StrictBool = False
    webhook: Webhook | None = None
    action: Acting | None = None
    function: Function | None = Field(default=None, repr=False)

    @field_validator("name")
    @classmethod
    def _name(cls, name: str) -> str:
        if not NAME.fullmatch(name) or name.startswith(ID):
            raise ValueError(
                f"a name has small letters, digits, _ and -, and does not begin with {ID}: {name!r}"
            )
        return name

    @model_validator(mode="after")
    def _one_target(self) -> Self:
        given = [each for each in (self.webhook, self.action, self.function) if each is not None]
        if len(given) != 1:
            raise ValueError("it has one target: [webhook] or [action], or is a Python function")
        if self.columns and "changed" not in self.on:
            raise ValueError("columns say which changes count: on has no 'changed'")
        return self

    @property
    def target(self) -> Target:
        """Where changes go."""
        for each in (self.webhook, self.action, self.function):
            if each is not None:
                return each
        raise AssertionError("a play has a target")

    @classmethod
    def of(cls, place: str, given: dict[str, Any]) -> Self:
        """The play with these fields. Raises UsageError in one line; ``place`` is where it is."""
        try:
            return cls.model_validate(given)
        except ValidationError as invalid:
            raise UsageError(f"{place}: {_line(invalid)}") from None


def play(
    *, model: str, on: str | Sequence[str], name: str | None = None, **given: Any
) -> Callable[[Callable[[Change], Any]], Play]:
    """Make a function a play, named after it unless ``name`` says otherwise.

    Takes what a file may say: ``where``, ``columns``, ``key``, ``limits``, ``description``.
    """

    def declared(call: Callable[[Change], Any]) -> Play:
        title = name or call.__name__
        fields = {"name": title, "model": model, "on": on, "function": Function(call), **given}
        fields.setdefault("description", " ".join((call.__doc__ or "").split()))
        return Play.of(f"the play '{title}'", fields)

    return declared


def _line(invalid: ValidationError) -> str:
    first = invalid.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return f"there is no '{place}'{did_you_mean(str(first['loc'][-1]), _names(first['loc']))}"
    if first["type"] == "missing":
        return f"'{place}' is missing"
    said = first["msg"].removeprefix("Value error, ")
    return f"{place}: {said}" if place else said


def _names(place: tuple[int | str, ...]) -> Iterator[str]:
    tables: dict[str, type[BaseModel]] = {"limits": Limits, "webhook": Webhook, "action": Acting}
    known = tables.get(str(place[0]), Play) if len(place) > 1 else Play
    yield from (name for name in known.model_fields if name not in ("name", "function"))
