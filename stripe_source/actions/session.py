"""What actions act with: a connection, what it may do, and what it has written."""

import copy
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from stripe_source.actions.known import Known
from stripe_source.actions.outcome import Json
from stripe_source.api.client import Client
from stripe_source.api.sdk import sdk
from stripe_source.connect import client_for
from stripe_source.errors import UsageError

Ask = Callable[[str], bool]
Erase = Callable[[Json, bool], int]
"""Blanks what is personal of a customer, but in a dry run, and gives how many rows that are."""


class Session:
    """A connection that acts, for any number of threads.

    ``stripe`` is Stripe's own client. In a ``dry_run`` nothing is written. Writes to a live account
    need ``live``, deletes of several objects ``yes``, or an ``ask`` that puts the question to
    somebody. ``known`` are the customers that it has written, which search finds late. With a
    ``seed`` an insert is done once within a day, however often it is run. ``erase`` is for deletes
    that go for the warehouse, too.
    """

    def __init__(
        self,
        client: Client,
        *,
        dry_run: bool = False,
        live: bool = False,
        yes: bool = False,
        ask: Ask | None = None,
    ) -> None:
        self.client = client
        self.stripe = sdk(client)
        self.dry_run = dry_run
        self.yes = yes
        self.known = Known()
        self.seed: str | None = None
        self.erase: Erase | None = None
        self._live = live
        self._ask = ask
        self._lock = threading.Lock()

    def seeded(self, seed: str) -> "Session":
        """The same session with a seed."""
        other = copy.copy(self)
        other.seed = seed
        return other

    @property
    def livemode(self) -> bool:
        """Whether the key acts on live data."""
        return self.client.connection.key.livemode

    def about_to(self, what: str) -> None:
        """Before a write: raise UsageError where it is not allowed, or not wanted when asked."""
        if self.dry_run or self._live or not self.livemode:
            return
        with self._lock:
            if not self._live:
                self._confirm(
                    f"The key is for live data. {what}?", f"{what} in live mode", "--live"
                )
                self._live = True

    def about_to_several(self, what: str) -> None:
        """Before several objects are deleted, likewise."""
        if not self.dry_run and not self.yes:
            self._confirm(f"{what}?", what, "--yes")
            self.yes = True

    def _confirm(self, question: str, what: str, option: str) -> None:
        if self._ask is None:
            name = option.removeprefix("--")
            raise UsageError(
                f"to {what[0].lower()}{what[1:]}, say {option} (in Python: {name}=True)"
            )
        if not self._ask(question):
            raise UsageError("nothing was done")


@contextmanager
def connect(
    stripe_secret_key: str | None = None,
    *,
    dry_run: bool = False,
    live: bool = False,
    yes: bool = False,
    ask: Ask | None = None,
    **connection: Any,
) -> Iterator[Session]:
    """A session for as long as the block lasts.

    The key is the one given, else that of the environment; ``connection`` takes what
    ``connect.client_for`` does (``api_base``, ``stripe_account``, limits).
    """
    client = client_for(stripe_secret_key, **connection)
    try:
        yield Session(client, dry_run=dry_run, live=live, yes=yes, ask=ask)
    finally:
        client.close()


def random_key() -> str:
    """An idempotency key for one write: however often it is sent, it is done once."""
    return f"stripe-source-{uuid.uuid4().hex}"
