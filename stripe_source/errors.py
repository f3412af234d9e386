"""One error tree, grouped by what the user can do about it; each group carries an exit code.

    StripeSourceError            1  failed; the message says what
    ├── UsageError               2  the call is wrong: a name, a date, an address, the wrong dataset
    │   └── OtherAccount            the dataset holds another account
    ├── AccessError              4  the key is missing, malformed, revoked or may not read anything
    │   ├── AccountInvalid          the account is not, or no longer, connected to the key's
    │   └── PermissionDenied        the key may not read one resource; the others load, exit 3
    ├── NotEnabled               .  the account does not have this feature; the resource is skipped
    ├── NotFound                 1  Stripe has no such object
    │   └── Gone                    but had: it was deleted, or has ended
    ├── KeyReused                1  a write's idempotency key has been used for something else
    ├── StripeUnavailable        1  Stripe did not give a good answer in spite of all retries
    │   └── Undecided               of a write: it may have been carried out or not
    │       └── FailureKept         and Stripe answers its idempotency key with the failure
    └── DestinationError         1  the database is locked, full, or can't be written

No message ever holds the API key.
"""

import difflib
from collections.abc import Iterable, Iterator


class StripeSourceError(Exception):
    """Anything that this package raises on purpose; the message is one line for the user.

    ``code`` and ``request_id`` are Stripe's, where it was Stripe that refused.
    """

    exit_code = 1
    code: str | None = None
    request_id: str | None = None


class UsageError(StripeSourceError):
    """The call can't be carried out as it stands."""

    exit_code = 2


class OtherAccount(UsageError):
    """The dataset holds another account, or the other mode of this one."""


class AccessError(StripeSourceError):
    """Stripe does not accept the key."""

    exit_code = 4


class AccountInvalid(AccessError):
    """The account that a request names is not, or no longer, connected to the key's own."""


class PermissionDenied(AccessError):
    """The key may not read this resource; the message names the missing permission."""


class NotEnabled(StripeSourceError):
    """The account does not have the feature that this resource belongs to."""


class NotFound(StripeSourceError):
    """The object that a request names does not exist, or no longer."""


class StripeUnavailable(StripeSourceError):
    """No usable answer after all retries; what was read before is kept."""


class Gone(NotFound):
    """The object was deleted, or has ended."""


class KeyReused(StripeSourceError):
    """Stripe has seen the idempotency key with other parameters."""


class Undecided(StripeUnavailable):
    """A write was sent, and what became of it is not known."""


class FailureKept(Undecided):
    """Stripe failed within a write, and keeps that failure for its idempotency key."""


class DestinationError(StripeSourceError):
    """The destination can't take the data; nothing of what it has is lost."""


def causes_of(failure: BaseException) -> Iterator[BaseException]:
    """An exception and what lies behind it, each once, the outermost first."""
    seen: set[int] = set()
    cause: BaseException | None = failure
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        cause = cause.__cause__ or cause.__context__


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of a message about a name that is not known: the nearest one that is, if any."""
    near = difflib.get_close_matches(name, sorted(known), n=1)
    return f"; did you mean '{near[0]}'?" if near else ""
