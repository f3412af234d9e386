"""Event types and the events themselves.

An event is rendered once, in the account's API version of that moment, and never again.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from stripe_source.simulator.config import SimulatorConfig
from stripe_source.simulator.types import Json

RETENTION = 30 * 86400
"""Seconds after which an event is gone (https://docs.stripe.com/api/events: 30 days)."""

PREFIX_OF = {
    "subscription": "customer.subscription",
    "dispute": "charge.dispute",
    "tax_id": "customer.tax_id",
    "discount": "customer.discount",
    "fee_refund": "application_fee.refund",
    "bank_account": "account.external_account",
    "scheduled_query_run": "sigma.scheduled_query_run",
}
"""Objects whose events are named otherwise."""


@cache
def actions_of() -> dict[str, set[str]]:
    """Event prefix to the actions that Stripe documents for it."""
    lines = (files("stripe_source.simulator.data") / "event_types.tsv").read_text().splitlines()
    rows = [line.split("\t") for line in lines if line]
    return {row[0]: set(row[2].split()) for row in rows}


@cache
def event_type(name: str, action: str) -> str | None:
    """``customer.subscription.updated`` for a subscription, or None where there is no such type."""
    for prefix in (PREFIX_OF.get(name, name), name.replace(".", "_")):
        if action in actions_of().get(prefix, ()):
            return f"{prefix}.{action}"
    return None


def new_event(
    identifier: str, kind: str, snapshot: Json, created: int, config: SimulatorConfig
) -> Json:
    """An event as the API lists it; the SDK declares every field that it has."""
    return {
        "id": identifier,
        "object": "event",
        "account": None,
        "api_version": config.api_version,
        "context": None,
        "created": created,
        "data": {"object": snapshot},
        "livemode": config.livemode,
        "pending_webhooks": 0,
        "request": {"id": None, "idempotency_key": None},
        "type": kind,
    }
