"""Says over HTTP, on this machine, whether a watch is healthy: 200, or 503 with the reasons."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson

from stripe_source.errors import UsageError

PATH = "/health"
LOOPBACK = "127.0.0.1"
LONGEST = 3_600.0  # seconds that a round may take; the first may take as long as it needs


class Health:
    """How the rounds of a watch go. Safe for threads."""

    def __init__(self, longest: float = LONGEST) -> None:
        self._longest = longest
        self._lock = threading.Lock()
        self._rounds = 0  # that have ended
        self._began: float | None = None
        self._ended_at: datetime | None = None
        self._good_at: datetime | None = None
        self._trouble: list[str] = []

    def begin(self) -> None:
        """A round begins."""
        with self._lock:
            self._began = time.monotonic()

    def end(self, trouble: Sequence[str]) -> None:
        """It has ended, with this or no trouble."""
        with self._lock:
            self._rounds, self._began, self._trouble = self._rounds + 1, None, list(trouble)
            self._ended_at = datetime.now(UTC)
            if not trouble:
                self._good_at = self._ended_at

    @property
    def trouble(self) -> list[str]:
        """Why it is not healthy, if it is not."""
        with self._lock:
            found = list(self._trouble)
            running = 0.0 if self._began is None else time.monotonic() - self._began
            if self._rounds and running > self._longest:
                found.append(f"round {self._rounds + 1} has been running for {running:,.0f} s")
            return found

    def told(self) -> dict[str, Any]:
        """As JSON."""
        trouble = self.trouble
        with self._lock:
            state = "starting" if self._ended_at is None else "healthy"
            return {
                "status": "unhealthy" if trouble else state,
                "why": trouble,
                "rounds": self._rounds,
                "last_round_at": self._ended_at,
                "last_good_round_at": self._good_at,
            }


@contextmanager
def served(health: Health, port: int) -> Iterator[str]:
    """Serve it on a port of this machine, 0 for any that is free; gives the address.

    Raises UsageError where the port is taken.
    """

    class Handler(BaseHTTPRequestHandler):
        """Answers GET and HEAD of one path."""

        timeout = 10.0  # seconds, of a client that does not go on

        def do_GET(self) -> None:
            """Say how it is."""
            if self.path.partition("?")[0] != PATH:
                self.send_error(404)
                return
            told = health.told()
            body = orjson.dumps(told)
            self.send_response(503 if told["why"] else 200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        do_HEAD = do_GET  # noqa: N815 - its name

        def log_message(self, *_: object) -> None:
            """Whoever asks every few seconds needs no log of it."""

    class Server(ThreadingHTTPServer):
        """One that says nothing of clients that go away."""

        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """It is theirs."""

    try:
        server = Server((LOOPBACK, port), Handler)
    except OSError as failure:
        raise UsageError(f"port {port} can't be had: {failure.strerror}") from None
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://{LOOPBACK}:{server.server_port}{PATH}"
    finally:
        server.shutdown()
        server.server_close()
