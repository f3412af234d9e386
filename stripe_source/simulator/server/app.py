"""The ASGI application: statistics, faults, limits and latency around the API's answers.

The hot path is plain ASGI: a framework's routing would cost as much as the page itself.
"""

from __future__ import annotations

import asyncio
import random
import zlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

import orjson

from stripe_source.simulator.api.answer import Api, Request, Response
from stripe_source.simulator.api.errors import ApiError
from stripe_source.simulator.api.routes import route
from stripe_source.simulator.server.faults import BODIES, ERRORS, due
from stripe_source.simulator.server.limits import Limits
from stripe_source.simulator.server.stats import Stats
from stripe_source.simulator.types import Json

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Scope]]
Send: TypeAlias = Callable[[Scope], Awaitable[None]]
Asgi: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]


class StripeApp:
    """Serves one account."""

    def __init__(self, api: Api, stats: Stats, faults: list[Json], control: Asgi) -> None:
        self.api = api
        self.stats = stats
        self.faults = faults
        self.control = control
        self.config = api.account.config
        self.limits = Limits(self.config)
        self.random = random.Random(self.config.seed)
        self.served = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["path"].startswith("/_sim/"):
            await self.control(scope, receive, send)
            return
        request = await read(scope, receive)
        endpoint = self.endpoint(request.path)
        self.stats.enter(entry(request), endpoint)
        fault = due(self.faults, request.path) if self.faults else None
        answer = Response(0, b"")
        try:
            answer = await self.answer(request, endpoint, fault)
        finally:
            self.stats.leave(answer.status, answer.rows)
        await self.reply(scope, send, request, answer, fault)

    def endpoint(self, path: str) -> str:
        """The path with ids left out, for limits and statistics."""
        if path in self.api.account.registry.resources:
            return path
        found = route(self.api.account.registry, path)
        if found is None:
            return path
        return found.resource.path + ("/{id}" if found.identifier else "")

    async def answer(self, request: Request, endpoint: str, fault: Json | None) -> Response:
        """The API's answer, or what a limit or a fault puts in its place."""
        low, high = self.config.latency_ms
        if high:
            await asyncio.sleep(self.random.uniform(low, high) / 1000)
        kind = fault["kind"] if fault else None
        if fault and kind == "stall":
            await asyncio.sleep(fault.get("seconds", 30))
        if kind in ERRORS:
            return failed(ERRORS[str(kind)]())
        if kind in BODIES:
            status, body, content = BODIES[kind]
            return Response(status, body, {"Content-Type": content, "Location": "/v1/elsewhere"})
        try:
            self.limits.check(endpoint, self.stats.in_flight)
        except ApiError as error:
            return failed(error)
        return self.api.respond(request)

    async def reply(
        self, scope: Scope, send: Send, request: Request, answer: Response, fault: Json | None
    ) -> None:
        """Send the answer, or break the connection where the fault says so."""
        transport = scope["extensions"]["simulator.transport"]
        if fault and fault["kind"] == "reset":
            transport.abort()
            return
        headers, body = self.encoded(request, answer)
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        if fault and fault["kind"] == "truncate":
            half = body[: len(body) // 2]
            await send({"type": "http.response.body", "body": half, "more_body": True})
            transport.close()
            return
        await send({"type": "http.response.body", "body": body})

    def encoded(
        self, request: Request, answer: Response
    ) -> tuple[list[tuple[bytes, bytes]], bytes]:
        """Headers and body, compressed when asked for."""
        self.served += 1
        body = answer.body
        named = {
            "Date": self.api.account.clock.http_date(),
            "Content-Type": "application/json",
            "Request-Id": f"req_{self.served:014d}",
        } | answer.headers
        if "gzip" in request.headers.get("accept-encoding", "") and self.config.gzip_level:
            body = gzipped(body, self.config.gzip_level)
            named["Content-Encoding"] = "gzip"
        named["Content-Length"] = str(len(body))
        return [(k.lower().encode(), v.encode()) for k, v in named.items()], body


def gzipped(body: bytes, level: int) -> bytes:
    """The body as a gzip member."""
    packer = zlib.compressobj(level, zlib.DEFLATED, 31)
    return packer.compress(body) + packer.flush()


def failed(error: ApiError) -> Response:
    """An error answer."""
    body = orjson.dumps(error.body(), option=orjson.OPT_INDENT_2) + b"\n"
    return Response(error.status, body, dict(error.headers))


async def read(scope: Scope, receive: Receive) -> Request:
    """The whole request."""
    body = b""
    if scope["method"] != "GET":
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
    headers = {k.decode(): v.decode("latin-1") for k, v in scope["headers"]}
    path = scope["raw_path"].decode().partition("?")[0]
    return Request(scope["method"], path, scope["query_string"].decode(), headers, body)


def entry(request: Request) -> Json:
    """A request for the log; the key stays out of it."""
    shown = {k: v for k, v in request.headers.items() if k != "authorization"}
    return {"method": request.method, "path": request.path, "query": request.query,
            "headers": shown}  # fmt: skip
