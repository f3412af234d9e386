"""Clients that don't wait long, and a server that says what it is told to."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from stripe_source.api import limiter as limiter_module
from stripe_source.api import retries
from stripe_source.api.client import Client, Connection
from stripe_source.api.key import parse_key
from stripe_source.api.limiter import Limits
from stripe_source.simulator import Simulator, SimulatorConfig

KEY = "sk_test_51MadeUpKeyOfATest"
UNLIMITED = Limits(5_000.0, 5_000.0)
Connect = Callable[..., Client]


@dataclass
class Scripted:
    """A server that gives the scripted answers in turn, the last one for ever."""

    url: str
    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    requests: list[dict[str, str]] = field(default_factory=list)
    connections: int = 0

    def says(self, status: int, body: Any = b"{}", **headers: str) -> None:
        """Add an answer; headers are written with underscores."""
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers.append((status, named, text))

    def next_answer(self) -> tuple[int, dict[str, str], bytes]:
        """The answer to the request at hand."""
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def scripted() -> Iterator[Scripted]:
    """One such server, for as long as the generator is held."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one packet: two would wait for each other

        def setup(self) -> None:
            script.connections += 1
            super().setup()

        def do_GET(self) -> None:
            script.requests.append(dict(self.headers))
            status, headers, body = script.next_answer()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing: the tests look at the requests."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    script = Scripted(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield script
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def script() -> Iterator[Scripted]:
    """A scripted server."""
    yield from scripted()


@pytest.fixture
def elsewhere() -> Iterator[Scripted]:
    """Another scripted server."""
    yield from scripted()


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits of milliseconds in place of seconds."""
    monkeypatch.setattr(retries, "FIRST_WAIT", 0.001)
    monkeypatch.setattr(retries, "LONGEST_WAIT", 0.002)
    monkeypatch.setattr(limiter_module, "REST", 0.03)


@pytest.fixture(scope="module")
def sim() -> Iterator[Simulator]:
    """A small account for a module; tests that script faults use up what they script."""
    with Simulator(SimulatorConfig(seed=3, customers=8, years=1, fixtures=1)) as simulator:
        yield simulator


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Clients, closed when the test is over."""
    made: list[Client] = []

    def make(where: Simulator | Scripted, key: str | None = None, **settings: Any) -> Client:
        text = key or (where.api_key if isinstance(where, Simulator) else KEY)
        settings = {"limits": UNLIMITED, "timeout": 5.0} | settings
        made.append(Client(Connection(parse_key(text), where.url, **settings)))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def own() -> Iterator[Simulator]:
    """A tiny account of the test's own, to change and to break."""
    with Simulator(SimulatorConfig(seed=3, customers=2, years=0.2, fixtures=1)) as simulator:
        yield simulator
