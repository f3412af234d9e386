"""Puts an answer on the wire: headers, compression, and what a fault does to it there."""

from __future__ import annotations

import asyncio
import socket
import struct
import zlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

from stripe_source.simulator.api.messages import Request, Response
from stripe_source.simulator.types import Json

Scope: TypeAlias = MutableMapping[str, Any]
Send: TypeAlias = Callable[[Scope], Awaitable[None]]

PIECES = 20
"""Into how many a dripping answer is cut."""
ARRIVAL = 0.02
"""Seconds that the first half of a body gets to arrive before its connection is reset."""


async def reply(scope: Scope, send: Send, headers: Json, body: bytes, fault: Json | None) -> None:
    """Send headers (``:status`` among them) and body, or break off where the fault says so."""
    transport = scope["extensions"]["simulator.transport"]
    kind = fault["kind"] if fault else None
    if kind == "reset":
        reset(transport)
        return
    status = int(headers.pop(":status"))
    pairs = [(k.lower().encode(), str(v).encode("latin-1")) for k, v in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    if kind in ("truncate", "reset_body"):
        half = body[: len(body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        await asyncio.sleep(ARRIVAL)
        if kind == "truncate":
            transport.close()
        else:
            reset(transport)
        return
    if fault and kind == "drip":
        await drip(send, body, fault.get("seconds", 30))
        return
    await send({"type": "http.response.body", "body": body})


async def drip(send: Send, body: bytes, seconds: float) -> None:
    """The body in pieces over a time."""
    size = max(len(body) // PIECES, 1)
    for start in range(0, len(body), size):
        await asyncio.sleep(seconds / PIECES)
        piece = body[start : start + size]
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def reset(transport: Any) -> None:
    """Close a connection with a RST, not in peace."""
    sock = transport.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def encoded(
    request: Request, answer: Response, named: Json, level: int, fault: Json | None
) -> tuple[Json, bytes]:
    """All headers and the body, compressed when asked for; ``named`` are Stripe's own headers."""
    body = answer.body
    if fault and fault["kind"] == "truncate_quietly":
        body = body[: len(body) // 2]
    headers: Json = {":status": answer.status, "Content-Type": "application/json"}
    headers |= named | answer.headers
    if level and "gzip" in request.headers.get("accept-encoding", ""):
        body = gzipped(body, level)
        headers["Content-Encoding"] = "gzip"
    headers["Content-Length"] = len(body)
    return headers, body


def gzipped(body: bytes, level: int) -> bytes:
    """The body as a gzip member."""
    packer = zlib.compressobj(level, zlib.DEFLATED, 31)
    return packer.compress(body) + packer.flush()


def retry_advice(method: str, status: int) -> Json:
    """``Stripe-Should-Retry``, by which Stripe's SDKs decide; none beside a rate limit.

    False for a 500 to a write: the idempotency key would repeat it (so say the SDKs' sources). The
    rest is inferred: true for 409 and other 5xx, false for what the request itself got wrong.
    """
    if status < 400 or status == 429:
        return {}
    hopeful = status == 409 or (status >= 500 and not (status == 500 and method == "POST"))
    return {"Stripe-Should-Retry": "true" if hopeful else "false"}
