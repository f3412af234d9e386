"""What a fault does to the request that meets it.

In place of the answer:

| kind | answer |
| --- | --- |
| `500`, `503` | Stripe's own error; an idempotency key keeps a 500, which the endpoint made |
| `502_html` | a page of HTML, from a proxy before Stripe, without Stripe's headers |
| `429` | over a limit; `reason` is one of `REASONS`, or null for none |
| `429_lock_timeout` | another request holds the object |
| `401`, `401_expired` | the key was rolled, or has run out |
| `403` | a restricted key; `permission` is what it lacks, by default the endpoint's |
| `404_cursor` | the cursor's object is gone; only requests with a cursor meet it |
| `409` | the idempotency key is in use |
| `400_not_enabled` | a feature that the account does not have, in the words of the path |
| `garbage` | a 200 without JSON |
| `redirect` | a 302 to `location` |

To the answer, on the wire:

| kind | what the client sees |
| --- | --- |
| `stall` | the answer, `seconds` (30) later |
| `drip` | the answer in small pieces over `seconds` (30) |
| `reset` | the connection reset before a byte came |
| `reset_body` | the connection reset in mid-body |
| `truncate` | half the body, a longer Content-Length, and the end of the connection |
| `truncate_quietly` | half the body with a Content-Length that fits it |

To the account, just before the request is carried out, whose answer is then as always:

| kind | what happens |
| --- | --- |
| `changes` | `count` (1) things that other people do |
| `cursor_deleted` | the object that the cursor names is deleted; only where Stripe deletes such |

`executed` says whether the request was carried out all the same: by default not where the answer is
another's, and yes where it only suffers on the wire. `message` is another text for an error, and
`retry_after` a header (Stripe itself sends none).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl

from stripe_source.simulator.api.answer import failed
from stripe_source.simulator.api.errors import (
    ApiError,
    lock_timeout,
    not_enabled,
    rate_limited,
    resource_missing,
)
from stripe_source.simulator.api.keys import Key, key_text, missing_permission
from stripe_source.simulator.api.messages import Request, Response
from stripe_source.simulator.server.idempotency import in_use
from stripe_source.simulator.types import Json


@dataclass(frozen=True, slots=True)
class Call:
    """A request with what the server knows of it."""

    request: Request
    account_id: str
    endpoint: str
    noun: str
    """The object that its endpoint lists: ``invoice``."""


def cursor_in(request: Request) -> tuple[str, str] | None:
    """The cursor parameter of a list request and the id in it."""
    pairs = dict(parse_qsl(request.query))
    names = ("starting_after", "ending_before")
    return next(((name, pairs[name]) for name in names if name in pairs), None)


def _limited(fault: Json, call: Call) -> ApiError:
    return rate_limited(fault.get("reason", "global-rate"))


def _rolled(fault: Json, call: Call) -> ApiError:
    return ApiError(401, f"Invalid API Key provided: {_key(call).masked()}")


def _expired(fault: Json, call: Call) -> ApiError:
    return ApiError(401, f"Expired API Key provided: {_key(call).masked()}", code="api_key_expired")


def _forbidden(fault: Json, call: Call) -> ApiError:
    verb = "read" if call.request.method == "GET" else "write"
    lacks = fault.get("permission", f"rak_{call.noun.replace('.', '_')}_{verb}")
    return missing_permission(_key(call), lacks, call.account_id)


def _gone(fault: Json, call: Call) -> ApiError:
    param, identifier = cursor_in(call.request) or ("id", "")
    return resource_missing(call.noun, identifier, param=param)


def _key(call: Call) -> Key:
    return Key(key_text(call.request.headers.get("authorization")))


ERRORS: dict[str, Callable[[Json, Call], ApiError]] = {
    "500": lambda fault, call: ApiError(500, "An unknown error occurred"),
    "503": lambda fault, call: ApiError(
        503, "Stripe is temporarily unavailable. Please try again."
    ),
    "429": _limited,
    "429_lock_timeout": lambda fault, call: lock_timeout(),
    "401": _rolled,
    "401_expired": _expired,
    "403": _forbidden,
    "404_cursor": _gone,
    "409": lambda fault, call: in_use(call.request.headers.get("idempotency-key", "")),
    "400_not_enabled": lambda fault, call: not_enabled(call.request.path),
}
BODIES = {
    "502_html": (502, b"<html><head><title>502 Bad Gateway</title></head></html>", "text/html"),
    "garbage": (200, b"<!doctype html>not json", "application/json"),
    "redirect": (302, b"", "text/html"),
}
WIRE = ("stall", "drip", "reset", "reset_body", "truncate", "truncate_quietly")
BEFORE = ("changes", "cursor_deleted")
KINDS = (*ERRORS, *BODIES, *WIRE, *BEFORE)


def replaces(fault: Json) -> bool:
    """Whether a fault's answer is another's than the API's."""
    return fault["kind"] in ERRORS or fault["kind"] in BODIES


def deletion(call: Call) -> Request | None:
    """The request that deletes the object which the cursor of another one names."""
    named = cursor_in(call.request)
    if named is None:
        return None
    path = f"{call.request.path}/{named[1]}"
    return Request("DELETE", path, headers=call.request.headers, id=call.request.id)


def executes(fault: Json) -> bool:
    """Whether the request is carried out in spite of the fault."""
    return bool(fault.get("executed", not replaces(fault)))


def outcome(fault: Json, call: Call) -> Response:
    """The answer of a fault that replaces the API's."""
    kind = fault["kind"]
    if kind in BODIES:
        status, body, content = BODIES[kind]
        answer = Response(status, body, {"Content-Type": content})
        if kind == "redirect":
            answer.headers["Location"] = fault.get("location", "/v1/elsewhere")
    else:
        error = ERRORS[kind](fault, call)
        error.message = fault.get("message", error.message)
        error.executed = kind == "500"
        answer = failed(error)
    if "retry_after" in fault:
        answer.headers["Retry-After"] = f"{fault['retry_after']:g}"
    return answer
