"""Sessions that act on a simulated account over HTTP, with the real SDK."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from stripe_source.actions.outcome import Outcome
from stripe_source.actions.registry import action
from stripe_source.actions.session import Session, connect
from stripe_source.api import limiter, retries
from stripe_source.simulator import Simulator, SimulatorConfig
from tests.conftest import FAST

Made = Callable[..., Simulator]
Connect = Callable[..., Session]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits of milliseconds in place of seconds."""
    monkeypatch.setattr(retries, "FIRST_WAIT", 0.001)
    monkeypatch.setattr(retries, "LONGEST_WAIT", 0.01)
    monkeypatch.setattr(limiter, "REST", 0.03)


@pytest.fixture
def made() -> Iterator[Made]:
    """Small accounts of the test's own."""
    with ExitStack() as running:

        def make(**settings: Any) -> Simulator:
            size = {"seed": 3, "customers": 8, "years": 1, "fixtures": 1}
            return running.enter_context(Simulator(SimulatorConfig(**(size | settings))))

        yield make


@pytest.fixture
def connected() -> Iterator[Connect]:
    """Sessions with an account, which end with the test."""
    with ExitStack() as open_:

        def make(simulator: Simulator, key: str | None = None, **settings: Any) -> Session:
            options = {"api_base": simulator.url, **FAST} | settings
            return open_.enter_context(connect(key or simulator.api_key, **options))

        yield make


@pytest.fixture
def session(account: Simulator, connected: Connect) -> Session:
    """A session with a small account."""
    return connected(account)


def do(session: Session, name: str, **fields: Any) -> list[Outcome]:
    """Carry out an action by its name."""
    return action(name).of(fields).run(session)


def one(session: Session, name: str, **fields: Any) -> Outcome:
    """The same, of which there has to be one outcome."""
    (outcome,) = do(session, name, **fields)
    return outcome


def customers(simulator: Simulator) -> list[dict[str, Any]]:
    """All customers of an account as it has them, deleted ones not."""
    return list(simulator.account.objects("/v1/customers"))


def writes(simulator: Simulator) -> list[str]:
    """The requests that could have changed something."""
    log = simulator.stats.log
    return [f"{each['method']} {each['path']}" for each in log if each["method"] != "GET"]
