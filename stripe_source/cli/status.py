"""``status``: how far the last syncs have come, and what they ask of Stripe."""

import math
import time
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from stripe_source.cli.console import document, note, table
from stripe_source.cli.options import as_json, destination_options, place

if TYPE_CHECKING:
    from stripe_source.status import Relisted, ResourceStatus, Status, Usage

# Stripe's read allowance: https://docs.stripe.com/rate-limits#api-read-requests
PER_TRANSACTION = 500
AT_LEAST = 10_000
UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


@click.command()
@destination_options
@as_json
def status(
    destination: str | None, dataset: str | None, pipeline_name: str | None, as_json: bool
) -> None:
    """Show how far each object has come, from the destination alone: no key, no request.

    Of each: its rows and tombstones; the time up to which new rows and changes are in, and how long
    ago that was; what a sync has still to read; what the last re-list found. Then what a month of
    such syncs asks of Stripe, beside what Stripe allows.

    \b
    Examples:
      stripe-source status
      stripe-source status --json
      stripe-source status --destination postgres --dataset stripe_raw
    """
    from stripe_source.status import read_status

    where = place(destination, dataset, pipeline_name)
    found = read_status(where.target, where.dataset, where.pipeline_name)
    now = time.time()
    if as_json:
        document(_plain(found, now))
    else:
        _show(found, now)


def _show(found: "Status", now: float) -> None:
    mode = "live" if found.livemode else "test"
    first, *others = found.accounts
    more = f" and {len(others):,} more" if others else ""
    note(f"account {first}{more}, {mode} mode; times are UTC")
    table(
        ["resource", "rows", "deleted", "created", "updated", "lag", "pending", "last re-list"],
        [_row(resource, now) for resource in found.resources],
    )
    if found.usage is None:
        note("requests a month: known after two syncs")
    else:
        note(month(found.usage))


def _row(resource: "ResourceStatus", now: float) -> list[Any]:
    lag = resource.lag(now)
    return [
        resource.name,
        _number(resource.rows),
        _number(resource.deleted),
        _time(resource.created),
        _time(resource.updated),
        None if lag is None else duration(lag),
        ", ".join(resource.pending),
        _relisted(resource.relisted),
    ]


def _relisted(last: "Relisted | None") -> str:
    if last is None:
        return ""
    from stripe_source.cli.synced import drift_in_words
    from stripe_source.tables.compare import Drift

    return f"{_time(last.at)} {last.why}: {drift_in_words(sum(last.drift.values(), Drift()))}"


def month(usage: "Usage") -> str:
    """What a month of such syncs asks of Stripe, beside what it allows."""
    allowed = (
        f"Stripe allows at least {AT_LEAST:,}, and {PER_TRANSACTION} for each transaction of the "
        "last 30 days"
    )
    if usage.requests_a_month > AT_LEAST:
        least = math.ceil(usage.requests_a_month / PER_TRANSACTION)
        allowed += f": enough from {least:,} transactions on"
    return (
        f"{usage.requests_a_sync:,.1f} requests a sync, every {duration(usage.interval)}: "
        f"{usage.requests_a_month:,} a month; {allowed}"
    )


def duration(seconds: float) -> str:
    """Seconds in the largest unit that they fill."""
    size, unit = next((u for u in UNITS if seconds >= u[0]), UNITS[-1])
    return f"{seconds / size:.0f} {unit}"


def _plain(found: "Status", now: float) -> dict[str, Any]:
    """The status as JSON; times in ISO 8601, durations in seconds."""
    resources = []
    for resource in found.resources:
        values = asdict(resource) | {"lag": resource.lag(now)}
        values["created"], values["updated"] = _iso(resource.created), _iso(resource.updated)
        del values["current"]
        if resource.relisted:
            values["relisted"]["at"] = _iso(resource.relisted.at)
        resources.append(values)
    return {
        "accounts": found.accounts,
        "livemode": found.livemode,
        "resources": resources,
        "usage": asdict(found.usage) if found.usage else None,
    }


def _number(value: int | None) -> str | None:
    return None if value is None else f"{value:,}"


def _time(seconds: int | None) -> str | None:
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _iso(seconds: int | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat()
