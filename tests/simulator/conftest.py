"""A simulator for a whole module, and clients that speak to it over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
import stripe
import urllib3

from stripe_source.simulator import Simulator, SimulatorConfig


class Wire:
    """Raw requests with a key, as a client without the SDK sends them."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim
        self.pool = urllib3.PoolManager(retries=False, timeout=5)

    def get(self, path: str, key: str | None = None, **headers: str) -> urllib3.BaseHTTPResponse:
        """GET a path with its query; headers are written with underscores."""
        named = {"Authorization": f"Bearer {key or self.sim.api_key}"}
        named |= {k.replace("_", "-"): v for k, v in headers.items()}
        return self.pool.request("GET", self.sim.url + path, headers=named, redirect=False)

    def post(
        self, path: str, form: dict[str, str] | None = None, key: str | None = None, **headers: str
    ) -> urllib3.BaseHTTPResponse:
        """POST a form; headers are written with underscores."""
        named = {"Authorization": f"Bearer {key or self.sim.api_key}"}
        named["Content-Type"] = "application/x-www-form-urlencoded"
        named |= {k.replace("_", "-"): v for k, v in headers.items()}
        body = urlencode(form or {})
        return self.pool.request("POST", self.sim.url + path, body=body, headers=named)

    def control(self, method: str, path: str, body: Any = None) -> urllib3.BaseHTTPResponse:
        """A request to the control address, with a JSON body."""
        return self.pool.request(method, f"{self.sim.url}/_sim/{path}", json=body)

    def ids(self, path: str) -> list[str]:
        """The ids of one page."""
        return [row["id"] for row in self.get(path).json()["data"]]

    def all(self, path: str, limit: int = 100) -> list[dict[str, Any]]:
        """Every row of a list, page by page."""
        rows: list[dict[str, Any]] = []
        sign = "&" if "?" in path else "?"
        cursor = ""
        while True:
            page = self.get(f"{path}{sign}limit={limit}{cursor}").json()
            rows += page["data"]
            if not page["has_more"]:
                return rows
            cursor = f"&starting_after={rows[-1]['id']}"


@pytest.fixture(scope="module")
def sim() -> Iterator[Simulator]:
    """A small business, shared by the tests of a module that only read."""
    with Simulator(SimulatorConfig(seed=3, customers=60, ties=12)) as made:
        yield made


@pytest.fixture
def own() -> Iterator[Simulator]:
    """A business of the test's own, to change and to break."""
    with Simulator(SimulatorConfig(seed=4, customers=12, years=0.5)) as made:
        yield made


@pytest.fixture
def wire(sim: Simulator) -> Wire:
    """Raw HTTP to the shared simulator."""
    return Wire(sim)


@pytest.fixture
def own_wire(own: Simulator) -> Wire:
    """Raw HTTP to the test's own simulator."""
    return Wire(own)


@pytest.fixture
def client(sim: Simulator) -> stripe.StripeClient:
    """The official SDK against the shared simulator."""
    return sdk(sim)


def sdk(sim: Simulator, key: str | None = None) -> stripe.StripeClient:
    """The official SDK against any simulator."""
    return stripe.StripeClient(key or sim.api_key, base_addresses={"api": sim.url})
