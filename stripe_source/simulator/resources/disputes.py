"""Disputes: answered, or given up.

Source: https://docs.stripe.com/api/disputes
"""

from __future__ import annotations

from stripe_source.simulator.api.errors import ApiError
from stripe_source.simulator.billing import aftermath
from stripe_source.simulator.resources.fields import changed_fields
from stripe_source.simulator.resources.lookup import existing
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.types import Json


def update(account: Account, given: Json, identifier: str) -> Json:
    """Evidence and metadata; submitted unless told otherwise."""
    dispute = existing(account, "dispute", identifier)
    must_be_open(dispute)
    fields = {k: v for k, v in given.items() if k in ("evidence", "metadata")}
    account.modify(dispute, changed_fields(dispute, fields))
    if given.get("evidence") and given.get("submit", True):
        aftermath.submit_evidence(account, identifier)
    return dispute


def close(account: Account, given: Json, identifier: str) -> Json:
    """Lost, because nobody answers."""
    dispute = existing(account, "dispute", identifier)
    must_be_open(dispute)
    aftermath.decide(account, identifier, False)
    return dispute


def must_be_open(dispute: Json) -> None:
    """What is decided can't be changed."""
    if dispute["status"] not in ("needs_response", "under_review"):
        raise ApiError(400, "This dispute is already closed")


OPERATIONS = {"POST /v1/disputes/{}": update, "POST /v1/disputes/{}/close": close}
