"""An action in Stripe, with its fields filled in from the row."""

import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

from stripe_source.actions.action import Action
from stripe_source.actions.outcome import Outcome
from stripe_source.actions.properties import text_of, typed
from stripe_source.actions.registry import action
from stripe_source.actions.session import Session
from stripe_source.api.account import Account, read_account
from stripe_source.connect import client_for
from stripe_source.errors import (
    AccessError,
    AccountInvalid,
    FailureKept,
    Gone,
    KeyReused,
    StripeSourceError,
    StripeUnavailable,
    UsageError,
)
from stripe_source.plays.change import Change
from stripe_source.plays.filling import check_columns, filled, is_filled
from stripe_source.plays.targets.target import Access, Closed, Failed, Refused, Send
from stripe_source.tables.layout import ACCOUNT

MAPPINGS = "mappings"
NOT_OFFERED = ("erase", "all_matches")
KEPT = timedelta(hours=23)  # Stripe keeps an idempotency key, and what it answered, for a day
LOOK = "look whether it is done, and else have it replayed"


class Acting(BaseModel):
    """An action by its name, and its fields; texts in them are filled from the row."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    fields: dict[str, Any] = Field(default_factory=dict)

    @property
    def shown(self) -> str:
        """The action's name."""
        return self.name.replace("_", " ")

    @property
    def once(self) -> bool:
        """Whether the action does twice as much when it is done twice."""
        return action(self.name).again == "twice"

    def check(self, columns: Collection[str]) -> None:
        """The action, its fields, the properties and the columns."""
        found = action(self.name)
        if not found.writes:
            raise UsageError(f"'{found.name()}' changes nothing: a play has no use for it")
        if given := [name for name in NOT_OFFERED if name in self.fields]:
            raise UsageError(f"'{given[0]}' is not for plays: they act on one object at a time")
        check_columns(self.fields, columns)
        example = {
            name: _example(found.model_fields.get(name)) if is_filled(value) else value
            for name, value in self.fields.items()
            if name != MAPPINGS
        }
        if MAPPINGS in self.fields:
            example[MAPPINGS] = self._constants(found)
        found.of(example)

    def _constants(self, found: type[Action]) -> dict[str, Any]:
        """The properties that are the same for all rows, after a look at all of them."""
        given = self.fields[MAPPINGS]
        if not isinstance(given, Mapping):
            raise UsageError(f"'{MAPPINGS}' is a table of properties and their values")
        constants = {name: None if is_filled(each) else each for name, each in given.items()}
        typed(constants, found.request)
        return constants

    def sent(self, change: Change) -> Any:
        """The fields."""
        found = {}
        for name, value in self.fields.items():
            made = filled(value, change)
            if name != MAPPINGS and is_filled(value) and made is not None:
                try:
                    made = text_of(name, made)
                except UsageError as wrong:
                    raise Refused(str(wrong)) from None
            if made is not None:
                found[name] = made
        return found

    @contextmanager
    def open(self, access: Access, *, allow_live: bool) -> Iterator[Send]:
        """A session; that the key is of the warehouse's account is asked when it comes to it.

        Raises UsageError for a live key, unless that is allowed.
        """
        settings = dict(access.connection)
        account_id = settings.pop("account_id", None)
        client = client_for(**settings)
        try:
            if client.connection.key.livemode and not allow_live:
                raise UsageError(
                    f"the key is for live data: to have it {self.shown}, "
                    "the play has to say allow_live = true"
                )
            sessions = _Sessions(Session(client, live=allow_live), account_id, access)

            def send(change: Change, first_at: datetime | None) -> str:
                fields = self.sent(change)
                if first_at is not None and datetime.now(UTC) - first_at > KEPT:
                    raise Refused(f"it may have been done a day ago: {LOOK}")
                return self._act(sessions.of(change), fields, change)

            yield send
        finally:
            client.close()

    def _act(self, session: Session, fields: dict[str, Any], change: Change) -> str:
        found = action(self.name)
        try:
            made = found.of(fields).run(session.seeded(change.id))
        except Gone as gone:
            if found.again == "gone":
                return f"skipped: {gone}"
            raise Refused(str(gone)) from None
        except FailureKept as doubt:
            raise Refused(f"{doubt}: {LOOK}, a day later") from None
        except KeyReused:
            raise Refused(f"it may have been done with other fields: {LOOK}") from None
        except StripeUnavailable as fault:
            raise Failed(str(fault), down=True) from None
        except AccountInvalid as revoked:
            raise Refused(str(revoked)) from None
        except AccessError as refusal:
            raise Closed(str(refusal)) from None
        except StripeSourceError as refusal:
            raise Refused(str(refusal)) from None
        return ", ".join(map(_told, made))


class _Sessions:
    """The session of each account that the warehouse holds; whose the key is is asked once."""

    def __init__(self, session: Session, account_id: str | None, access: Access) -> None:
        self._session, self._account_id, self._access = session, account_id, access
        self._lock = threading.Lock()
        self._known: Account | None = None
        self._others: dict[str, Session] = {}

    def of(self, change: Change) -> Session:
        """The session for a row's account.

        Raises Closed where the warehouse does not hold the key's account, or Stripe does not say
        which that is, and Refused where the warehouse holds several and the row does not say whose
        it is.
        """
        with self._lock:
            own = self._own()
            whose = own if len(self._access.accounts) == 1 else _account_of(change)
            if whose not in self._access.accounts:
                raise Refused(
                    "of which account it is, the row does not say: give it a column account_id"
                )
            if whose == own:
                return self._session
            return self._others.setdefault(whose, self._session.acting_for(whose))

    def _own(self) -> str:
        """The account of the key."""
        try:
            client = self._session.client
            self._known = self._known or read_account(client, self._account_id)
        except StripeSourceError as failure:
            raise Closed(str(failure)) from None
        account, wanted = self._known, self._access
        if account.id not in wanted.accounts or account.livemode != wanted.livemode:
            ours, theirs = _mode(account.livemode), _mode(wanted.livemode)
            raise Closed(
                f"the key is for {ours} data of {account.id}, the warehouse has {theirs} data of "
                f"{wanted.accounts[0]}"
            )
        return account.id


def _account_of(change: Change) -> str:
    """Whose a row is, as the models and the loaded tables say; empty where it does not say."""
    return str(change.row.get("account_id") or change.row.get(ACCOUNT) or "")


def _mode(live: bool) -> str:
    return "live" if live else "test"


def _told(outcome: Outcome) -> str:
    said = f"{outcome.outcome} {outcome.id or ''}".strip()
    if outcome.changes:
        said += f" ({', '.join(outcome.changes)})"
    return said


def _example(field: FieldInfo | None) -> Any:
    """A value that a field takes, in place of one that a row has."""
    if field is None:
        return "x"
    for kind in (field.annotation, *get_args(field.annotation)):
        if kind is bool:
            return True
        if get_origin(kind) is not None and get_args(kind) and isinstance(get_args(kind)[0], str):
            return get_args(kind)[0]  # of a Literal
    return "x"
