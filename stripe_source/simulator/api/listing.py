"""Cuts one page out of a list: order, cursors, ``created`` and filters.

Order is ``created`` descending with ties by insertion, newest first (Stripe: "sorted by creation
date, most recent first"); a cursor is excluded from its page. Only the rows of the page and those
that filters reject are touched.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from stripe_source.simulator.api.errors import ApiError
from stripe_source.simulator.api.query import Range
from stripe_source.simulator.store.ordered import Ordered
from stripe_source.simulator.store.row import Row
from stripe_source.simulator.types import Json

LAST = 2**62


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in the order in which they are served."""

    rows: list[Row]
    has_more: bool


@dataclass(frozen=True, slots=True)
class Cut:
    """What a list request asks for."""

    limit: int = 10
    created: Range | None = None
    starting_after: Row | None = None
    ending_before: Row | None = None


def limit_of(values: Json) -> int:
    """``limit``, 10 by default, from 1 to 100."""
    limit: int = values.get("limit", 10)
    if limit > 100:
        raise ApiError(
            400,
            "Invalid integer: limit must be between 1 and 100",
            code="parameter_invalid_integer",
            param="limit",
        )
    if limit < 1:
        raise ApiError(
            400,
            "This value must be greater than or equal to 1.",
            code="parameter_invalid_integer",
            param="limit",
        )
    return limit


def cut_of(values: Json, most: int, find: Callable[[str, str], Row]) -> Cut:
    """The paging part of the parameters, of so many rows; ``find(param, id)`` looks a cursor up."""
    after, before = values.get("starting_after"), values.get("ending_before")
    if after and before:
        raise ApiError(
            400,
            "Received both starting_after and ending_before. You may only pass one of them.",
            code="parameters_exclusive",
        )
    return Cut(
        min(limit_of(values), most),
        values.get("created"),
        find("starting_after", after) if after else None,
        find("ending_before", before) if before else None,
    )


def page(ordered: Ordered, cut: Cut, keep: Callable[[Row], bool] | None) -> Page:
    """One page of the rows that ``keep`` lets through."""
    low, high = bounds(ordered, cut)
    forward = cut.ending_before is not None
    span = range(low, high) if forward else range(high - 1, low - 1, -1)
    if keep is None:
        rows = [ordered.rows[i] for i in span[: cut.limit]]
        more = len(span) > cut.limit
    else:
        rows = list(islice(filter(keep, (ordered.rows[i] for i in span)), cut.limit + 1))
        more = len(rows) > cut.limit
        rows = rows[: cut.limit]
    return Page(rows[::-1] if forward else rows, more)


def bounds(ordered: Ordered, cut: Cut) -> tuple[int, int]:
    """The half-open span of positions that time and cursor leave."""
    low, high = 0, len(ordered)
    if cut.created and cut.created.low is not None:
        low = ordered.before((cut.created.low, -1))
    if cut.created and cut.created.high is not None:
        high = ordered.through((cut.created.high, LAST))
    if cut.starting_after:
        high = min(high, ordered.before(cut.starting_after.key))
    if cut.ending_before:
        low = max(low, ordered.through(cut.ending_before.key))
    return low, max(low, high)
