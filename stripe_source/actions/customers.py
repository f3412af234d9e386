"""Customers written: made once, changed where something differs, deleted."""

import hashlib
import time
from typing import Any, NamedTuple

from stripe_source.actions.matching import read, settled
from stripe_source.actions.outcome import Change, Json, Outcome
from stripe_source.actions.properties import at, difference, nested, sent
from stripe_source.actions.session import Session
from stripe_source.actions.writing import request_of
from stripe_source.api.client import SENT_AGAIN
from stripe_source.errors import FailureKept, KeyReused, NotFound, StripeSourceError

CREATE, UPDATE = "customer_create", "customer_update"
PAUSES = (0.2, 0.4, 0.8, 1.6, 3.2)  # seconds
KEYS = 20  # customers of one value that may be made and deleted within a day


def insert(session: Session, properties: Json) -> Outcome:
    """Make a customer; with the session's ``seed`` only once within a day."""
    session.about_to("Insert a customer")
    if session.dry_run:
        return Outcome("created", changes=_all_new(properties), dry_run=True)
    key = None if session.seed is None else key_of("insert customer", session.seed)
    return _create(session, properties, key).outcome


def make(session: Session, path: str, value: str, properties: Json, *, only_empty: bool) -> Outcome:
    """Make the customer that has this value, once, whoever else does so at the same time.

    The idempotency key follows from the value, so that Stripe gives all who ask the same customer.
    Where that one has been deleted since, or a failure is all that Stripe keeps for the key, the
    next one is tried: the same for all, whatever each of them was told.
    """
    wanted = properties | {path: value}
    session.about_to("Insert a customer")
    if session.dry_run:
        return Outcome("created", changes=_all_new(wanted), dry_run=True)
    for number in range(KEYS):
        try:
            made = _create(session, wanted, key_of("upsert customers", path, value, str(number)))
        except (KeyReused, FailureKept):
            if found := _appeared(session, path, value):
                return update(session, found[0], properties, only_empty=only_empty)
            continue
        if not made.replayed:
            return made.outcome
        now = read(session, str(made.outcome.id))
        if now is not None and at(now, path) == value:
            if made.ours:
                return made.outcome
            return update(session, now, properties, only_empty=only_empty)
    raise StripeSourceError(f"{KEYS} customers with this {path} were made and went within a day")


def update(session: Session, customer: Json, properties: Json, *, only_empty: bool) -> Outcome:
    """Send what differs, if anything does; with ``only_empty`` only what has no value yet."""
    changes = difference(customer, properties, only_empty=only_empty)
    if not changes:
        kept = only_empty and difference(customer, properties)
        why = "every property has a value already" if kept else None
        return Outcome("skipped" if kept else "unchanged", customer["id"], customer, why=why)
    session.about_to("Update a customer")
    if session.dry_run:
        return Outcome("updated", customer["id"], customer, changes, dry_run=True)
    given: Any = sent(customer, changes, UPDATE)
    answer = session.stripe.v1.customers.update(customer["id"], given)  # with a key of the SDK's
    changed = answer.to_dict()
    session.known.add(changed)
    return Outcome("updated", changed["id"], changed, changes, request_id=request_of(answer))


def remove(session: Session, customer: Json) -> Outcome:
    """Delete a customer; one that was deleted meanwhile is as good."""
    session.about_to("Delete a customer")
    if session.dry_run:
        return Outcome("deleted", customer["id"], customer, dry_run=True)
    request_id = None
    try:
        request_id = request_of(session.stripe.v1.customers.delete(customer["id"]))
    except NotFound:
        # The first answer was lost, or somebody else was faster.
        if read(session, customer["id"]) is not None:
            raise
    return Outcome("deleted", customer["id"], customer, request_id=request_id)


def _appeared(session: Session, path: str, value: str) -> list[Json]:
    """Who has the value after all: the request that has used the key may still be under way."""
    for pause in (*PAUSES, 0.0):
        if found := settled(session, path, value):
            return found
        time.sleep(pause)
    return []


def key_of(*parts: str) -> str:
    """An idempotency key that follows from what it is for."""
    text = "\x00".join(parts)
    return f"stripe-source-{hashlib.sha256(text.encode()).hexdigest()[:40]}"


class Created(NamedTuple):
    """A customer made; ``replayed`` where Stripe gave the answer that it keeps for the key.

    ``ours`` says that it keeps it since this very call, whose first answer was lost.
    """

    outcome: Outcome
    replayed: bool
    ours: bool


def _create(session: Session, properties: Json, key: str | None) -> Created:
    """Make a customer; without a key the SDK makes one for this call."""
    given: Any = nested(properties)
    began = session.client.clock.seen()
    answer = session.stripe.v1.customers.create(given, {"idempotency_key": key} if key else None)
    made = answer.to_dict()
    session.known.add(made)
    headers = answer.last_response.headers if answer.last_response else {}
    outcome = Outcome(
        "created", made["id"], made, _all_new(properties), request_id=request_of(answer)
    )
    ours = SENT_AGAIN in headers and made["created"] >= began
    return Created(outcome, "Idempotent-Replayed" in headers, ours)


def _all_new(properties: Json) -> dict[str, Change]:
    return {path: Change(None, value) for path, value in properties.items() if value != ""}
