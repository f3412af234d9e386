"""What the actions that write have in common: their fields, and which objects they are for."""

from abc import ABC
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import Field

from stripe_source.actions.action import Action
from stripe_source.actions.outcome import Json, Outcome
from stripe_source.actions.properties import schema_of
from stripe_source.errors import NotFound, StripeSourceError, Undecided, UsageError


def mapped(request: str) -> Any:
    """The field for properties and their values, of those that a request takes."""
    return Field(
        description="Properties and their values; nested ones by path: address.city, metadata.KEY. "
        "An empty text takes a property away, null leaves it alone.",
        json_schema_extra=lambda schema: schema.update(schema_of(request)),
    )


SHOWN = 5


class OfMatches(Action, ABC):
    """An action on the object that has a value, or on all that have."""

    matching_property: Annotated[
        str, Field(min_length=1, description="id, email, name, phone or metadata.KEY.")
    ]
    matching_value: Annotated[
        str,
        Field(
            description="The value that the property has, exactly.",
            json_schema_extra={"minLength": 1},  # an empty one gets a message of its own
        ),
    ]
    all_matches: Annotated[
        bool, Field(description="Where several customers have the value: all of them.")
    ] = False


def those(found: list[Json], path: str, value: str, *, every: bool) -> list[Json]:
    """The objects that match, of which there must be one, or several where that is meant."""
    if not found:
        raise NotFound(f"no customer has the {path} '{value}'")
    if len(found) > 1 and not every:
        ids = ", ".join(str(each["id"]) for each in found[:SHOWN])
        more = ", ..." if len(found) > SHOWN else ""
        raise UsageError(
            f"{len(found)} customers have the {path} '{value}' ({ids}{more}): "
            "match by id, or say --all-matches (in Python: all_matches=True)"
        )
    return found


def each_alone(found: list[Json], do: Callable[[Json], Outcome]) -> list[Outcome]:
    """Do it to each object. Of several one that fails fails alone; a single one raises."""
    if len(found) == 1:
        return [do(found[0])]
    outcomes = []
    for each in found:
        try:
            outcomes.append(do(each))
        except Undecided as doubt:
            outcomes.append(Outcome("unknown", str(each["id"]), why=str(doubt)))
        except StripeSourceError as refusal:
            request_id = refusal.request_id
            outcomes.append(
                Outcome("failed", str(each["id"]), why=str(refusal), request_id=request_id)
            )
    return outcomes


def request_of(answer: Any) -> str | None:
    """Stripe's id of the request that gave an answer."""
    return answer.last_response.request_id if answer.last_response else None
