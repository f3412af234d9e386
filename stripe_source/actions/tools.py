"""The actions as tools for an agent: by id alone, and one object at a time.

An agent may misread a value, so here a write names its object by its id, where an action matches by
any property, and there are no writes for all that match.
"""

from collections.abc import Mapping
from typing import Any

from stripe_source.actions.action import Action
from stripe_source.actions.outcome import Json, Outcome
from stripe_source.actions.registry import actions
from stripe_source.actions.session import Session
from stripe_source.errors import UsageError, did_you_mean

MATCHING = ("matching_property", "matching_value")
NOT_OFFERED = (*MATCHING, "all_matches", "erase")


def tools(*, writes: bool) -> dict[str, type[Action]]:
    """The actions that are offered, by their names as tools (``search_customers``)."""
    return {
        name.replace(" ", "_"): action
        for name, action in actions().items()
        if writes or not action.writes
    }


def description(action: type[Action]) -> str:
    """What a tool does; here an object is told by its id, and so an upsert makes none."""
    text = action.description()
    if MATCHING[0] not in action.model_fields:
        return text
    return f"{text} Here the customer is told by its id; what there is not is an error."


def schema(action: type[Action]) -> Json:
    """The JSON Schema of a tool's arguments."""
    found = action.model_json_schema()
    if MATCHING[0] in action.model_fields:
        kept = {name: each for name, each in found["properties"].items() if name not in NOT_OFFERED}
        identifier = {"type": "string", "minLength": 1, "description": "The id in Stripe."}
        found["properties"] = {"id": identifier, **kept}
        found["required"] = ["id", *(name for name in found["required"] if name in kept)]
    return found


def call(session: Session, name: str, arguments: Mapping[str, Any], *, writes: bool) -> list[Json]:
    """Do it; gives what was found or done, without what is null.

    Raises UsageError for a tool that is not offered, and otherwise as the action.
    """
    offered = tools(writes=writes)
    if name not in offered:
        hint = did_you_mean(name, offered)
        if name in tools(writes=True):
            hint = ": this server only reads; --allow-writes lets it write"
        raise UsageError(f"there is no tool '{name}'{hint}")
    action = offered[name]
    return [_plain(each) for each in action.of(_fields(action, arguments)).run(session)]


def _fields(action: type[Action], arguments: Mapping[str, Any]) -> dict[str, Any]:
    if MATCHING[0] not in action.model_fields:
        return dict(arguments)
    if given := [each for each in NOT_OFFERED if each in arguments]:
        raise UsageError(f"'{given[0]}' is not for tools: they write by id, and in Stripe alone")
    identifier, rest = str(arguments.get("id") or ""), dict(arguments)
    rest.pop("id", None)
    if not identifier:
        raise UsageError("the id is missing")
    return rest | dict(zip(MATCHING, ("id", identifier), strict=True))


def _plain(outcome: Outcome) -> Json:
    if outcome.outcome == "found":
        found: Json = _filled(outcome.object)
        return found
    return {
        "outcome": outcome.outcome,
        "id": outcome.id,
        "changes": outcome.plain_changes,
        "dry_run": outcome.dry_run,
        **({"why": outcome.why} if outcome.why else {}),
    }


def _filled(value: Any) -> Any:
    """Without nulls and empty things, which would only fill an agent's context."""
    if isinstance(value, dict):
        inner = {name: _filled(each) for name, each in value.items()}
        return {name: each for name, each in inner.items() if each not in (None, {}, [], "")}
    return [_filled(each) for each in value] if isinstance(value, list) else value
