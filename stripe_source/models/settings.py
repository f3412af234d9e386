"""What a user may choose: time zone, currency, and the points that Stripe leaves open.

Read from ``[stripe_models]`` in dlt's configuration, or STRIPE_MODELS__TIMEZONE and so on. Beside
the settings of the queries, ``deploy = false`` keeps a sync from deploying, and ``folder`` is where
a user's own models are: by default ./stripe_models, where there is such a folder.
"""

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal, get_args

import pendulum

from stripe_source.errors import UsageError, did_you_mean
from stripe_source.models.shelf import MODELS, Shelf

Discounts = Literal["forever", "recurring", "all", "none"]
Leaving = Literal["cancellation", "period_end"]
SECTION = "stripe_models"
SWITCHES_OF_SYNC = ("deploy", "fivetran", "folder")
"""What is in the section beside the settings of queries."""
SWITCHES = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True)
class ModelSettings:
    """The settings, each with what it is when nobody says.

    timezone: In which a day and a month begin.
    currency: That in which ``_converted`` amounts are; by default the one that most balance
        transactions are in, else most invoices.
    rates_table: A table or view with the columns date, currency and rate, how many units of the
        reporting currency one unit of the currency is; by default the rates of balance
        transactions.
    now: A time instead of the present, for a report of a past day.
    mrr_discounts: Which discounts lower MRR: those that last forever (as Stripe did by default),
        recurring ones (forever and repeating), all, or none.
    mrr_churn_at: When a subscription that is to end with its period leaves MRR: when that is asked
        for (as Stripe does by default), or at the period's end.
    mrr_inclusive_taxes: Whether MRR keeps the taxes that are in a price; by default it has none.
    weeks_per_year: What a weekly price is multiplied with.
    days_per_year: What a daily price is multiplied with.
    include_deleted: Whether the models of single objects show deleted ones.
    """

    timezone: str = "UTC"
    currency: str | None = None
    rates_table: str | None = None
    now: str | None = None
    mrr_discounts: Discounts = "forever"
    mrr_churn_at: Leaving = "cancellation"
    mrr_inclusive_taxes: bool = False
    weeks_per_year: int = 52
    days_per_year: int = 365
    include_deleted: bool = False

    def __post_init__(self) -> None:
        """Raise UsageError for a value that can't be one."""
        _check_zone(self.timezone)
        if self.now is not None:
            moment(self.now, self.timezone)
        for name, known in (("mrr_discounts", Discounts), ("mrr_churn_at", Leaving)):
            if getattr(self, name) not in get_args(known):
                raise UsageError(f"{name} is one of {', '.join(get_args(known))}")
        if self.currency is not None and not re.fullmatch(r"[a-z]{3}", self.currency):
            raise UsageError(f"currency is three letters, as Stripe writes it: {self.currency!r}")
        if self.rates_table is not None and not re.fullmatch(r"\w+(\.\w+){0,2}", self.rates_table):
            raise UsageError(f"rates_table is a table's name: {self.rates_table!r}")
        if not 52 <= self.weeks_per_year <= 53 or not 360 <= self.days_per_year <= 366:
            raise UsageError("weeks_per_year is 52 or 53, days_per_year from 360 to 366")

    def values(self) -> dict[str, Any]:
        """The settings that a query may name."""
        now = None if self.now is None else moment(self.now, self.timezone)
        return asdict(self) | {"now": now}


def settings_from(given: Mapping[str, Any] | None = None) -> ModelSettings:
    """The settings given, else those of dlt's configuration. Raises UsageError for a bad one."""
    import dlt

    names = {field.name for field in fields(ModelSettings)}
    given = dict(given or {})
    for name in sorted({*given, *_configured_names() - set(SWITCHES_OF_SYNC)} - names):
        hint = did_you_mean(name, {*names, *SWITCHES_OF_SYNC} - {name})
        raise UsageError(f"models have no setting '{name}'{hint}")
    for name in names - set(given):
        configured: Any = dlt.config.get(f"{SECTION}.{name}")
        if configured is not None:
            given[name] = configured
    return ModelSettings(**{name: _typed(name, value) for name, value in given.items()})


def _configured_names() -> set[str]:
    """The names under our section in dlt's files and in the environment."""
    import dlt

    section: Any = dlt.config.get(SECTION)
    in_files = section if isinstance(section, Mapping) else {}
    prefix = f"{SECTION.upper()}__"
    in_environment = {
        name.removeprefix(prefix).lower() for name in os.environ if name.startswith(prefix)
    }
    # What is nested is dlt's, of a pipeline that is called like our section.
    return {name for name in in_environment if "__" not in name} | {
        name for name, value in in_files.items() if not isinstance(value, Mapping)
    }


def folder_from(given: str | Path | None = None) -> Path | None:
    """The folder of the user's own models: the one given, else configured, else ./stripe_models."""
    import dlt

    configured: Any = given or dlt.config.get(f"{SECTION}.folder")
    if configured:
        return Path(configured)
    usual = Path(SECTION)
    return usual if usual.is_dir() else None


def deploys(shelf: Shelf) -> bool:
    """Whether a sync deploys a shelf's models. Raises UsageError for a value that is no switch."""
    import dlt

    name = "deploy" if shelf is MODELS else shelf.name
    configured: Any = dlt.config.get(f"{SECTION}.{name}")
    return shelf is MODELS if configured is None else _switch(name, configured)


def _switch(name: str, value: Any) -> bool:
    text = str(value).lower()
    if text not in SWITCHES:
        raise UsageError(f"{name} is true or false, not {value!r}")
    return SWITCHES[text]


def _typed(name: str, value: Any) -> Any:
    """A value as the setting has it: the environment knows texts only."""
    if name in ("include_deleted", "mrr_inclusive_taxes"):
        return _switch(name, value)
    if name in ("weeks_per_year", "days_per_year"):
        if not re.fullmatch(r"[0-9]{1,4}", str(value)):
            raise UsageError(f"{name} is a whole number, not {value!r}")
        return int(value)
    return None if value is None else str(value)


def _check_zone(timezone: str) -> None:
    try:
        pendulum.timezone(timezone)
    except (ValueError, KeyError, OSError):
        raise UsageError(f"there is no time zone {timezone!r}; one is Europe/Berlin") from None


def moment(now: str, timezone: str) -> str:
    """A time as UTC; one without an offset is in the time zone. Raises UsageError for no time."""
    found = None
    if re.match(r"\d{4}-\d{2}-\d{2}", now):
        with suppress(ValueError, OverflowError):
            found = pendulum.parse(now, tz=timezone)
    if not isinstance(found, pendulum.DateTime):
        raise UsageError(f"now is a time, such as 2026-01-31T12:00:00Z: {now!r}")
    try:
        return found.in_timezone("UTC").isoformat()
    except OverflowError:
        raise UsageError(f"now is a time of this era: {now!r}") from None
