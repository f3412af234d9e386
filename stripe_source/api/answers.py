"""What an answer of Stripe's means: usable, worth another try, or an error of a known kind."""

import re
from collections.abc import Mapping
from typing import Any

import orjson

from stripe_source.errors import (
    AccessError,
    AccountInvalid,
    KeyReused,
    NotEnabled,
    NotFound,
    PermissionDenied,
    StripeSourceError,
    UsageError,
)

# Parts of messages that say "this account does not have it" with a 400 or 404. Collected from
# public connectors that quote real answers; Stripe gives these no code of their own.
NOT_ENABLED = (
    "only available in testmode",
    "unrecognized request url",
    "is not enabled for",
    "isn't available in test mode",
    "not set up to use",
    "have you onboarded to",
    "do not have platform controls",
    "has not been onboarded",
)
PERMISSION = re.compile(r"rak_[a-z_]+")  # how Stripe names a restricted key's permissions


class TryAgain(Exception):
    """The answer is no use, and the next one may be: 429, 5xx, a broken body or connection.

    ``refused`` says that Stripe did not begin with the request: it was over a limit, or another one
    was under way; ``unanswered`` that nothing came for as long as one waits.
    """

    def __init__(
        self,
        why: str,
        *,
        limited: bool = False,
        refused: bool = False,
        unanswered: bool = False,
        after: float = 0.0,
    ) -> None:
        super().__init__(why)
        self.limited = limited
        self.refused = refused
        self.unanswered = unanswered
        self.after = after  # seconds that Stripe asks to wait (Retry-After)


def error_body(body: bytes) -> dict[str, Any]:
    """The ``error`` object of an answer; empty where the body isn't Stripe's."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    error = document.get("error") if isinstance(document, dict) else None
    return error if isinstance(error, dict) else {}


def error_for(
    status: int, headers: Mapping[str, str], body: bytes
) -> StripeSourceError | TryAgain | None:
    """The error that an answer amounts to; None for a good one."""
    if status == 200:
        return None
    if 300 <= status < 400:
        return UsageError(
            f"the API address redirects (HTTP {status}); the key is not sent on: correct api_base"
        )
    error = error_body(body)
    message = " ".join(str(error.get("message") or f"HTTP {status} from Stripe").split())
    if status == 429 or status >= 500 or status in (408, 409):
        return TryAgain(
            f"HTTP {status}: {message}" if error else f"HTTP {status}",
            limited=status == 429 and error.get("code") != "lock_timeout",
            refused=status in (409, 429),
            after=_seconds(headers.get("Retry-After")),
        )
    if not error:
        return TryAgain(f"HTTP {status} with a body that is not Stripe's")
    refusal = _refusal(status, error, message)
    refusal.code = error.get("code")
    refusal.request_id = headers.get("Request-Id")
    return refusal


def _refusal(status: int, error: Mapping[str, Any], message: str) -> StripeSourceError:
    """A 4xx that asking again won't change."""
    code = error.get("code")
    if error.get("type") == "idempotency_error":
        return KeyReused(message)
    if code == "account_invalid":
        return AccountInvalid(f"Stripe refuses the key: {message}")
    if status == 401:
        return AccessError(f"Stripe refuses the key: {message}")
    if any(part in message.lower() for part in NOT_ENABLED):
        return NotEnabled(message)
    if status == 403:
        missing = PERMISSION.search(message)
        return PermissionDenied(f"missing permission {missing.group()}" if missing else message)
    if code == "resource_missing" or status == 404:
        return NotFound(message)
    return StripeSourceError(f"Stripe answers HTTP {status}: {message}")


def _seconds(header: str | None) -> float:
    try:
        return min(max(float(header or 0), 0.0), 60.0)
    except ValueError:
        return 0.0
