"""The journal: what every change leaves behind for ``/v1/events``.

An event is rendered once, in the account's API version of that moment, and never again. What Stripe
has no event type for leaves nothing: those are the blind spots.
"""

from __future__ import annotations

import random
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import orjson

from stripe_source.simulator import versions
from stripe_source.simulator.store.changes import merge
from stripe_source.simulator.store.row import Row, row_text
from stripe_source.simulator.store.shown import Shown
from stripe_source.simulator.types import Json

if TYPE_CHECKING:
    from stripe_source.simulator.store.account import Account

DAY = 86400
RETENTION = 30 * DAY
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


SILENT = {
    "customer": {"next_invoice_sequence"},
    "coupon": {"times_redeemed"},
    "balance_transaction": {"status"},
    "dispute": {"balance_transactions"},
}
"""Fields that change without an event: no source tells of one, and none is made up here. A dispute
shows its balance transactions whole."""


@cache
def actions_of() -> dict[str, set[str]]:
    """Event prefix to the actions that Stripe documents for it."""
    text = (files("stripe_source.simulator.data") / "event_types.tsv").read_text()
    rows = [line.split("\t") for line in text.splitlines() if line]
    return {row[0]: set(row[2].split()) for row in rows}


@cache
def event_type(name: str, action: str) -> str | None:
    """``customer.subscription.updated`` for a subscription, or None where there is no such type."""
    for prefix in (PREFIX_OF.get(name, name), name.replace(".", "_")):
        if action in actions_of().get(prefix, ()):
            return f"{prefix}.{action}"
    return None


NO_REQUEST: Json = {"id": None, "idempotency_key": None}
"""What an event says that no request caused."""


class Journal:
    """The events of one account.

    ``since`` is when it begins: a business that is being made up leaves events only for the days
    that Stripe would still list. ``request`` says which request is being answered.
    """

    def __init__(self, account: Account) -> None:
        self.account = account
        self.since = 0
        self.request = NO_REQUEST
        self._chance = random.Random(f"{account.config.seed} events")

    def record(self, action: str, obj: Json, previous: Json | None = None) -> None:
        """An event, where Stripe has such a type; ``action`` is its last word, or all of it."""
        kind = action if "." in action else event_type(obj.get("object", ""), action)
        if kind is None or self.account.clock.outside < self.since:
            return
        quirks = self.account.config.events
        presenter = self.account.presenter
        updated = previous is not None and kind.endswith(".updated")
        told = presenter.partial(obj["object"], previous or {}) if updated else None
        after = snapshot = presenter.present(obj, {})
        if told and self._happens(quirks.stale):
            snapshot = orjson.loads(orjson.dumps(snapshot))
            merge(snapshot, told)
        version = self.account.config.api_version
        if self._happens(quirks.older):
            version = quirks.older_version
        shape = versions.resolve(version, versions.CURRENT)
        if shape != versions.CURRENT:
            lookup = Shown(self.account)
            told = told and versions.older_previous(after, told, shape, lookup)
            snapshot = versions.older(snapshot, shape, lookup)
        times = 2 if self._happens(quirks.duplicates) else 1
        for _ in range(times):
            self._write(kind, snapshot, told, version)

    def answering(self, request_id: str, idempotency_key: str | None) -> None:
        """Events are a request's from now on."""
        self.request = {"id": request_id, "idempotency_key": idempotency_key}

    def answered(self) -> None:
        """The request is over."""
        self.request = NO_REQUEST

    def expire(self) -> None:
        """Forget what is past retention; a day more is kept, for clocks that are set back."""
        oldest = self.account.clock.now - RETENTION - DAY
        self.account.collection("/v1/events").expire(oldest)

    def _happens(self, share: float) -> bool:
        return share > 0 and self._chance.random() < share

    def _write(self, kind: str, snapshot: Json, told: Json | None, version: str) -> None:
        account, now = self.account, self.account.clock.outside
        identifier = account.ids.new("evt")
        data = {"object": snapshot}
        if told is not None:
            data["previous_attributes"] = told
        made = {
            "id": identifier,
            "object": "event",
            "account": account.id if account.connected else None,
            "api_version": version,
            "context": None,
            "created": now,
            "data": data,
            "livemode": account.config.livemode,
            "pending_webhooks": 0,
            "request": self.request,
            "type": kind,
        }
        low, high = account.config.events.lag
        visible = now + (self._chance.randint(low, high) if high else 0)
        row = Row(identifier, account.next_key(now), {"type": kind, "visible": visible})
        row.shown = row_text(made)
        account.collection("/v1/events").add(row)
