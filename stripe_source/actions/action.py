"""What every action is: typed fields with a title and a description, and what it does.

A subclass in a file of ``catalog`` is all that there is to an action: its class name gives its
name, its docstring the description, its fields the Python signature, the options of the command,
the JSON Schema and the tool of the MCP server.
"""

import re
from abc import ABC, abstractmethod
from typing import Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from stripe_source.actions.outcome import Outcome
from stripe_source.actions.session import Session
from stripe_source.errors import UsageError, did_you_mean


class Action(BaseModel, ABC):
    """One thing to do in Stripe, with its fields filled in.

    ``writes`` says whether it changes anything, ``again`` what it comes to when it is done twice:
    the ``same``, ``twice`` as much, or that the object is ``gone``. ``shown`` says which properties
    of what it finds make a table, ``examples`` how the command is called, and ``request`` whose
    parameters its ``mappings`` are.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    writes: ClassVar[bool] = False
    again: ClassVar[Literal["same", "twice", "gone"]] = "same"
    shown: ClassVar[tuple[str, ...]] = ("id",)
    examples: ClassVar[tuple[str, ...]] = ()
    request: ClassVar[str] = ""

    @classmethod
    def name(cls) -> str:
        """Verb and object: ``upsert customers``."""
        return re.sub(r"(?<!^)(?=[A-Z])", " ", cls.__name__).lower()

    @classmethod
    def title(cls) -> str:
        """The name as a heading: ``Upsert customers``."""
        return cls.name().capitalize()

    @classmethod
    def description(cls) -> str:
        """What it does."""
        return " ".join((cls.__doc__ or "").split())

    @classmethod
    def described(cls) -> dict[str, Any]:
        """Everything that a workflow tool needs to offer it, with the JSON Schema of its fields."""
        return {
            "name": cls.name(),
            "title": cls.title(),
            "description": cls.description(),
            "writes": cls.writes,
            "fields": cls.model_json_schema(),
        }

    @classmethod
    def of(cls, fields: dict[str, Any]) -> Self:
        """The action with these fields. Raises UsageError, in one line, for what can't be one."""
        try:
            return cls.model_validate(fields)
        except ValidationError as invalid:
            first = invalid.errors(include_url=False, include_context=False)[0]
            place = ".".join(str(part) for part in first["loc"] if not _is_branch(part))
            if first["type"] == "extra_forbidden":
                hint = did_you_mean(place, cls.model_fields)
                raise UsageError(f"'{cls.name()}' has no field '{place}'{hint}") from None
            if first["type"] in ("missing", "string_too_short"):
                raise UsageError(f"'{cls.name()}' needs its field '{place}'") from None
            line = first["msg"].removeprefix("Value error, ")
            raise UsageError(f"{cls.name()}: {place}: {line}") from None

    @abstractmethod
    def run(self, session: Session) -> list[Outcome]:
        """Do it. Raises one of ``errors``' classes where it can't be done."""


def _is_branch(part: int | str) -> bool:
    """Whether a part of pydantic's location names a type in a union, and no field."""
    return isinstance(part, str) and bool(re.search(r"[\[(A-Z]|^(str|int|bool)$", part))
