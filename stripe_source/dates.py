"""Dates as users write them, as seconds since 1970."""

from datetime import date, datetime

import pendulum

from stripe_source.errors import UsageError

DateLike = str | int | date | None


def seconds_of(value: DateLike, name: str) -> int | None:
    """An ISO date or time, a date object or Unix seconds; without a zone it is UTC.

    Raises UsageError for anything else. ``name`` is how the user calls the value.
    """
    if value is None or value == "":
        return None
    try:
        return int(_moment(value).timestamp())
    except (ValueError, TypeError, OverflowError, OSError):
        raise UsageError(
            f"{name} is no date: {value!r}; write it as 2026-01-31 or 2026-01-31T12:00:00Z"
        ) from None


def _moment(value: str | int | date) -> datetime:
    if isinstance(value, bool):
        raise TypeError("a date, not a truth value")
    if isinstance(value, int):
        return pendulum.from_timestamp(value)
    if isinstance(value, datetime):
        return pendulum.instance(value, tz=value.tzinfo or pendulum.UTC)
    if isinstance(value, date):
        return pendulum.datetime(value.year, value.month, value.day)
    parsed = pendulum.parse(value.strip(), tz=pendulum.UTC, strict=True)
    if not isinstance(parsed, datetime):
        raise ValueError("a span of time, not a moment")
    return parsed
