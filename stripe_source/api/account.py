"""The account that a key belongs to."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from stripe_source.api.client import Client
from stripe_source.errors import NotEnabled, NotFound, PermissionDenied
from stripe_source.settings import PAGE_SIZE


@dataclass(frozen=True)
class Account:
    """Whose data is read. ``created`` is None where Stripe does not say."""

    id: str
    name: str | None
    livemode: bool
    created: int | None


def read_account(client: Client, account_id: str | None = None) -> Account:
    """Ask ``/v1/account``; where the key may not read it, take ``account_id``, else ``self``.

    Raises AccessError for a key that Stripe does not accept at all.
    """
    livemode = client.connection.key.livemode
    fallback = client.connection.stripe_account or account_id or "self"
    try:
        found = client.get_json("/v1/account")
    except (PermissionDenied, NotEnabled, NotFound):
        return Account(fallback, None, livemode, None)
    return _account({"id": fallback} | found, livemode)


def connected_accounts(client: Client) -> Iterator[Account]:
    """The accounts that are connected to the key's, newest first, as ``/v1/accounts`` has them.

    Raises PermissionDenied for a key that may not list them, NotEnabled where it is no platform's.
    """
    query: list[tuple[str, str]] = [("limit", str(PAGE_SIZE))]
    while True:
        page = client.get_json("/v1/accounts", query)
        rows = page.get("data") or []
        yield from (_account(row, client.connection.key.livemode) for row in rows)
        after = ("starting_after", str(rows[-1]["id"]) if rows else "")
        if not page.get("has_more") or after in query or not rows:
            return
        query = [("limit", str(PAGE_SIZE)), after]


def _account(found: dict[str, Any], livemode: bool) -> Account:
    profile = found.get("business_profile") or {}
    dashboard = (found.get("settings") or {}).get("dashboard") or {}
    return Account(
        id=str(found["id"]),
        name=profile.get("name") or dashboard.get("display_name"),
        livemode=livemode,
        created=found.get("created"),
    )
