"""The control address under ``/_sim/``: statistics, faults, time and a dump."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

if TYPE_CHECKING:
    from stripe_source.simulator.simulator import Simulator


def control_app(sim: Simulator) -> Starlette:
    """The application that serves ``/_sim/``."""

    async def stats(request: Request) -> Response:
        return answer(sim.stats.as_json())

    async def faults(request: Request) -> Response:
        given = orjson.loads(await request.body())
        sim.faults.extend(given if isinstance(given, list) else [given])
        return answer(sim.faults)

    async def advance(request: Request) -> Response:
        given = orjson.loads(await request.body())
        return answer({"now": sim.account.clock.advance(int(given["seconds"]))})

    async def dump(request: Request) -> Response:
        with sim.account.lock:
            paths = sorted(sim.account.collections)
            return answer({path: sim.account.objects(path) for path in paths})

    return Starlette(
        routes=[
            Route("/_sim/stats", stats),
            Route("/_sim/faults", faults, methods=["POST"]),
            Route("/_sim/advance", advance, methods=["POST"]),
            Route("/_sim/dump", dump),
        ]
    )


def answer(value: object) -> Response:
    """JSON, as the rest of the simulator writes it."""
    return Response(orjson.dumps(value), media_type="application/json")
