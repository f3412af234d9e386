"""A webhook: an HTTP address that gets each change as JSON.

Signed by the scheme of https://www.standardwebhooks.com, where there is a secret. Every answer but
2xx is a failure, and redirects are not followed; 410 means that the address wants no more.
"""

import base64
import logging
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Annotated, Any
from urllib.parse import urlsplit

import orjson
import standardwebhooks
import urllib3
from pydantic import BaseModel, ConfigDict, Field, field_validator

from stripe_source.api.address import is_loopback, pool
from stripe_source.errors import UsageError
from stripe_source.plays.change import Change
from stripe_source.plays.filling import check_columns, filled
from stripe_source.plays.targets.secrets import REFERENCE, is_reference, resolved, resolved_all
from stripe_source.plays.targets.target import AT_ONCE, Access, Failed, Send, Withdrawn
from stripe_source.settings import VERSION

SECRET = re.compile(r"auth|key|token|secret|password|cookie", re.IGNORECASE)
OURS = (
    *("content-type", "content-length", "transfer-encoding", "connection", "host", "user-agent"),
    *("webhook-id", "webhook-timestamp", "webhook-signature"),
)
NETLOC = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^\s\[\]@:]+)(:\d+)?")
logging.getLogger("urllib3.connection").setLevel(logging.ERROR)  # its warnings show addresses
DAY = 86_400.0  # seconds
PREFIX = "whsec_"
TOLD = 200  # characters of an answer that refuses


class Webhook(BaseModel):
    """An address that is posted to. ``timeout`` is in seconds.

    ``url``, and values of ``headers``, may refer to secrets: ``"${CRM_URL}"``; ``secret``, which
    signs, has to. ``body`` is sent in place of the change, filled from it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str
    secret: str | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    body: dict[str, Any] | None = None
    timeout: Annotated[float, Field(gt=0, le=120)] = 15.0

    @field_validator("url")
    @classmethod
    def _url(cls, url: str) -> str:
        if "{" in REFERENCE.sub("", url):
            raise ValueError("it is the same for all rows: columns can't be in it")
        if not REFERENCE.search(url):
            checked_url(url)
        return url

    @field_validator("secret")
    @classmethod
    def _secret(cls, secret: str | None) -> str | None:
        if secret is not None and not is_reference(secret):
            raise ValueError('a secret is told by its name: "${WEBHOOK_SECRET}"')
        return secret

    @field_validator("headers")
    @classmethod
    def _headers(cls, headers: dict[str, str]) -> dict[str, str]:
        for name, value in headers.items():
            if name.lower() in OURS:
                raise ValueError(f"{name} is set by us")
            if SECRET.search(name) and not REFERENCE.search(value):
                raise ValueError(f'{name} is told by the name of a secret: "${{NAME}}"')
        checked_headers(headers)
        return headers

    @property
    def shown(self) -> str:
        """The host alone, or the names of what it is made of: an address may be a secret."""
        if named := REFERENCE.findall(self.url):
            return ", ".join(f"${{{name}}}" for name in named)
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def once(self) -> bool:
        """A receiver tells by the id what it has had."""
        return False

    def check(self, columns: Collection[str]) -> None:
        """Columns of the body, and secrets."""
        check_columns(self.body, columns)
        checked_url(resolved(self.url))
        checked_headers(resolved_all(self.headers))
        self._signer()

    def sent(self, change: Change) -> Any:
        """The body."""
        return change.payload() if self.body is None else filled(self.body, change)

    @contextmanager
    def open(self, access: Access, *, allow_live: bool) -> Iterator[Send]:  # noqa: ARG002
        """Connections to the address, for as long as the block lasts."""
        url, headers, signer = resolved(self.url), resolved_all(self.headers), self._signer()
        connections = pool(url, self.timeout, AT_ONCE)

        def send(change: Change, _: datetime | None) -> str:
            body = orjson.dumps(self.sent(change), default=str)
            about = headers | _about(change, body, signer)
            return _post(connections, url, body, about)

        try:
            yield send
        finally:
            connections.clear()

    def _signer(self) -> standardwebhooks.Webhook | None:
        if self.secret is None:
            return None
        secret = resolved(self.secret)
        try:
            key = base64.b64decode(secret.removeprefix(PREFIX) + "==")
        except ValueError:
            key = b""
        if not secret.startswith(PREFIX) or not 24 <= len(key) <= 64:
            raise UsageError(
                f"{self.secret} is no signing secret: {PREFIX} and 24 to 64 bytes in base64"
            )
        return standardwebhooks.Webhook(key)


def checked_url(url: str) -> str:
    """An address that data may be sent to: https, or on this machine.

    Raises UsageError, and ValueError with it, which does not repeat what may be a secret.
    """
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and bool(parts.hostname)
        fits = "@" in parts.netloc or NETLOC.fullmatch(parts.netloc) is not None
        known = known and fits
        _ = parts.port  # raises for what is no port
        urllib3.util.parse_url(url)
    except (ValueError, urllib3.exceptions.LocationParseError):
        known = False
    if not known or re.search(r"[\s\x00-\x1f]", url):
        raise _BadUrl("it is no web address, like https://example.com/hook")
    if "@" in parts.netloc:
        raise _BadUrl("it holds a user; a header may hold what it takes to be let in")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise _BadUrl("it must be https, except on this machine")
    return url


class _BadUrl(UsageError, ValueError):
    """For pydantic as well."""


def checked_headers(headers: dict[str, str]) -> None:
    """Raise UsageError, and ValueError with it, for what can't be sent; values are not repeated."""
    for name, value in headers.items():
        if not re.fullmatch(r"[A-Za-z0-9-]+", name) or not re.fullmatch(r"[\x20-\x7e]*", value):
            raise _BadUrl(f"the header {name!r} has a letter or a line break that none may have")


def _about(change: Change, body: bytes, signer: standardwebhooks.Webhook | None) -> dict[str, str]:
    now = datetime.now(UTC)
    about = {
        "content-type": "application/json",
        "user-agent": f"stripe-source/{VERSION}",
        "webhook-id": change.id,
        "webhook-timestamp": str(int(now.timestamp())),
    }
    if signer is not None:
        about["webhook-signature"] = signer.sign(change.id, now, body.decode())
    return about


def _post(connections: urllib3.PoolManager, url: str, body: bytes, headers: dict[str, str]) -> str:
    """Send it once. Raises what a failure is by its kind."""
    try:
        answer = connections.request(
            "POST",
            url,
            body=body,
            headers=headers,
            redirect=False,
            retries=False,
            preload_content=False,
        )
    except urllib3.exceptions.NewConnectionError as failure:  # which is a timeout, too
        raise Failed(f"no connection: {type(failure).__name__}", down=True) from None
    except urllib3.exceptions.TimeoutError:
        raise Failed("no answer in time", down=True) from None
    except urllib3.exceptions.HTTPError as failure:
        raise Failed(f"no connection: {type(failure).__name__}", down=True) from None
    with answer:
        if 200 <= answer.status < 300:
            return f"HTTP {answer.status}"
        if answer.status == 410:
            raise Withdrawn("HTTP 410: the address wants no more")
        down = answer.status >= 500 or answer.status == 429
        raise Failed(_refusal(answer), down=down, wait=_wait(answer))


def _refusal(answer: urllib3.BaseHTTPResponse) -> str:
    if 300 <= answer.status < 400:
        return f"HTTP {answer.status}: redirects are not followed"
    try:
        text = answer.read(TOLD, decode_content=True).decode(errors="replace")
    except (urllib3.exceptions.HTTPError, OSError):
        text = ""
    said = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return f"HTTP {answer.status}" + (f": {said}" if said else "")


def _wait(answer: urllib3.BaseHTTPResponse) -> float:
    """Seconds that it asks for, by their number or as a date; a day at most."""
    asked = answer.headers.get("retry-after", "")
    if re.fullmatch(r"\d{1,9}", asked):
        return min(float(asked), DAY)
    try:
        at = parsedate_to_datetime(asked)
    except ValueError:
        return 0.0
    return min(
        max((at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds(), 0), DAY
    )
