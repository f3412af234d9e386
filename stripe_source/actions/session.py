"""What actions act with: a connection, what it may do, and what it has written."""

import copy
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from stripe_source.actions.known import Known
from stripe_source.actions.outcome import Json
from stripe_source.api.client import Client
from stripe_source.api.sdk import sdk
from stripe_source.connect import client_for
from stripe_source.errors import UsageError

Ask = Callable[[str], bool]


class Eraser(Protocol):
    """Erases a customer from where its data was copied to."""

    def count(self, customer: Json) -> int:
        """How many rows belong to the customer, as Stripe shows it."""

    def note(self, customer: Json) -> None:
        """Note that it is to be erased, before Stripe is asked to delete it."""

    def forget(self, customer: Json) -> None:
        """Take the note back: Stripe did not delete it."""

    def blank(self, customer: Json) -> int:
        """Blank what is personal; gives in how many rows."""


class Session:
    """A connection that acts, for any number of threads.

    ``stripe`` is Stripe's own client. In a ``dry_run`` nothing is written. Writes to a live account
    need ``live``, deletes of several objects ``yes``, or an ``ask`` that puts the question to
    somebody. ``known`` are the customers that it has written, which search finds late. With a
    ``seed`` an insert is done once within a day, however often it is run. ``eraser`` is for
    deletes that go for the warehouse, too, and ``account_id`` for a restricted key that may not
    read its account.
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
        self.account_id: str | None = None
        self.known = Known()
        self.seed: str | None = None
        self.eraser: Eraser | None = None
        self._allowed = {"live": live, "yes": yes}  # shared by all seeded copies
        self._ask = ask
        self._lock = threading.Lock()

    def seeded(self, seed: str) -> "Session":
        """The same session with a seed."""
        other = copy.copy(self)
        other.seed = seed
        return other

    def acting_for(self, account_id: str) -> "Session":
        """The same session in a connected account; it knows nothing of what was written here."""
        other = copy.copy(self)
        other.client = self.client.acting_for(account_id)
        other.stripe = sdk(other.client)
        other.account_id, other.known = account_id, Known()
        return other

    @property
    def livemode(self) -> bool:
        """Whether the key acts on live data."""
        return self.client.connection.key.livemode

    def about_to(self, what: str) -> None:
        """Before a write: raise UsageError where it is not allowed, or not wanted when asked."""
        if self.livemode:
            self._confirm("live", f"The key is for live data. {what}?", f"{what} in live mode")

    def about_to_several(self, what: str) -> None:
        """Before several objects are deleted, likewise."""
        self._confirm("yes", f"{what}?", what)

    def _confirm(self, name: str, question: str, what: str) -> None:
        """Ask once for all that the session does, unless it was said beforehand."""
        if self.dry_run:
            return
        with self._lock:
            if self._allowed[name]:
                return
            if self._ask is None:
                lower = f"{what[0].lower()}{what[1:]}"
                raise UsageError(f"to {lower}, say --{name} (in Python: {name}=True)")
            if not self._ask(question):
                raise UsageError("nothing was done")
            self._allowed[name] = True


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
