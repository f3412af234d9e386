"""The account that a key belongs to."""

from dataclasses import dataclass

from stripe_source.api.client import Client
from stripe_source.errors import NotEnabled, NotFound, PermissionDenied

NAMELESS = "self"  # what an account is called whose key may not read it


@dataclass(frozen=True)
class Account:
    """Whose data is read. ``created`` is None where Stripe does not say."""

    id: str
    name: str | None
    livemode: bool
    created: int | None


def read_account(client: Client, account_id: str | None = None) -> Account:
    """Ask ``/v1/account``; where the key may not read it, take ``account_id``, else NAMELESS.

    Raises AccessError for a key that Stripe does not accept at all.
    """
    livemode = client.connection.key.livemode
    fallback = client.connection.stripe_account or account_id or NAMELESS
    try:
        found = client.get_json("/v1/account")
    except (PermissionDenied, NotEnabled, NotFound):
        return Account(fallback, None, livemode, None)
    profile = found.get("business_profile") or {}
    dashboard = (found.get("settings") or {}).get("dashboard") or {}
    return Account(
        id=str(found.get("id") or fallback),
        name=profile.get("name") or dashboard.get("display_name"),
        livemode=livemode,
        created=found.get("created"),
    )
