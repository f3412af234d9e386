"""Which customers have a value, without missing one that search doesn't know yet.

By ``id`` a customer is read; by ``email`` customers are listed, which Stripe does at once and
exactly. By name, phone and metadata only search tells, up to a minute late: so those are looked at,
too, that were created within the last minutes or written in this session, and each is read before
it counts. Where an account has no search (India), all its customers are listed once.
"""

import logging
from collections.abc import Iterable, Iterator
from typing import Any

from stripe_source.actions.filters import quoted
from stripe_source.actions.outcome import Json
from stripe_source.actions.properties import at, dotted
from stripe_source.actions.reading import get
from stripe_source.actions.session import Session
from stripe_source.errors import (
    NotEnabled,
    NotFound,
    StripeSourceError,
    UsageError,
)
from stripe_source.settings import PAGE_SIZE

log = logging.getLogger("stripe_source")

SEARCHED = ("name", "phone")
FRESH = 30.0  # seconds for which a list of the newest will do
RECENT = 600  # seconds; search is a minute late by Stripe's word, and more when it has trouble
NO_SEARCH = "search feature is temporarily unavailable"  # what an account in India is told
KEYS_KEPT = 25 * 3600  # an hour more than Stripe keeps an idempotency key


def checked(path: str, value: str) -> tuple[str, str]:
    """A property that customers can be matched by, and a value. Raises UsageError otherwise."""
    path = dotted(path)
    key = path.partition(".")[2] if path.startswith("metadata.") else None
    if key == "" or (key is None and path not in ("id", "email", *SEARCHED)):
        raise UsageError(
            f"customers can't be matched by '{path}': "
            f"{', '.join(('id', 'email', *SEARCHED))} and metadata.KEY can be"
        )
    if not value.strip():
        raise UsageError(f"the value to match {path} with is empty: that would be any customer")
    return path, value


def matches(session: Session, path: str, value: str) -> list[Json]:
    """The customers that have exactly this value now, the oldest first; none is deleted.

    Raises NotFound for an id that there is not, and Gone for one that there was.
    """
    if path == "id":
        return [get(session.stripe.v1.customers, "customer", value)]
    if path == "email":
        return _in_order(listed(session, {"email": value}))
    candidates = _candidates(session, path, value)
    now = (read(session, each) for each in candidates)
    return _in_order(each for each in now if each is not None and at(each, path) == value)


def settled(session: Session, path: str, value: str) -> list[Json]:
    """As ``matches``, but sure of all that were created while Stripe keeps an idempotency key."""
    if path in ("id", "email"):
        return matches(session, path, value)
    with session.known.lock:
        _note_since(session, session.client.clock.stamp() - KEYS_KEPT)
    return matches(session, path, value)


def read(session: Session, identifier: str) -> Json | None:
    """A customer as it is now; None where there is none, or no longer."""
    try:
        return get(session.stripe.v1.customers, "customer", identifier)
    except NotFound:
        return None


def listed(session: Session, given: Json) -> Iterator[Json]:
    """Customers of a list, page by page."""
    params: Any = {"limit": PAGE_SIZE, **given}
    page = session.stripe.v1.customers.list(params)
    for each in page.auto_paging_iter():
        yield each.to_dict()


def _in_order(customers: Iterable[Json]) -> list[Json]:
    return sorted(customers, key=lambda each: (each["created"], each["id"]))


def _candidates(session: Session, path: str, value: str) -> list[str]:
    _note_recent(session)
    known = session.known.having(path, value)
    if not session.known.complete:
        known |= _found(session, path, value)
    return sorted(known | session.known.having(path, value))


def _found(session: Session, path: str, value: str) -> set[str]:
    """The ids that search gives; where there is no search, all customers become known."""
    first, _, key = path.partition(".")
    field = f"metadata[{quoted(key)}]" if key else first
    given: Any = {"query": f"{field}:{quoted(value)}", "limit": PAGE_SIZE}
    try:
        page = session.stripe.v1.customers.search(given)
        return {str(each.id) for each in page.auto_paging_iter()}
    except StripeSourceError as refusal:
        if not isinstance(refusal, NotEnabled | NotFound) and NO_SEARCH not in str(refusal):
            raise
        log.warning("no search in this account (%s): all customers are listed", refusal)
    with session.known.lock:
        if not session.known.complete:
            for customer in listed(session, {}):
                session.known.add(customer)
            session.known.complete = True
    return set()


def _note_recent(session: Session) -> None:
    """Make known who was created in the last minutes, now and then again."""
    known, clock = session.known, session.client.clock
    with known.lock:
        if known.listed_at is not None and clock.stamp() - known.listed_at < FRESH:
            return
        since = None if known.listed_at is None else known.listed_at - FRESH
        _note_since(session, since)


def _note_since(session: Session, since: float | None) -> None:
    """Make known who was created since then, or in the last minutes; lists are newest first."""
    clock, began = session.client.clock, None
    for customer in listed(session, {}):
        began = began or clock.stamp()  # by Stripe's clock, which the first page told
        if customer["created"] < (began - RECENT if since is None else since):
            break
        session.known.add(customer)
    session.known.listed_at = began or clock.stamp()
