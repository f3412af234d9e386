"""Requests to Stripe, answered as raw bytes, within the limits and in spite of faults.

The bulk path does not go through the official SDK: it costs 11 ms of CPU a page where urllib3
costs 1.8 (DECISIONS.md). Requests still carry what the SDK's would.
"""

import logging
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar
from urllib.parse import urlencode

import orjson
import tenacity
import urllib3

from stripe_source.api.address import checked_base, pool
from stripe_source.api.answers import TryAgain, error_for
from stripe_source.api.clock import StripeClock
from stripe_source.api.key import ApiKey
from stripe_source.api.limiter import SEARCH, Limiter, Limits, limits_for
from stripe_source.api.retries import Patience, pause
from stripe_source.api.traffic import Traffic
from stripe_source.errors import (
    FailureKept,
    StripeSourceError,
    StripeUnavailable,
    Undecided,
)
from stripe_source.settings import API_BASE, API_VERSION, VERSION

log = logging.getLogger("stripe_source")

T = TypeVar("T")
Query = Sequence[tuple[str, str]]

SENT_AGAIN = "Stripe-Source-Sent-Again"  # no header of Stripe's
DOUBT = "; it may have been carried out or not"
CONCURRENCY = 48  # requests in flight: 100 a second at 400 ms each, and some


@dataclass(frozen=True)
class Connection:
    """Where and as whom to reach Stripe.

    ``stripe_account`` is a connected account to act for. ``timeout`` is seconds without a byte.
    """

    key: ApiKey
    api_base: str = API_BASE
    stripe_account: str | None = None
    limits: Limits | None = None
    timeout: float = 60.0


@dataclass(frozen=True)
class Request:
    """A request; ``path`` has its query, ``endpoint`` is what Stripe's limit counts it as."""

    method: str
    path: str
    endpoint: str
    headers: Mapping[str, str] = field(repr=False)
    body: str | None = None

    @property
    def bare(self) -> str:
        """The path without its query, which may hold what is nobody's business."""
        return self.path.partition("?")[0]

    @property
    def writes(self) -> bool:
        """Whether it changes something."""
        return self.method != "GET"


@dataclass(frozen=True)
class Answer:
    """A good answer, whose body is a JSON object.

    SENT_AGAIN is among the headers where an earlier try at it may have been carried out.
    """

    body: bytes
    status: int
    headers: Mapping[str, str]


class Client:
    """A connection to one account, for any number of threads.

    ``denied`` has the lists inside a resource that the key turned out not to read, path to why.
    """

    def __init__(self, connection: Connection, traffic: Traffic | None = None) -> None:
        self.connection = connection
        self.api_base = checked_base(connection.api_base)
        self.clock = StripeClock()
        self.limiter = Limiter(connection.limits or limits_for(connection.key.livemode))
        self.traffic = traffic or Traffic()
        self.threads = ThreadPoolExecutor(CONCURRENCY, thread_name_prefix="stripe")
        self.denied: dict[str, str] = {}
        self._closed = threading.Event()
        self._http = pool(self.api_base, connection.timeout, CONCURRENCY)
        self._headers = {
            "Authorization": f"Bearer {connection.key.secret}",
            "Stripe-Version": API_VERSION,
            "Accept-Encoding": "gzip",
            "User-Agent": f"stripe-source/{VERSION}",
        }
        if connection.stripe_account:
            self._headers["Stripe-Account"] = connection.stripe_account

    @property
    def is_closed(self) -> bool:
        """Whether nothing is sent any more."""
        return self._closed.is_set()

    def get(
        self,
        path: str,
        query: Query,
        read: Callable[[bytes], T],
        *,
        endpoint: str | None = None,
    ) -> tuple[T, float]:
        """GET a path and read its body, again and again until it is good.

        ``endpoint`` is what Stripe's limit counts it as; by default the path without its ids.
        Returns what was read, and when it was asked for, in seconds by Stripe's clock.
        ``read`` raises ValueError for a body that isn't what it should be, which counts as a fault.
        Raises one of ``errors``' classes; none of their messages holds the key.
        """
        url = f"{path}?{urlencode(query)}" if query else path
        request = Request("GET", url, endpoint or endpoint_of(path), self._headers)
        return self._persistently(request, lambda response: read(response.data), Patience())

    def send(self, method: str, url: str, headers: Mapping[str, str], body: str | None) -> Answer:
        """Any request, as the official SDK makes it, again and again until it is answered.

        ``url`` begins with the API's address. A POST needs an Idempotency-Key among its headers,
        so that it is carried out once, however often it is sent.
        Raises as ``get``, and Undecided where a write may have been carried out or not.
        """
        path = url.removeprefix(self.api_base)
        bare = path.partition("?")[0]
        name = SEARCH if bare.endswith("/search") else endpoint_of(bare)
        endpoint = name if method == "GET" else f"{method} {name}"
        sent = {**headers, "Accept-Encoding": "gzip"}
        request = Request(method, path, endpoint, sent, body)
        patience = Patience()
        response, _ = self._persistently(request, _checked, patience)
        again = {SENT_AGAIN: "true"} if patience.doubts else {}
        return Answer(response.data, response.status, response.headers | again)

    def get_json(
        self, path: str, query: Query = (), *, endpoint: str | None = None
    ) -> dict[str, Any]:
        """GET one object, parsed."""
        return self.get(path, query, _object, endpoint=endpoint)[0]

    def acting_for(self, account_id: str) -> "Client":
        """A client for a connected account: the same connection, limits and clock."""
        other = copy(self)
        other.connection = replace(self.connection, stripe_account=account_id)
        other.denied = {}
        other._headers = {**self._headers, "Stripe-Account": account_id}
        return other

    def close(self) -> None:
        """Send nothing more: have what waits fail, wake who waits to try again, and disconnect."""
        self._closed.set()
        # Not by canceling, which would lock the threads while those who wait for them submit more.
        self.threads.shutdown(wait=False)
        self._http.clear()

    def _persistently(
        self, request: Request, read: Callable[[urllib3.BaseHTTPResponse], T], patience: Patience
    ) -> tuple[T, float]:
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(TryAgain),
            stop=patience,
            wait=pause,
            sleep=tenacity.sleep_using_event(self._closed),
            before_sleep=self._note_retry,
            reraise=True,
        )
        try:
            return retrying(self._once, request, read)
        except TryAgain as fault:
            line = f"{request.method} {request.bare} failed after all retries: {fault}"
            if request.writes and patience.doubts:
                raise Undecided(self.connection.key.redact(line + DOUBT)) from None
            raise StripeUnavailable(self.connection.key.redact(line)) from None
        except StripeSourceError as refusal:
            refusal.args = (self.connection.key.redact(str(refusal)),)
            raise refusal from None

    def _once(
        self, request: Request, read: Callable[[urllib3.BaseHTTPResponse], T]
    ) -> tuple[T, float]:
        # A url inside an answer must not lead the key elsewhere.
        if not request.path.startswith("/v1/"):
            raise StripeSourceError(f"not a path of Stripe's API: {request.path!r}")
        if not self.is_closed:
            self.traffic.add(waited=self.limiter.wait(request.endpoint))
        if self.is_closed:
            raise StripeUnavailable("the connection to Stripe was closed")
        sent_at = self.clock.stamp()
        response = self._answered(request)
        self.clock.observe(response.headers.get("Date"))
        failure = error_for(response.status, response.headers, response.data)
        if isinstance(failure, TryAgain):
            if failure.limited:
                reason = response.headers.get("Stripe-Rate-Limited-Reason")
                self.traffic.add(limited=1)
                self.limiter.limited(request.endpoint, reason)
            if response.headers.get("Idempotent-Replayed"):
                # Stripe keeps a 500 for the key, and will say it again for a day.
                raise FailureKept(f"{request.method} {request.bare}: {failure}{DOUBT}")
        if failure is not None:
            raise failure
        try:
            result = read(response)
        except ValueError as fault:
            raise TryAgain(f"the answer is broken: {fault}") from fault
        self.limiter.served(request.endpoint)
        return result, sent_at

    def _answered(self, request: Request) -> urllib3.BaseHTTPResponse:
        self.traffic.sent(request.endpoint, self.limiter.limits)
        try:
            return self._http.request(
                request.method,
                f"{self.api_base}{request.path}",
                body=request.body,
                headers=request.headers,
                redirect=False,
                retries=False,
            )
        except urllib3.exceptions.HTTPError as fault:
            why = f"{type(fault).__name__}: no answer from {self.api_base}"
            slow = isinstance(fault, urllib3.exceptions.ReadTimeoutError)
            raise TryAgain(why, unanswered=slow) from fault

    def _note_retry(self, state: tenacity.RetryCallState) -> None:
        self.traffic.add(retried=1)
        fault = state.outcome.exception() if state.outcome else None
        if isinstance(fault, TryAgain) and fault.unanswered:
            whose = f" of {account}" if (account := self.connection.stripe_account) else ""
            request: Request = state.args[0]
            log.warning(
                "no answer to %s %s%s for %g s: asking again",
                *(request.method, request.bare, whose, self.connection.timeout),
            )
        log.info("asking again: %s", self.connection.key.redact(str(fault)))


def _checked(response: urllib3.BaseHTTPResponse) -> urllib3.BaseHTTPResponse:
    _object(response.data)
    return response


def _object(body: bytes) -> dict[str, Any]:
    document = orjson.loads(body)
    if not isinstance(document, dict):
        raise ValueError("not a JSON object")
    return document


def endpoint_of(path: str) -> str:
    """The path with ids left out: Stripe limits ``/v1/invoices/{id}/lines`` as one endpoint."""
    return re.sub(r"/[a-z_]*[A-Z0-9][^/]*", "/{id}", path.removeprefix("/v1"))
