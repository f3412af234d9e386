"""What a page weighs and costs."""

from __future__ import annotations

import time
from statistics import median

import pytest

from stripe_source.simulator import Simulator
from stripe_source.simulator.api.answer import Api
from stripe_source.simulator.api.messages import Request

from .conftest import Wire

LISTS = ("invoices", "charges", "customers", "events", "subscriptions?status=all")


@pytest.mark.rule("8.1a")
@pytest.mark.parametrize("path", LISTS)
def test_a_page_is_joined_from_kept_bytes(sim: Simulator, path: str) -> None:
    """Once its rows were shown, a page of 100 costs less than 0.3 ms at best."""
    api = Api(sim.accounts, sim.keys, set())
    path, _, query = path.partition("?")
    headers = {"authorization": f"Bearer {sim.api_key}"}
    request = Request("GET", f"/v1/{path}", f"limit=100&{query}", headers)
    took = []
    for _ in range(50):
        before = time.perf_counter()
        assert api.respond(request).status == 200
        took.append(time.perf_counter() - before)
    assert min(took) < 0.0003


@pytest.mark.rule("8.1b")
@pytest.mark.parametrize(("path", "size"), [
    ("/v1/customers", 1600), ("/v1/subscriptions?status=all", 7000), ("/v1/invoices", 6000),
])  # fmt: skip
def test_objects_weigh_what_stripes_do(wire: Wire, path: str, size: int) -> None:
    """Half of the objects are bigger, half smaller than about what is seen at Stripe."""
    sign = "&" if "?" in path else "?"
    sizes = []
    for row in wire.all(path):
        page = wire.get(f"{path}{sign}limit=1&ending_before={row['id']}").data
        sizes.append(len(page))
    assert size / 1.5 < median(sizes) < size * 1.5


@pytest.mark.rule("8.1c", "1.1d")
def test_compression_can_be_off(own: Simulator, own_wire: Wire) -> None:
    """At level 0 nothing is compressed, whatever a request accepts; identity never is."""
    url, auth = own.url + "/v1/customers", {"Authorization": f"Bearer {own.api_key}"}
    for level, accepts, encoding in ((1, "gzip", "gzip"), (1, "identity", None), (0, "gzip", None)):
        own.config.gzip_level = level
        headers = auth | {"Accept-Encoding": accepts}
        answer = own_wire.pool.request("GET", url, headers=headers)
        assert answer.headers.get("Content-Encoding") == encoding
        assert answer.json()["object"] == "list"
