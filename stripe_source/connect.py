"""From settings to a client: what the source, the checks and the commands have in common."""

import json
import os
import re
from typing import Any

from stripe_source.api.client import Client, Connection
from stripe_source.api.key import parse_key
from stripe_source.api.limiter import Limits, limits_for
from stripe_source.catalog import Resource, names_in, select
from stripe_source.errors import UsageError
from stripe_source.settings import API_BASE

ACCOUNT_ID = re.compile(r"[\w-]+")  # it goes into a header
KEY = re.compile(r"(sk|rk|pk)_")
SEVERAL = "several keys are for syncs: name one key here"


def connection_to(
    stripe_secret_key: str | None = None,
    *,
    api_base: str | None = None,
    stripe_account: str | None = None,
    requests_per_second: float | None = None,
    endpoint_requests_per_second: float | None = None,
) -> Connection:
    """Where and as whom to reach Stripe, by explicit settings, else by the environment.

    Raises AccessError for a key that can't be one, UsageError for a bad address.
    """
    first, *more = keys_in(stripe_secret_key)
    if more:
        raise UsageError(SEVERAL)
    key = parse_key(first)
    rates = {
        "requests_per_second": requests_per_second,
        "endpoint_requests_per_second": endpoint_requests_per_second,
    }
    for name, rate in rates.items():
        if rate is not None and not rate > 0:
            raise UsageError(f"{name} must be more than 0, not {rate}")
    usual = limits_for(key.livemode)
    limits = Limits(
        account=requests_per_second or usual.account,
        endpoint=endpoint_requests_per_second or usual.endpoint,
        search=endpoint_requests_per_second or usual.search,
    )
    base = api_base or os.environ.get("STRIPE_API_BASE") or API_BASE
    if stripe_account:
        checked_account(stripe_account)
    return Connection(key, base, stripe_account, limits)


def keys_in(text: str | None = None) -> list[str]:
    """The keys in a setting, which has commas between several; without one the environment's.

    There is always one, which may be empty.
    """
    environment = os.environ
    given = text or environment.get("STRIPE_SECRET_KEY") or environment.get("STRIPE_API_KEY") or ""
    return [key for key in map(str.strip, given.split(",")) if key] or [""]


def checked_account(account_id: str) -> str:
    """An account's id as it may be sent to Stripe. Raises UsageError for what can't be one."""
    if KEY.match(account_id):
        raise UsageError("a key stands where an account's id (acct_...) is meant")
    if not ACCOUNT_ID.fullmatch(account_id):
        raise UsageError(f"this is no account's id (acct_...): {account_id!r}")
    return account_id


def client_for(stripe_secret_key: str | None = None, **settings: Any) -> Client:
    """A client by the settings of `connection_to`. Sends nothing yet."""
    return Client(connection_to(stripe_secret_key, **settings))


def selection(resources: str | list[str] | None) -> list[Resource]:
    """Catalog rows by names or groups: a list, also as JSON, or with commas; None: the default."""
    return select(None if resources is None else names_of("resources", resources))


def names_of(what: str, names: str | list[str]) -> list[str]:
    """Names as a user gives them: as a list, also as JSON, or with commas.

    Raises UsageError, with ``what`` they are, for something else.
    """
    if isinstance(names, str) and names.lstrip().startswith("["):
        return _json_names(what, names)
    return names_in(names) if isinstance(names, str) else list(names)


def _json_names(what: str, text: str) -> list[str]:
    """Names as dlt's environment variables hold a list."""
    try:
        names = json.loads(text)
    except json.JSONDecodeError:
        names = None
    if not isinstance(names, list):
        raise UsageError(f"{what} is no list of names: {text}")
    return [str(name) for name in names]
