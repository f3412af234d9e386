"""The control address under ``/_sim/``, for tests and for people with a terminal.

| request | body | what it does |
| --- | --- | --- |
| `GET /_sim/stats` | | counters, reads beside Stripe's allocation, the last requests |
| `DELETE /_sim/stats` | | counts anew |
| `GET /_sim/faults` | | the faults with how often each was `seen` and `met` |
| `POST /_sim/faults` | a fault or a list | adds them (see `faults`) |
| `PUT /_sim/faults` | a fault or a list | sets them in place of those before |
| `DELETE /_sim/faults` | | clears them |
| `POST /_sim/advance` | `{"seconds": 86400}` | all accounts' time goes on; what is due happens |
| `POST /_sim/mutate` | `{"count": 10}` | lets so many things happen in the account |
| `GET /_sim/keys` | | the keys with what each may do |
| `POST /_sim/keys` | `{"add": "rk_test_a", "permissions": [...]}` | lets a key in |
| `POST /_sim/keys` | `{"revoke": "rk_test_a"}`, `{"expire": ...}` | 401 from now on |
| `GET /_sim/config` | | the configuration |
| `POST /_sim/config` | `{"latency_ms": [100, 400]}` | turns knobs (see `SimulatorConfig`) |
| `GET /_sim/accounts` | | the ids, the platform's first |
| `GET /_sim/dump` | | every object of the account, by path |

Everything answers JSON. `?account=acct_...` names a connected account where one is meant; without
it the platform's is. What can't be meant is a 400 with one line of text.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from stripe_source.simulator.api.bounds import LAST_TIME
from stripe_source.simulator.server import knobs
from stripe_source.simulator.server.script import FaultError
from stripe_source.simulator.server.served import Served

if TYPE_CHECKING:
    from stripe_source.simulator.simulator import Simulator


MOST_CHANGES = 1_000_000
"""At a time: nothing else is answered meanwhile."""


class BadInput(ValueError):
    """What was asked can't be meant; the message is one line."""


def control_app(sim: Simulator) -> Starlette:
    """The application that serves ``/_sim/``."""
    control = Control(sim)
    routes = [
        Route(f"/_sim/{name}", answering(getattr(control, name)), methods=methods)
        for name, methods in METHODS.items()
    ]
    return Starlette(routes=routes)


METHODS = {
    "stats": ["GET", "DELETE"],
    "faults": ["GET", "POST", "PUT", "DELETE"],
    "advance": ["POST"],
    "mutate": ["POST"],
    "keys": ["GET", "POST"],
    "config": ["GET", "POST"],
    "accounts": ["GET"],
    "dump": ["GET"],
}


def answering(
    handler: Callable[[Request, Any], Any],
) -> Callable[[Request], Awaitable[Response]]:
    """A handler of the request and its JSON body, with its result as JSON or its 400."""

    async def answer(request: Request) -> Response:
        try:
            body = await request.body()
            given = orjson.loads(body) if request.method in ("POST", "PUT") else None
            return Response(orjson.dumps(handler(request, given)), media_type="application/json")
        except orjson.JSONDecodeError as error:
            return PlainTextResponse(f"the body is no JSON: {error}\n", 400)
        except (BadInput, FaultError, knobs.KnobError) as error:
            return PlainTextResponse(f"{error}\n", 400)

    return answer


class Control:
    """One method an address."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim

    def stats(self, request: Request, given: Any) -> Any:
        """Counters."""
        served = self._served(request)
        if request.method == "DELETE":
            served.stats.reset()
        with served.account.lock:
            return served.stats.as_json(served.account)

    def faults(self, request: Request, given: Any) -> Any:
        """Scripted faults."""
        faults = self.sim.faults
        added = given if isinstance(given, list) else [given]
        if request.method == "POST":
            faults[len(faults) :] = added
        elif request.method == "PUT":
            faults[:] = added
        elif request.method == "DELETE":
            faults.clear()
        return list(faults)

    def advance(self, request: Request, given: Any) -> Any:
        """Time."""
        seconds = number(given, "seconds", LAST_TIME - self.sim.account.clock.now)
        return {"now": self.sim.advance(seconds)}

    def mutate(self, request: Request, given: Any) -> Any:
        """Changes."""
        count = number(given, "count", MOST_CHANGES)
        try:
            self.sim.mutate(count, self._served(request).account)
        except ValueError as nobody:
            raise BadInput(str(nobody)) from None
        return {"count": count}

    def keys(self, request: Request, given: Any) -> Any:
        """API keys."""
        keys = self.sim.keys.by_text
        if request.method == "POST":
            self._change_keys(given)
        return [
            {
                "key": key.text,
                "permissions": None if key.permissions is None else sorted(key.permissions),
                "revoked": key.revoked,
                "expired": key.expired,
            }
            for key in keys.values()
        ]

    def _change_keys(self, given: Any) -> None:
        actions = {"add", "revoke", "expire"} & set(given if isinstance(given, dict) else ())
        if len(actions) != 1 or set(given) - actions - {"permissions"}:
            raise BadInput("give one of add, revoke and expire, and permissions beside add")
        action = actions.pop()
        text, permissions = given[action], given.get("permissions")
        if not isinstance(text, str) or not text.startswith(("sk_", "rk_")):
            raise BadInput(f"{text!r} is no key: it begins with sk_ or rk_")
        if action == "add":
            if permissions is not None and not knobs.is_texts(permissions):
                raise BadInput("permissions is a list such as ['rak_customer_read']")
            self.sim.add_key(text, None if permissions is None else set(permissions))
        elif text not in self.sim.keys.by_text:
            raise BadInput(f"no such key: {text!r}")
        elif action == "revoke":
            self.sim.revoke_key(text)
        else:
            self.sim.expire_key(text)

    def config(self, request: Request, given: Any) -> Any:
        """Knobs."""
        config = self._served(request).account.config
        if request.method == "POST":
            knobs.change(config, given)
            if "disabled" in given:
                self.sim.disabled.clear()
                self.sim.disabled.update(config.disabled)
        return knobs.as_json(config)

    def accounts(self, request: Request, given: Any) -> Any:
        """Ids."""
        return list(self.sim.accounts)

    def dump(self, request: Request, given: Any) -> Any:
        """Every object."""
        account = self._served(request).account
        with account.lock:
            return {path: account.objects(path) for path in sorted(account.collections)}

    def _served(self, request: Request) -> Served:
        named = request.query_params.get("account", self.sim.account.id)
        if named not in self.sim.served:
            raise BadInput(f"no such account: {named!r}; there are {', '.join(self.sim.served)}")
        return self.sim.served[named]


def number(given: Any, name: str, most: int) -> int:
    """The one whole number of a body, from nought to ``most``."""
    value = given.get(name) if isinstance(given, dict) and set(given) == {name} else None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise BadInput(f'give {{"{name}": n}} with a whole number from 0 to {most}')
    return value
