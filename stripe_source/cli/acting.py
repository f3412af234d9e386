"""A session as the commands have it: by the options, and by dlt's configuration."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from stripe_source.cli.check import configured

if TYPE_CHECKING:
    from stripe_source.actions.session import Session

stripe_account = click.option(
    "--stripe-account", metavar="ID", help="A connected account to act for."
)


@contextmanager
def acting(stripe_account: str | None, *, asks: bool, **leave: Any) -> "Iterator[Session]":
    """A session for as long as the block lasts; ``leave`` is what it may do (``connect``).

    With ``asks`` a question is put at the terminal, if there is one.
    """
    from stripe_source.actions.session import connect

    settings = configured() | ({"stripe_account": stripe_account} if stripe_account else {})
    account_id = settings.pop("account_id", None)
    ask = confirm if asks and sys.stdin.isatty() else None
    with connect(**settings, **leave, ask=ask) as session:
        session.account_id = account_id
        yield session


def confirm(question: str) -> bool:
    """Ask at the terminal; no is the answer unless said otherwise."""
    return click.confirm(question, err=True)
