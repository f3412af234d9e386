"""uvicorn, in a thread of a test or in the foreground of the CLI."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

import uvicorn

from stripe_source.simulator.server.protocol import SimulatorProtocol

log = logging.getLogger(__name__)
Work: TypeAlias = Callable[[], Coroutine[Any, Any, None]]


class QuietServer(uvicorn.Server):
    """uvicorn's own signal handling ends the process by the signal; here it just ends.

    ``work`` runs beside the requests, in their event loop. ``closed`` is set when no connection is
    open any more but those with a request under way.
    """

    def __init__(self, config: uvicorn.Config, work: Work) -> None:
        super().__init__(config)
        self.work = work
        self.loop: asyncio.AbstractEventLoop | None = None
        self.ending = asyncio.Event()
        self.closed = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve, and to work."""
        self.loop = asyncio.get_running_loop()
        await super().startup(sockets)
        self.working = asyncio.create_task(self.work())
        self.working.add_done_callback(told)

    async def main_loop(self) -> None:
        """Wait for the end; uvicorn's own loop would look for it every tenth of a second."""
        if not await self.on_tick(0):
            await self.ending.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End both."""
        self.working.cancel()
        asyncio.get_running_loop().call_soon(self.closed.set)
        await super().shutdown(sockets)

    def end(self) -> None:
        """Have it end; from any thread, or from a signal."""
        self.should_exit = True
        if self.loop is not None:
            self.loop.call_soon_threadsafe(self.ending.set)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """SIGINT and SIGTERM stop the server, where this is the main thread."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {s: signal.signal(s, self._stop) for s in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stop(self, number: int, frame: Any) -> None:
        self.end()


def told(task: asyncio.Task[None]) -> None:
    """Say why the work beside the requests ended by itself."""
    if not task.cancelled() and task.exception() is not None:
        log.error("the account does not change any more", exc_info=task.exception())


def make_server(app: Any, work: Work) -> QuietServer:
    """A server without logs, lifespan or headers of its own."""
    config = uvicorn.Config(
        app,
        http=SimulatorProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        date_header=False,
        server_header=False,
        timeout_keep_alive=60,
        timeout_graceful_shutdown=1,
    )
    return QuietServer(config, work)


def listen(host: str, port: int) -> socket.socket:
    """A bound socket; port 0 finds a free one.

    The protocol is named because asyncio switches Nagle's algorithm off only for sockets that say
    TCP: without it every answer waits 40 ms for the client's delayed acknowledgement.
    """
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind((host, port))
    bound.listen(512)
    bound.setblocking(False)
    return bound


class BackgroundServer:
    """A server in a daemon thread."""

    def __init__(self, app: Any, work: Work, bound: socket.socket) -> None:
        self.server = make_server(app, work)
        self.bound = bound
        self.thread = threading.Thread(
            target=self.server.run, args=([bound],), name="stripe-simulator", daemon=True
        )

    def start(self) -> None:
        """Return once it accepts connections."""
        self.thread.start()
        deadline = time.monotonic() + 10
        while not self.server.started:
            if time.monotonic() > deadline or not self.thread.is_alive():
                raise RuntimeError("the simulator's server did not start")
            time.sleep(0.005)

    def stop(self) -> None:
        """Return once it takes no more requests; one that is under way has a second to end."""
        self.server.end()
        self.server.closed.wait(timeout=10)
        self.bound.close()
