"""The fields of an action as options of a command, and back."""

import types
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin

import click

from stripe_source.errors import UsageError

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from stripe_source.actions.action import Action

MATCH = ("matching_property", "matching_value")


def parameters(action: "type[Action]") -> list[click.Parameter]:
    """The arguments and options that fill in an action's fields."""
    found: list[click.Parameter] = []
    for name, field in action.model_fields.items():
        if name == "id":
            found.append(click.Argument(["id"], required=not action.writes))
        elif name == "filter":
            found += _of_filter()
        elif name == "mappings":
            found.append(_set(field))
        elif name == MATCH[0]:
            found.append(_match())
        elif name != MATCH[1]:
            found.append(_option(name, field))
    return found


def filled(action: "type[Action]", given: dict[str, Any]) -> dict[str, Any]:
    """The fields of an action by what its options were given; what was not given is left out."""
    fields = dict(given)
    if "filter" in action.model_fields:
        fields["filter"] = _filter(
            fields.pop("where"), fields.pop("either"), fields.pop("query", None)
        )
    if "mappings" in action.model_fields:
        fields["mappings"] = pairs("--set", fields.pop("set_"))
    if MATCH[0] in action.model_fields:
        match = fields.pop("match")
        if match is None:
            raise UsageError("say which: --match PROPERTY=VALUE")
        fields |= dict(zip(MATCH, pair("--match", match), strict=True))
    return {name: value for name, value in fields.items() if value is not None}


def pairs(option: str, texts: tuple[str, ...]) -> dict[str, str]:
    """Several of them. Raises UsageError for a name that is there twice."""
    found: dict[str, str] = {}
    for name, value in (pair(option, text) for text in texts):
        if name in found:
            raise UsageError(f"{option} names '{name}' twice")
        found[name] = value
    return found


def pair(option: str, text: str) -> tuple[str, str]:
    """``name=value`` in two. Raises UsageError for anything else."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise UsageError(f"{option} is written {option} NAME=VALUE, not '{text}'")
    return name.strip(), value


def _of_filter() -> list[click.Parameter]:
    return [
        click.Option(
            ["--where"],
            nargs=3,
            multiple=True,
            metavar="FIELD OPERATOR VALUE",
            help="A condition, such as: email = ada@example.com. Operators: = != ~ > >= < <=, and "
            "'is empty', 'is not-empty'.",
        ),
        click.Option(["--any", "either"], is_flag=True, help="Any condition will do."),
        click.Option(["--query"], help="A query in the language of Stripe's search instead."),
    ]


def _filter(where: tuple[tuple[str, str, str], ...], either: bool, query: str | None) -> Any:
    if query is not None:
        if where or either:
            raise UsageError("--query and --where exclude each other")
        return query
    conditions = []
    for field, operator, value in where:
        if operator == "is":
            if value not in ("empty", "not-empty"):
                raise UsageError("'is' takes empty or not-empty; use = to compare")
            conditions.append({"field": field, "operator": value.replace("-", " ")})
        else:
            conditions.append({"field": field, "operator": operator, "value": value})
    return {"conditions": conditions, "combine": "or" if either else "and"}


def _set(field: "FieldInfo") -> click.Option:
    return click.Option(
        ["--set", "set_"],
        multiple=True,
        metavar="PROPERTY=VALUE",
        help=f"{field.description} Several times.",
    )


def _match() -> click.Option:
    return click.Option(
        ["--match"],
        metavar="PROPERTY=VALUE",
        help="Which customer: id, email, name, phone or metadata.KEY, and its value, exactly.",
    )


def _option(name: str, field: "FieldInfo") -> click.Option:
    flag = f"--{name.replace('_', '-')}"
    kind = _kind(field.annotation)
    if kind is bool:
        return click.Option([flag, name], is_flag=True, default=None, help=field.description)
    shown = "" if field.default is None else f"  [default: {field.default}]"
    return click.Option([flag, name], type=_type(kind, field), help=f"{field.description}{shown}")


def _kind(annotation: Any) -> Any:
    """What a field is, null aside."""
    if get_origin(annotation) in (Union, types.UnionType):
        (kind,) = (each for each in get_args(annotation) if each is not type(None))
        return kind
    return annotation


def _type(kind: Any, field: "FieldInfo") -> Any:
    if get_origin(kind) is Literal:
        return click.Choice(get_args(kind))
    if kind is int:
        least = next((each.ge for each in field.metadata if hasattr(each, "ge")), None)
        most = next((each.le for each in field.metadata if hasattr(each, "le")), None)
        return click.IntRange(least, most)
    return str
