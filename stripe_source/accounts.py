"""Whose data is read: that of a key, of several keys, or of accounts connected to a platform's."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from stripe_source.api.account import NAMELESS, Account, read_account
from stripe_source.api.client import Client
from stripe_source.api.key import is_key, parse_key
from stripe_source.catalog import CATALOG
from stripe_source.connect import checked_account, connection_to, keys_in, names_of
from stripe_source.errors import StripeSourceError, UsageError
from stripe_source.extract.reader import ListReader
from stripe_source.extract.spans import Span
from stripe_source.report import Known, Report

log = logging.getLogger("stripe_source")

ALL = "all"
ASK_AGAIN = 1_800.0  # seconds
CONNECTED = replace(CATALOG["accounts"], children=())  # of each, only its id and time are wanted

Member = tuple[Client, Account]
"""An account and the client that reads it."""


@dataclass(frozen=True)
class Wanted:
    """Which accounts are to be read: ``names`` are ids, or all of a platform; None the key's own.

    ``account_id`` is the account's where the key may not read it.
    """

    names: tuple[str, ...] | None = None
    account_id: str | None = None


def wanted_accounts(accounts: str | list[str] | None, account_id: str | None) -> Wanted:
    """Accounts as a user names them: a list, also as JSON, or a text with commas.

    Raises UsageError for none, and for what can't be an id.
    """
    if accounts is None or accounts == "":
        return Wanted(None, account_id)
    names = names_of("accounts", accounts)
    if not names:
        raise UsageError("accounts names none: leave it out for the key's own")
    ids = tuple(dict.fromkeys(name if name == ALL else checked_account(name) for name in names))
    if ALL in ids and len(ids) > 1:
        raise UsageError("accounts are 'all' or named, not both")
    return Wanted(ids, account_id)


def members_of(
    report: Report, wanted: Wanted, stripe_secret_key: str | None, **connection: Any
) -> list[Member]:
    """The accounts to read, each once; what can't be is noted in the report, and left out.

    Raises what the client raises where there is none, and UsageError for keys that don't go
    together.
    """
    keys = keys_in(stripe_secret_key)
    _check_call(keys, wanted, connection.get("stripe_account"))
    refused: dict[str, StripeSourceError] = {}
    found: dict[str, Member] = {}
    for key in keys:
        try:
            reaching = connection_to(key, **connection)
            client = report.client(reaching)
            known = _known(report, client, wanted)
        except UsageError:
            raise
        except StripeSourceError as refusal:
            if len(keys) == 1:
                raise
            refused[parse_key(key).masked if is_key(key) else "a key"] = refusal
            continue
        refused |= known.refused
        for position, account in enumerate(known.accounts):
            own = known.own and position == 0
            acting = client if own else report.acting(client, account.id)
            found.setdefault(account.id, (acting, account))
    for name, why in refused.items():
        if name not in found:  # by another key it may be read
            _refuse(report, name, str(why))
    if not found:
        name, why = next(iter(refused.items()))
        if wanted.names not in (None, (ALL,)):
            why.args = (f"none of the accounts can be read; {name}: {why}",)
        raise why
    _check(list(found.values()), several=len(keys) > 1)
    return list(found.values())


def _check_call(keys: Sequence[str], wanted: Wanted, stripe_account: str | None) -> None:
    if wanted.names and stripe_account:
        raise UsageError("accounts and stripe_account exclude each other")
    if len(keys) > 1 and (wanted.account_id or stripe_account):
        raise UsageError("an account is named for one key, and there are several")


def _refuse(report: Report, name: str, why: str) -> None:
    if report.of(name).refused is None:
        log.warning("%s is left out: %s", name, why)
        report.of(name).refuse(why)


def _check(members: Sequence[Member], *, several: bool) -> None:
    """Raises UsageError where rows of the accounts would not be told apart."""
    if len({account.livemode for _, account in members}) > 1:
        raise UsageError("live data and test data don't mix: give keys of one mode")
    if several and any(account.id == NAMELESS for _, account in members):
        raise UsageError(
            "a key may not read its account, by whose id its rows are told from those of others: "
            "give it the permission to read the account"
        )


def _known(report: Report, client: Client, wanted: Wanted) -> Known:
    """A key's accounts, which Stripe is asked for every half an hour.

    The answer sets the client's clock. Without a new one the client goes on with the clock that
    the last one set, which is behind Stripe's by the time since it was last answered.
    """
    key = (client.connection, wanted)
    known = report.known.get(key)
    if known is None or abs(time.time() - known.asked_at) > ASK_AGAIN:
        known = report.known[key] = _asked(client, wanted)
    client.clock = known.clock
    return known


def _asked(client: Client, wanted: Wanted) -> Known:
    accounts: list[Account] = []
    refused: dict[str, StripeSourceError] = {}
    own = wanted.names in (None, (ALL,))
    if own:
        accounts.append(read_account(client, wanted.account_id))
    if wanted.names == (ALL,):
        accounts += (each for each in _connected(client) if each.id != accounts[0].id)
    elif wanted.names:
        asked = {name: client.threads.submit(_named, client, name) for name in wanted.names}
        for name, answer in asked.items():
            try:
                accounts.append(answer.result())
            except StripeSourceError as refusal:
                refused[name] = refusal
    return Known(accounts, own, refused, client.clock, time.time())


def _connected(client: Client) -> list[Account]:
    """The accounts that are connected to the key's, newest first; their names are not asked for."""
    reads = ListReader(client, CONNECTED, [Span(0)]).pages()
    found = {identifier: created for read in reads for identifier, created in read.page.keys}
    newest = sorted(found.items(), key=lambda each: each[1] or 0, reverse=True)
    livemode = client.connection.key.livemode
    return [Account(identifier, None, livemode, created) for identifier, created in newest]


def _named(client: Client, account_id: str) -> Account:
    return read_account(client.acting_for(account_id))
