"""Answers one request: who asks, of which account, in which version, and what.

Plain functions of request to response; the server beneath knows nothing of Stripe.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

import orjson

from stripe_source.simulator.api import query, reading, searching, writing
from stripe_source.simulator.api.errors import ApiError, not_enabled, unknown_url
from stripe_source.simulator.api.keys import Key, Keys, require
from stripe_source.simulator.api.messages import Request, Response
from stripe_source.simulator.api.routes import route
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.versions import resolve

log = logging.getLogger("stripe_source")

ECHOED = ("stripe-version", "stripe-account", "idempotency-key")


class Api:
    """The endpoints of a platform's account and of those connected to it."""

    def __init__(self, accounts: Mapping[str, Account], keys: Keys, disabled: set[str]) -> None:
        self.accounts = accounts
        self.own = next(iter(accounts.values()))
        self.keys = keys
        self.disabled = disabled

    def respond(self, request: Request) -> Response:
        """The answer, errors included."""
        account = self.own
        try:
            key = self.keys.check(request.headers.get("authorization"))
            account = self.account_of(request)
            with account.lock:
                account.catch_up()
                account.settle()
                answer = self._answer(account, key, request)
        except ApiError as error:
            answer = failed(error)
        except Exception:
            log.exception("%s %s failed", request.method, request.path)
            answer = failed(ApiError(500, "An unknown error occurred"))
        for name in ECHOED:
            if name in request.headers:
                answer.headers[name.title()] = request.headers[name]
        answer.headers.setdefault("Stripe-Version", account.config.api_version)
        return answer

    def account_of(self, request: Request) -> Account:
        """The account that the request is about."""
        named = self.keys.account_of(request.headers)
        found = self.accounts.get(named) if named else self.own
        if found is None:
            raise ApiError(
                403,
                f"The provided key does not have access to account '{named}' (or that account does "
                "not exist). Application access may have been revoked.",
                code="account_invalid",
            )
        return found

    def _answer(self, account: Account, key: Key, request: Request) -> Response:
        path, method = request.path, request.method
        version = resolve(request.headers.get("stripe-version"), account.config.api_version)
        if any(path.startswith(prefix) for prefix in self.disabled):
            raise not_enabled(path)
        singleton = account.registry.singletons.get(path)
        if method == "GET" and singleton is not None:
            one = singleton(account)
            if one["object"] != "account":  # any key may ask whose it is
                require(key, f"rak_{one['object'].replace('.', '_')}_read", account.id)
            return reading.shown(account, version, one, query.parse(request.query))
        if method in ("POST", "DELETE"):
            return writing.respond(account, version, key, request)
        found = route(account.registry, path) if method == "GET" else None
        if found is None:
            raise unknown_url(method, path)
        require(key, f"rak_{found.resource.noun.replace('.', '_')}_read", account.id)
        given = query.parse(request.query)
        if found.searched:
            return searching.respond(account, version, path, found.resource, given)
        return reading.respond(account, version, path, found, given)


def failed(error: ApiError) -> Response:
    """An error answer."""
    body = orjson.dumps(error.body(), option=orjson.OPT_INDENT_2) + b"\n"
    return Response(error.status, body, dict(error.headers), executed=error.executed)
