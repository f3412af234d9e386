"""Dates as users write them, as seconds since 1970."""

from datetime import date, datetime

import pendulum

from stripe_source.errors import UsageError

DateLike = str | int | date | None


def seconds_of(value: DateLike, name: str) -> int | None:
    """An ISO date or time, a date object or Unix seconds; without a zone it is UTC.

    Raises UsageError for anything else. ``name`` is how the user calls the value.
    """
    if value is None:
        return None
    try:
        return int(_moment(value).timestamp())
    except (ValueError, TypeError, OverflowError, OSError):
        raise UsageError(
            f"{name} is no date: {value!r}; write it as 2026-01-31 or 2026-01-31T12:00:00Z"
        ) from None


def span_of(
    start: DateLike, end: DateLike, names: tuple[str, str] = ("start_date", "end_date")
) -> tuple[int | None, int | None]:
    """Start and end in seconds. Raises UsageError where they make no span."""
    since, before = seconds_of(start, names[0]), seconds_of(end, names[1])
    if since is not None and before is not None and since >= before:
        raise UsageError(f"{names[0]} must be before {names[1]}")
    return since, before


def _moment(value: str | int | date) -> datetime:
    if isinstance(value, bool):
        raise TypeError("a date, not a truth value")
    if isinstance(value, str):
        value = _parsed(value.strip())
    if isinstance(value, int):
        return pendulum.from_timestamp(value)
    if isinstance(value, datetime):
        return pendulum.instance(value, tz=value.tzinfo or pendulum.UTC)
    return pendulum.datetime(value.year, value.month, value.day)


def _parsed(text: str) -> int | date:
    """ISO 8601 for a day or a moment of one; Unix seconds, which have more digits than a date."""
    if text.isdigit() and len(text) > 8:
        return int(text)
    found = pendulum.parse(text, tz=pendulum.UTC, exact=True)
    if not isinstance(found, date):
        raise TypeError("a time without a day, or a span")
    return found
