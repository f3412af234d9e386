"""Objects found: one by its id, or those that fit a filter."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import Field

from stripe_source.actions.filters import (
    CannotTell,
    Filter,
    SearchKind,
    in_words,
    list_fields,
    to_list,
    to_search,
)
from stripe_source.actions.outcome import Json, Outcome
from stripe_source.errors import (
    AccessError,
    Gone,
    NotFound,
    StripeSourceError,
    StripeUnavailable,
    UsageError,
)

Id = Annotated[str, Field(min_length=1, description="The id in Stripe.")]
Wanted = Annotated[
    Filter | str | None,
    Field(description="Conditions, or a query in the language of Stripe's search."),
]
Limit = Annotated[int, Field(ge=1, le=100, description="How many at most.")]

KINDS = {
    "ch_": "charge",
    "cn_": "credit note",
    "cus_": "customer",
    "evt_": "event",
    "in_": "invoice",
    "pi_": "payment intent",
    "pm_": "payment method",
    "price_": "price",
    "prod_": "product",
    "si_": "subscription item",
    "sub_": "subscription",
}
"""What the ids of some objects begin with."""


def get(service: Any, noun: str, identifier: str) -> Json:
    """An object by its id. Raises NotFound, for a deleted one Gone."""
    if not identifier.strip("."):  # a path's segments of dots lead elsewhere
        raise UsageError(f"'{identifier}' is no id")
    try:
        found: Json = service.retrieve(identifier).to_dict()
    except NotFound as missing:
        prefix = next((each for each in KINDS if identifier.startswith(each)), "")
        if KINDS.get(prefix, noun) != noun:
            missing.args = (f"{missing}: that is the id of a {KINDS[prefix]}",)
        raise
    if found.get("deleted"):
        raise Gone(f"the {noun} {identifier} was deleted")
    return found


@dataclass(frozen=True)
class Ways:
    """How objects are found: the request that lists them, and the fields that search knows.

    ``always`` are the list's parameters where no condition says otherwise.
    """

    request: str
    fields: Mapping[str, SearchKind]
    always: Json = field(default_factory=dict)


def find(service: Any, ways: Ways, wanted: Filter | str | None, limit: int) -> list[Outcome]:
    """Objects that fit, in Stripe's order.

    A list filters at once and exactly, in every account, so conditions go there if it can tell
    them all, else to search, which is up to a minute late. Raises UsageError where neither can
    tell.
    """
    if isinstance(wanted, str):
        if not wanted.strip():
            raise UsageError("the query is empty")
        given: Json = {"query": wanted}
    else:
        given = _parameters(ways, wanted or Filter(conditions=[]))
    method = service.search if "query" in given else service.list
    try:
        found = method({**given, "limit": limit}).data
    except (AccessError, StripeUnavailable):
        raise
    except StripeSourceError as refusal:
        if "query" in given:
            refusal.args = (f"{refusal} (the query was: {given['query']})",)
        raise
    return [Outcome("found", each["id"], each.to_dict()) for each in found]


def _parameters(ways: Ways, wanted: Filter) -> Json:
    try:
        return ways.always | to_list(wanted, ways.request)
    except CannotTell as of_list:
        try:
            return {"query": to_search(wanted, ways.fields)}
        except CannotTell as of_search:
            raise UsageError(
                f"{of_search}; {of_list}. Search takes: {in_words(ways.fields)}. "
                f"The list takes: {in_words(list_fields(ways.request))}"
            ) from None


def found(obj: Json) -> list[Outcome]:
    """The outcome of a read."""
    return [Outcome("found", str(obj["id"]), obj)]
