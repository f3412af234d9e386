"""The ASGI application: statistics, faults, limits, latency and keys around the API's answers.

The hot path is plain ASGI: a framework's routing would cost as much as the page itself.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from stripe_source.simulator.api.answer import ECHOED, Api, failed
from stripe_source.simulator.api.errors import ApiError
from stripe_source.simulator.api.messages import Request, Response
from stripe_source.simulator.server.endpoints import endpoint_of, object_written
from stripe_source.simulator.server.faults import Faults
from stripe_source.simulator.server.latency import seconds_for
from stripe_source.simulator.server.outcomes import Call, deletion, executes, outcome, replaces
from stripe_source.simulator.server.served import Served
from stripe_source.simulator.server.wire import Scope, Send, encoded, reply, retry_advice
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.types import Json

Receive: TypeAlias = Callable[[], Awaitable[Scope]]
Asgi: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]


class StripeApp:
    """Serves a platform's account, the first of ``served``, and those connected to it."""

    def __init__(
        self,
        api: Api,
        served: Mapping[str, Served],
        faults: Faults,
        control: Asgi,
        mutate: Callable[[int, Account], None],
    ) -> None:
        self.api = api
        self.served = served
        self.own = next(iter(served.values()))
        self.faults = faults
        self.control = control
        self.mutate = mutate
        self.config = self.own.account.config
        self.random = random.Random(self.config.seed)
        self.count = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["path"].startswith("/_sim/"):
            await self.control(scope, receive, send)
            return
        self.count += 1
        request = await read(scope, receive, f"req_{self.count:014d}")
        if request is None:
            return
        served = self.served.get(self.api.keys.account_of(request.headers) or "", self.own)
        account = served.account
        endpoint, noun = endpoint_of(account.registry, request)
        call = Call(request, account.id, endpoint, noun)
        served.stats.enter(entry(request), endpoint, account.clock.now)
        fault = self.faults.due(request, account.id) if self.faults else None
        answer = Response(0, b"")
        try:
            answer = await self.answer(call, served, fault)
        finally:
            reason = answer.headers.get("Stripe-Rate-Limited-Reason")
            served.stats.leave(answer.status, answer.rows, reason)
        named = self.headers(call, served, answer)
        headers, body = encoded(request, answer, named, self.config.gzip_level, fault)
        await reply(scope, send, headers, body, fault)

    async def answer(self, call: Call, served: Served, fault: Json | None) -> Response:
        """The API's answer, or what a limit or a fault puts in its place."""
        if fault and fault["kind"] == "stall":
            await asyncio.sleep(fault.get("seconds", 30))
        if fault and not executes(fault) and fault["kind"] != "500":
            await self.wait(call)
            return outcome(fault, call) if replaces(fault) else Response(0, b"")
        try:
            with served.limits.admitted(call.endpoint, object_written(call.request, call.endpoint)):
                return await self.admitted(call, served, fault)
        except ApiError as error:
            return failed(error)

    async def admitted(self, call: Call, served: Served, fault: Json | None) -> Response:
        """The same within the limits: from the first request with its idempotency key, if any."""
        key = call.request.headers.get("idempotency-key")
        if not key or call.request.method != "POST":
            await self.wait(call)
            return self.run(call, served, fault)[1]
        self.api.keys.check(call.request.headers.get("authorization"))
        kept = served.idempotency.begin(key, call.request)
        if kept is not None:
            return kept
        made = None
        try:
            await self.wait(call)
            made, answer = self.run(call, served, fault)
        finally:
            served.idempotency.finish(key, made if made and made.executed else None)
        answer.headers.setdefault("Original-Request", call.request.id)
        return answer

    def run(self, call: Call, served: Served, fault: Json | None) -> tuple[Response, Response]:
        """What the endpoint answers, and what the client gets; a 500 is the endpoint's own."""
        if fault and fault["kind"] == "changes":
            self.mutate(fault.get("count", 1), served.account)
        elif fault and fault["kind"] == "cursor_deleted":
            gone = deletion(call)
            if gone is not None:
                self.api.respond(gone)
        if fault and fault["kind"] == "500":
            if executes(fault):
                self.api.respond(call.request)
            failure = outcome(fault, call)
            return failure, failure
        made = self.api.respond(call.request)
        return made, outcome(fault, call) if fault and replaces(fault) else made

    async def wait(self, call: Call) -> None:
        """As long as an answer takes."""
        listed = not call.endpoint.endswith("}")
        seconds = seconds_for(call.request, self.config, self.random, listed=listed)
        if seconds:
            await asyncio.sleep(seconds)

    def headers(self, call: Call, served: Served, answer: Response) -> Json:
        """Stripe's own headers, which a proxy's page of HTML does not have."""
        named: Json = {"Date": served.account.clock.http_date()}
        if answer.headers.get("Content-Type") == "text/html":
            return named
        named["Request-Id"] = call.request.id
        named["Stripe-Version"] = served.account.config.api_version
        given = call.request.headers
        named |= {name.title(): given[name] for name in ECHOED if name in given}
        return named | retry_advice(call.request.method, answer.status)


async def read(scope: Scope, receive: Receive, request_id: str) -> Request | None:
    """The whole request, None where the client went away in mid-body.

    ``Stripe-Context`` names an account as ``Stripe-Account`` does.
    """
    body = b""
    if scope["method"] != "GET":
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            body += message.get("body", b"")
            more = message.get("more_body", False)
    headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]}
    if "stripe-context" in headers:
        headers.setdefault("stripe-account", headers["stripe-context"].rpartition("/")[2])
    path = scope["raw_path"].decode("latin-1").partition("?")[0]
    query = scope["query_string"].decode("latin-1")
    return Request(scope["method"], path, query, headers, body, request_id)


def entry(request: Request) -> Json:
    """A request for the log; the key stays out of it."""
    shown = {k: v for k, v in request.headers.items() if k != "authorization"}
    return {"method": request.method, "path": request.path, "query": request.query,
            "headers": shown}  # fmt: skip
