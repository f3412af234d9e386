"""Requests to Stripe: GET, answered as raw bytes, within the limits and in spite of faults.

The bulk path does not go through the official SDK: it costs 11 ms of CPU a page where urllib3
costs 1.8 (DECISIONS.md). Requests still carry what the SDK's would.
"""

import logging
import re
import threading
import urllib.request
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

import certifi
import orjson
import tenacity
import urllib3

from stripe_source.api.answers import TryAgain, error_for
from stripe_source.api.clock import StripeClock
from stripe_source.api.key import ApiKey
from stripe_source.api.limiter import Limiter, Limits, limits_for
from stripe_source.errors import StripeSourceError, StripeUnavailable, UsageError
from stripe_source.settings import API_BASE, API_VERSION, VERSION

log = logging.getLogger("stripe_source")

T = TypeVar("T")
Query = Sequence[tuple[str, str]]

CONCURRENCY = 48  # requests in flight: 100 a second at 400 ms each, and some
ATTEMPTS = 8  # for faults; a 429 is part of normal work and gets more
LIMITED_ATTEMPTS = 30
FIRST_WAIT = 0.5
LONGEST_WAIT = 20.0


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


@dataclass
class Traffic:
    """What has gone over the wire so far; safe for threads.

    ``limited`` are answers that said 429, ``waited`` the seconds that requests stood in line for a
    limit, all threads together.
    """

    requests: int = 0
    limited: int = 0
    retried: int = 0
    waited: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def add(
        self, requests: int = 0, limited: int = 0, retried: int = 0, waited: float = 0.0
    ) -> None:
        """Count some more."""
        with self._lock:
            self.requests += requests
            self.limited += limited
            self.retried += retried
            self.waited += waited


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
        self._closed = False
        self._http = _pool(self.api_base, connection.timeout)
        self._headers = {
            "Authorization": f"Bearer {connection.key.secret}",
            "Stripe-Version": API_VERSION,
            "Accept-Encoding": "gzip",
            "User-Agent": f"stripe-source/{VERSION}",
        }
        if connection.stripe_account:
            self._headers["Stripe-Account"] = connection.stripe_account

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
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(TryAgain),
            stop=_Patience(),
            wait=_pause,
            before_sleep=self._note_retry,
            reraise=True,
        )
        try:
            return retrying(self._once, path, query, read, endpoint or endpoint_of(path))
        except TryAgain as fault:
            raise StripeUnavailable(
                self.connection.key.redact(f"GET {path} failed after all retries: {fault}")
            ) from None
        except StripeSourceError as refusal:
            raise type(refusal)(self.connection.key.redact(str(refusal))) from None

    def get_json(
        self, path: str, query: Query = (), *, endpoint: str | None = None
    ) -> dict[str, Any]:
        """GET one object, parsed."""
        return self.get(path, query, _object, endpoint=endpoint)[0]

    def close(self) -> None:
        """Send nothing more: drop what is still waiting and close the connections."""
        self._closed = True
        self.threads.shutdown(wait=False, cancel_futures=True)
        self._http.clear()

    def _once(
        self, path: str, query: Query, read: Callable[[bytes], T], endpoint: str
    ) -> tuple[T, float]:
        if not path.startswith("/v1/"):  # a url inside an answer must not lead the key elsewhere
            raise StripeSourceError(f"not a path of Stripe's API: {path!r}")
        self.traffic.add(waited=self.limiter.wait(endpoint))
        if self._closed:
            raise StripeUnavailable("the connection to Stripe was closed")
        sent_at = self.clock.stamp()
        self.traffic.add(requests=1)
        url = f"{self.api_base}{path}" + (f"?{urlencode(query)}" if query else "")
        try:
            response = self._http.request(
                "GET", url, headers=self._headers, redirect=False, retries=False
            )
        except urllib3.exceptions.HTTPError as fault:
            raise TryAgain(f"{type(fault).__name__}: no answer from {self.api_base}") from fault
        self.clock.observe(response.headers.get("Date"))
        failure = error_for(response.status, response.headers, response.data)
        if isinstance(failure, TryAgain) and failure.limited:
            self.traffic.add(limited=1)
            self.limiter.limited(endpoint, response.headers.get("Stripe-Rate-Limited-Reason"))
        if failure is not None:
            raise failure
        try:
            result = read(response.data)
        except ValueError as fault:
            raise TryAgain(f"the answer is broken: {fault}") from fault
        self.limiter.served(endpoint)
        return result, sent_at

    def _note_retry(self, state: tenacity.RetryCallState) -> None:
        self.traffic.add(retried=1)
        fault = state.outcome.exception() if state.outcome else None
        log.info("asking again: %s", self.connection.key.redact(str(fault)))


class _Patience:
    """When to give up: faults and limits are counted apart, for limits are part of normal work."""

    def __init__(self) -> None:
        self.faults = 0
        self.limited = 0

    def __call__(self, state: tenacity.RetryCallState) -> bool:
        fault = state.outcome.exception() if state.outcome else None
        if isinstance(fault, TryAgain) and fault.limited:
            self.limited += 1
        else:
            self.faults += 1
        return self.faults >= ATTEMPTS or self.limited >= LIMITED_ATTEMPTS


def _pause(state: tenacity.RetryCallState) -> float:
    """Seconds before the next attempt: random and growing, or what Stripe asks for."""
    backoff = tenacity.wait_random_exponential(multiplier=FIRST_WAIT, max=LONGEST_WAIT)
    fault = state.outcome.exception() if state.outcome else None
    asked = fault.after if isinstance(fault, TryAgain) else 0.0
    return max(backoff(state), asked)


def _object(body: bytes) -> dict[str, Any]:
    document = orjson.loads(body)
    if not isinstance(document, dict):
        raise ValueError("not a JSON object")
    return document


def endpoint_of(path: str) -> str:
    """The path with ids left out: Stripe limits ``/v1/invoices/{id}/lines`` as one endpoint."""
    return re.sub(r"/[a-z_]*[A-Z0-9][^/]*", "/{id}", path.removeprefix("/v1"))


def checked_base(api_base: str) -> str:
    """The API address without a trailing slash; plain HTTP is for loopback alone.

    Raises UsageError for anything that would send the key in the clear, and does not repeat what
    might be a password.
    """
    base = api_base.strip()
    try:
        parts = urlsplit(base)
        known = parts.scheme in ("http", "https") and bool(parts.hostname)
        _ = parts.port  # raises for what is no port
    except ValueError:
        known = False
    if not known or re.search(r"\s", base):
        raise UsageError("api_base is not a web address, like https://api.stripe.com")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise UsageError("api_base may hold a scheme, a host, a port and a path, nothing else")
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise UsageError(f"api_base must be https, except on this machine: {base}")
    return base.rstrip("/")


def _is_loopback(host: str | None) -> bool:
    return host in ("localhost", "127.0.0.1", "::1")


def _pool(api_base: str, timeout: float) -> urllib3.PoolManager:
    """A keep-alive pool, through the environment's proxy where it names one for this host."""
    parts = urlsplit(api_base)
    options: dict[str, Any] = {
        "maxsize": CONCURRENCY,
        "timeout": urllib3.Timeout(connect=min(timeout, 15.0), read=timeout),
        "ca_certs": certifi.where(),
    }
    proxy = urllib.request.getproxies().get(parts.scheme)
    direct = _is_loopback(parts.hostname) or urllib.request.proxy_bypass(parts.hostname or "")
    if proxy and not direct:
        return urllib3.ProxyManager(proxy, **options)
    return urllib3.PoolManager(**options)
