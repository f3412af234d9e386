"""A request as read off the wire, and the answer to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class Request:
    """What the server read; header names are in lower case. ``id`` is its ``Request-Id``."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    id: str = ""


@dataclass(slots=True)
class Response:
    """What the server is to send.

    ``rows`` counts list rows for the statistics; ``executed`` is ApiError's, and true of what is no
    error.
    """

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    rows: int = 0
    executed: bool = True
