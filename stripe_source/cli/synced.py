"""What a sync did: as plain data, in words, and what went wrong."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from stripe_source.cli.console import err, note, some, table
from stripe_source.cli.deployed import show_deployed
from stripe_source.cli.progress import in_words

if TYPE_CHECKING:
    from stripe_source.result import SyncResult
    from stripe_source.tables.compare import Drift


def summary(result: "SyncResult") -> dict[str, Any]:
    """A result as plain data."""
    return {
        "accounts": result.accounts,
        "rows": result.rows,
        "skipped": result.skipped,
        "outcomes": result.outcomes,
        "misfits": result.misfits,
        "left": result.left,
        "accounts_left": result.accounts_left,
        "relisted": result.relisted,
        "drift": {name: asdict(drift) for name, drift in result.drift.items()},
        "requests": result.traffic.requests,
        "rate_limited": result.traffic.limited,
        "retried": result.traffic.retried,
        "seconds_waited_for_limits": round(result.traffic.waited, 3),
        "seconds": round(result.seconds, 3),
        "rows_per_second": round(result.speed.rows, 1),
        "requests_per_second": round(result.speed.requests, 1),
        "limit_share": round(result.speed.limit_share, 3),
        "models": None if result.models is None else asdict(result.models),
        "fivetran": None if result.fivetran is None else asdict(result.fivetran),
        "models_failed": result.models_failed,
        "models_left": result.models_left,
        "exit_code": result.exit_code,
    }


def show(result: "SyncResult") -> None:
    """A result for a person: rows by table, and what was found on the way."""
    read = [[name, f"{rows:,}"] for name, rows in result.rows.items() if rows]
    if read:
        table(["table", "rows read"], read)
    total = sum(result.rows.values())
    several = f"{len(result.accounts):,} accounts, " if len(result.accounts) > 1 else ""
    note(
        f"{several}{total:,} rows, {result.traffic.requests:,} requests, {result.seconds:.1f} s: "
        f"{in_words(result.speed)}"
    )
    show_drift(result)
    if result.left:
        note(f"loaded before, and not part of this sync: {some(result.left)}")
    if result.accounts_left:
        note(
            f"in the dataset, and not part of this sync: {some(result.accounts_left)} (--accounts, "
            "or accounts in the configuration)"
        )
    missing = [name for name, outcome in result.outcomes.items() if outcome == "not enabled"]
    if missing:
        note(f"not enabled in this account: {', '.join(sorted(missing))}")
    if result.models:
        show_deployed(result.models)
    if result.fivetran:
        show_deployed(result.fivetran)
    if result.models_left:
        note(f"no data models: {result.models_left}")
    for column, values in sorted(result.misfits.items()):
        note(f"did not fit: {values:,} values of {column}, kept in its _extra")


def show_drift(result: "SyncResult") -> None:
    """What re-lists of whole resources found: a line for each table, or one for all of them."""
    reasons = {why for why in result.relisted.values() if why != "asked for"}
    for why in sorted(reasons):
        those = sorted(name for name, reason in result.relisted.items() if reason == why)
        note(f"{some(those)} {'was' if len(those) == 1 else 'were'} listed again: {why}")
    for name, drift in result.drift.items():
        if drift:
            note(f"{name}: {drift_in_words(drift)}")
    if same := [name for name, drift in result.drift.items() if not drift]:
        note(f"no drift in {some(same)}")


def drift_in_words(drift: "Drift") -> str:
    """How many rows were not as Stripe has them."""
    numbers = {"missing": drift.missing, "stale": drift.stale, "gone": drift.gone}
    return (
        ", ".join(f"{number:,} {word}" for word, number in numbers.items() if number) or "no drift"
    )


def show_trouble(result: "SyncResult") -> None:
    """One line for each resource that the key may not read, or that failed, and for the models."""
    if result.models_failed:
        err(f"the data models are as they were: {result.models_failed}")
    for name, outcome in sorted(result.outcomes.items()):
        if outcome != "not enabled":
            what = "is incomplete" if result.rows.get(name.rpartition("/")[2]) else "is left out"
            err(f"{name} {what}: {result.skipped[name]}")
