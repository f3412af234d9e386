"""Where Stripe is: an address that the key may be sent to, and connections to it."""

import re
import urllib.request
from typing import Any
from urllib.parse import urlsplit

import certifi
import urllib3

from stripe_source.errors import UsageError


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
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise UsageError(f"api_base must be https, except on this machine: {base}")
    return base.rstrip("/")


def is_loopback(host: str | None) -> bool:
    """Whether a host is this machine."""
    return host in ("localhost", "127.0.0.1", "::1")


def pool(api_base: str, timeout: float, connections: int) -> urllib3.PoolManager:
    """A keep-alive pool, through the environment's proxy where it names one for this host."""
    parts = urlsplit(api_base)
    options: dict[str, Any] = {
        "maxsize": connections,
        "timeout": urllib3.Timeout(connect=min(timeout, 15.0), read=timeout),
        "ca_certs": certifi.where(),
    }
    proxy = urllib.request.getproxies().get(parts.scheme)
    direct = is_loopback(parts.hostname) or urllib.request.proxy_bypass(parts.hostname or "")
    if proxy and not direct:
        return urllib3.ProxyManager(proxy, **options)
    return urllib3.PoolManager(**options)
