"""Idempotency keys of POST requests (https://docs.stripe.com/api/idempotent_requests).

Status and body of the first request are kept for 24 hours of virtual time, a 500 included, and
answer every request with the same key and parameters. Nothing is kept of a request that was refused
before it ran: wrong parameters, a wrong key, a limit.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl

from stripe_source.simulator.api.errors import ApiError
from stripe_source.simulator.api.messages import Request, Response
from stripe_source.simulator.api.query import form
from stripe_source.simulator.store.clock import Clock

KEPT = 24 * 3600
"""Seconds."""


@dataclass
class Kept:
    """One key; ``answer`` is None while its first request runs."""

    path: str
    params: list[tuple[str, str]]
    until: int
    request_id: str
    answer: Response | None = None


class Idempotency:
    """The keys of one account."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.kept: dict[str, Kept] = {}

    def begin(self, key: str, request: Request) -> Response | None:
        """The answer to repeat, or None: the request is the first, and is to be run.

        Raises ApiError where the key was used otherwise or is in use.
        """
        self._forget()
        params = sorted(parse_qsl(form(request.body), keep_blank_values=True))
        kept = self.kept.get(key)
        if kept is None:
            until = self.clock.now + KEPT
            self.kept[key] = Kept(request.path, params, until, request.id)
            return None
        if kept.path != request.path:
            raise other_endpoint(key, request.path, kept.path)
        if kept.params != params:
            raise other_parameters(key)
        if kept.answer is None:
            raise in_use(key)
        return replay(kept)

    def finish(self, key: str, answer: Response | None) -> None:
        """Keep the first request's answer; None where it never ran."""
        if answer is None:
            del self.kept[key]
        else:
            self.kept[key].answer = Response(answer.status, answer.body, dict(answer.headers))

    def _forget(self) -> None:
        """Drop what is too old; keys stand in the order of their time."""
        while self.kept and next(iter(self.kept.values())).until <= self.clock.now:
            del self.kept[next(iter(self.kept))]


def replay(kept: Kept) -> Response:
    """The first answer, marked as a repeated one."""
    assert kept.answer is not None
    marks = {"Idempotent-Replayed": "true", "Original-Request": kept.request_id}
    return Response(kept.answer.status, kept.answer.body, kept.answer.headers | marks)


def other_parameters(key: str) -> ApiError:
    """The key belongs to a request with other parameters."""
    return _misused(f"with the same parameters they were first used with. {_hint(key)}")


def other_endpoint(key: str, path: str, first: str) -> ApiError:
    """The key belongs to another endpoint (text: stripe-ruby issue 598)."""
    return _misused(
        f"for the same endpoint they were first used for ('{path}' vs '{first}'). {_hint(key)}"
    )


def _hint(key: str) -> str:
    return f"Try using a key other than '{key}' if you meant to execute a different request."


def _misused(how: str) -> ApiError:
    text = f"Keys for idempotent requests can only be used {how}"
    return ApiError(400, text, kind="idempotency_error")


def in_use(key: str) -> ApiError:
    """The key's first request still runs."""
    return ApiError(
        409,
        "There is currently another in-progress request using this Idempotent Key (that probably "
        "means you submitted twice, and the other request is still going through): "
        f"{key}. Please try again later.",
        code="idempotency_key_in_use",
        kind="idempotency_error",
    )
